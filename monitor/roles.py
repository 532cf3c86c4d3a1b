"""Finds out who is the agent from what is said: each side's turns are scored for how like an agent's they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.errors import ModelMissing
from audio.facts import Turn
from monitor.ports import SentenceEncoder

WEIGHTS = Path(__file__).with_name("roles.npz")
MIN_LETTERS = 3
"""Shorter turns ("OK", "嗯") say nothing about who speaks."""


@dataclass(frozen=True)
class RoleModel:
    """Log odds that a turn is an agent's: weight of shape (dimension,) and bias.

    `temper` scales the sum of a side's log odds to a calibrated one: the turns of a side are not independent. Who
    speaks first is left out on purpose: in outbound calls it is the customer.
    """

    weight: NDArray[np.float32]
    bias: float
    temper: float

    def save(self, path: Path = WEIGHTS) -> None:
        numbers = np.array([self.bias, self.temper], dtype=np.float32)
        np.savez_compressed(path, allow_pickle=False, weight=self.weight, numbers=numbers)

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "RoleModel":
        """The model from a file written by `save`.

        Raises:
            ModelMissing: there is no such file, or it holds something else.
        """
        try:
            with np.load(path) as arrays:
                return cls(arrays["weight"], *map(float, arrays["numbers"]))
        except (OSError, KeyError, ValueError) as error:
            raise ModelMissing(f"{path} does not hold the weights of the role model: install heard again") from error


def infer_roles(
    turns: Sequence[Turn], encoder: SentenceEncoder, *, model: RoleModel | None = None
) -> tuple[str | None, float]:
    """The side that the agent is on, and the probability that this is right (0.5 to 1).

    Args:
        turns: what was said, in time order; `speaker` holds the side.
        encoder: gives the meaning of a turn.
        model: what agents' turns are like; the package's own weights by default.

    Returns:
        (side, confidence); the side is None where the only side heard is the customer, or nothing was said at all.
    """
    if not turns:
        return None, 0.5
    model = model or RoleModel.load()
    evidence = agent_evidence(turns, encoder, model)
    if len(evidence) == 1:
        (side, odds), *_ = evidence.items()
        confidence = _sigmoid(model.temper * abs(odds))
        return (side if odds > 0 else None), confidence
    likely = max(evidence, key=lambda side: evidence[side])
    others = max(odds for side, odds in evidence.items() if side != likely)
    return likely, _sigmoid(model.temper * (evidence[likely] - others))


def agent_evidence(turns: Sequence[Turn], encoder: SentenceEncoder, model: RoleModel) -> dict[str, float]:
    """Sum over each side's turns of the log odds that an agent would say them."""
    evidence = dict.fromkeys((turn.speaker for turn in turns), 0.0)
    spoken = [turn for turn in turns if sum(character.isalpha() for character in turn.text) >= MIN_LETTERS]
    if not spoken:
        return evidence
    odds = encoder.encode([turn.text for turn in spoken]) @ model.weight + model.bias
    for turn, turn_odds in zip(spoken, odds.tolist(), strict=True):
        evidence[turn.speaker] += turn_odds
    return evidence


def _sigmoid(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))
