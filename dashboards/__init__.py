"""Screens for reviewers and managers. They read the store alone."""
