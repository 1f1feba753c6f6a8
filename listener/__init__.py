"""Hears: decides when to poll, what matches, what is new, and stores page by page."""
