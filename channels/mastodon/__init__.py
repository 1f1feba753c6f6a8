"""Mastodon and the servers that speak its API: hashtags, mentions, search; replies by API."""

from channels.mastodon.manifest import MANIFEST

__all__ = ["MANIFEST"]
