"""How well labelled calls are judged: what was found in them against what their labellers heard."""
