"""Apple's App Store: reviews from the public feed without a key, or from App Store Connect with answers by API."""

from channels.appstore.manifest import MANIFEST

__all__ = ["MANIFEST"]
