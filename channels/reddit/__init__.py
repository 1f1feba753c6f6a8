"""Reddit: comments of listed subreddits, submissions, searches, our inbox; replies by API where we may."""

from channels.reddit.manifest import MANIFEST

__all__ = ["MANIFEST"]
