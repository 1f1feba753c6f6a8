"""GitHub: issues, pull requests, discussions and their comments; replies by API."""

from channels.github.manifest import MANIFEST

__all__ = ["MANIFEST"]
