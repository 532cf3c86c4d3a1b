"""Measures everything that is claimed of the product and writes it down: `make quality`.

Each part measures one thing and leaves one JSON file of results in docs/quality/; `render` makes docs/QUALITY.md and its
pictures of these files alone, so that no figure there was typed by hand.
"""
