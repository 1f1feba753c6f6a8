"""The rules of the reply contract, one family per file, and their words, one plain file per language."""
