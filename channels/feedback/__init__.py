"""Feedback: what people tell a brand on its own page, in private; answered by mail, by hand."""

from channels.feedback.manifest import MANIFEST

__all__ = ["MANIFEST"]
