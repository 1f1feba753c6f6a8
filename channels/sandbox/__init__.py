"""Sandbox: a small network on this machine, to try everything without an account."""

from channels.sandbox.manifest import MANIFEST

__all__ = ["MANIFEST"]
