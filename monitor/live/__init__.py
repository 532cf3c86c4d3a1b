"""Calls that are heard while they happen: what comes in, what is found, and who is told."""
