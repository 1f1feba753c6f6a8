"""Threads: mentions of our account, keyword search; replies in two steps."""

from channels.threads.manifest import MANIFEST

__all__ = ["MANIFEST"]
