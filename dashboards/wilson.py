"""Shares of small counts, with the interval that they allow."""

from math import sqrt

Z_95 = 1.959964


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The interval that holds the true share with 95 % confidence; (0, 1) where there were no trials.

    Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212): unlike the usual one it is right for small counts, and
    for shares near 0 and 1.
    """
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
