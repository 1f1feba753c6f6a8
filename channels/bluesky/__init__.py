"""Bluesky: the stream of all posts, notifications, search; replies by API to those who addressed us."""

from channels.bluesky.manifest import MANIFEST

__all__ = ["MANIFEST"]
