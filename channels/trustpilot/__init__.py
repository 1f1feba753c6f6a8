"""Trustpilot: reviews of our business units, answered by API."""

from channels.trustpilot.manifest import MANIFEST

__all__ = ["MANIFEST"]
