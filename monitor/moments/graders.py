"""Learned graders: logistic regressions over a handful of named features, stored as JSON one can read.

    p = 1 / (1 + exp(-(bias + sum of weight * feature)))

Each kind of moment has an `opening` grader (is this really an opening?) and, where something can meet it, a `response`
grader (does this turn meet it?). `training/moments.py` fits them on labelled calls.
"""

import json
import math
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from audio.facts import Fact

Features = dict[str, float]
"""What a grader looks at, by name; a feature that a grader has no weight for is ignored."""


class Grader(Fact):
    """One logistic regression."""

    bias: float
    weights: dict[str, float]

    def probability(self, features: Features) -> float:
        """How likely it is, 0 to 1."""
        score = self.bias
        for name, weight in self.weights.items():
            score += weight * features.get(name, 0.0)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


class KindGraders(Fact):
    """The graders of one kind."""

    opening: Grader
    response: Grader | None = None


Graders = dict[str, KindGraders]


@lru_cache(maxsize=1)
def shipped() -> Graders:
    """The graders that come with the package."""
    return {kind: KindGraders(**parts) for kind, parts in json.loads(_text()).items()}


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Short hash of the shipped graders and hints, for the provenance of a report."""
    hints = files(__package__).joinpath("hints.npz").read_bytes()
    return sha256(_text().encode() + hints).hexdigest()[:12]


def _text() -> str:
    return files(__package__).joinpath("graders.json").read_text(encoding="utf-8")
