"""Moments: openings for empathy or plain good service, and what became of them. One file a kind; see `catalogue`."""
