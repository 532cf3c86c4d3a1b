"""Sound to facts: what was said, by whom, in what voice, with what in the background."""
