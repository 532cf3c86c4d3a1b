"""Hearing a call that is still going on: sound that grows, where speech ends, words and turns as they settle."""
