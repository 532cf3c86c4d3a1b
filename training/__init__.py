"""Trains and measures what ships; nothing of the product imports from here."""
