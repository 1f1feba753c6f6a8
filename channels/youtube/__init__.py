"""YouTube: comments of our own channel and of watched videos; replies by API."""

from channels.youtube.manifest import MANIFEST

__all__ = ["MANIFEST"]
