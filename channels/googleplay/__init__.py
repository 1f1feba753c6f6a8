"""Google Play: reviews of our apps, answered by API."""

from channels.googleplay.manifest import MANIFEST

__all__ = ["MANIFEST"]
