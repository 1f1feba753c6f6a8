"""Typed settings, read once at start; secrets never print."""
