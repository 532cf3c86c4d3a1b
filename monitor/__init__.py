"""Facts to findings: what the turns do, how frustration moves, and the moments in which a customer was not heard."""
