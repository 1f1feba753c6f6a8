"""Replay: a JSON-lines file heard as a network; answers go to the sandbox network."""

from channels.replay.manifest import MANIFEST

__all__ = ["MANIFEST"]
