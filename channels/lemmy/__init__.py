"""Lemmy: link forums that federate, each instance at its own address, read and answered through its API."""

from channels.lemmy.manifest import MANIFEST

__all__ = ["MANIFEST"]
