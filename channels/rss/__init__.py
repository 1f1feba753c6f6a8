"""RSS and Atom: any feed, read by conditional GET, answered by hand."""

from channels.rss.manifest import MANIFEST

__all__ = ["MANIFEST"]
