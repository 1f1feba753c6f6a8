"""Facebook: what people write on our Page and where they tag it; replies by API."""

from channels.facebook.manifest import MANIFEST

__all__ = ["MANIFEST"]
