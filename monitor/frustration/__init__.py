"""How frustrated the customer is over time, and what moved the level."""
