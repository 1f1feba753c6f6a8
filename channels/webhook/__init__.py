"""Webhook: posts that another program pushes to us, as signed JSON; answered by hand."""

from channels.webhook.manifest import MANIFEST

__all__ = ["MANIFEST"]
