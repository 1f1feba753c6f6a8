"""Ways to write a draft, one file each."""
