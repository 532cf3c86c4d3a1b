"""How frustrated the customer is over time, and what moved the level."""

from monitor.frustration.filter import FrustrationFilter

__all__ = ["FrustrationFilter"]
