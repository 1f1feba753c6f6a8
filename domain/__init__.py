"""The words and rules of the trade. Imports nothing of ours and does no I/O."""
