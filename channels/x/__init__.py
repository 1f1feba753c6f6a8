"""X: recent search, mentions and the filtered stream; replies by API to those who summoned us."""

from channels.x.manifest import MANIFEST

__all__ = ["MANIFEST"]
