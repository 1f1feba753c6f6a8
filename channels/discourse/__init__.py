"""Discourse: forums, each at its own address, read and answered through their API."""

from channels.discourse.manifest import MANIFEST

__all__ = ["MANIFEST"]
