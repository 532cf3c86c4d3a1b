"""How alike two sentences must be to mean the same: from the cosine of their vectors to a word and a probability.

`similarity.toml` beside this file holds what `training/rule_similarity.py` found: the cosines of the three words, and
a logistic regression that says how likely a turn at some cosine really means what the examples mean.
"""

import math
import tomllib
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any


def threshold(knob: str | float) -> float:
    """The cosine from which sentences count as alike, for "loose", "normal", "strict" or a cosine itself."""
    return float(_scale()["cosine"][knob]) if isinstance(knob, str) else knob


def probability(cosine: float) -> float:
    """How likely it is that a turn whose likest sentence has this cosine means the same as the examples, 0 to 1."""
    scale = _scale()["probability"]
    return 1.0 / (1.0 + math.exp(-(scale["bias"] + scale["slope"] * cosine)))


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Short hash of the scale, for the provenance of a report."""
    return sha256(_text().encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def _scale() -> dict[str, Any]:
    return tomllib.loads(_text())


def _text() -> str:
    return files(__package__).joinpath("similarity.toml").read_text(encoding="utf-8")
