"""Instagram: comments under our media, mentions and tags of our account; replies by API."""

from channels.instagram.manifest import MANIFEST

__all__ = ["MANIFEST"]
