"""What a turn does: acts, read by meaning."""
