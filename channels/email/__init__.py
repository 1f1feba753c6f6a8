"""A mailbox of the brand: mails read over IMAP are mentions that need an answer; answers leave over SMTP."""

from channels.email.manifest import MANIFEST

__all__ = ["MANIFEST"]
