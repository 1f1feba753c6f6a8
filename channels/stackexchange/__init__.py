"""Stack Exchange: its question-and-answer sites, heard with or without a key, answered by hand."""

from channels.stackexchange.manifest import MANIFEST

__all__ = ["MANIFEST"]
