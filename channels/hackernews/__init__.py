"""Hacker News: heard without a key, answered by hand."""

from channels.hackernews.manifest import MANIFEST

__all__ = ["MANIFEST"]
