"""Ways to tell a person. Each file sends one message to one contact and says what became of it."""
