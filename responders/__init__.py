"""The way out: drafts, checks, approval, sending. Nothing leaves without a live approval of exactly those bytes."""
