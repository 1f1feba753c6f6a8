"""The outbound door as the channel tests use it: it may reach this machine, and gives up quickly."""
