"""The call at a glance: how it ended, whether the customer was won back, what the contact was worth, what it cost her."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.moments.scene import Scene
from monitor.records import STANDALONE_KINDS, ContactValue, FrustrationPoint, Moment, Outcome, Summary

RECOVERED_PEAK = 0.6
RECOVERED_DROP = 0.3
"""MOMENTS: frustration peaked at 0.6 or more and ended at least 0.3 below its peak, with the issue resolved."""

_CUSTOMER_ENDS = (
    "confirms",
    "thanks",
    "rejects",
    "voices_frustration",
    "threatens_to_leave",
    "asks_for_supervisor",
)
_AGENT_ENDS = (
    "takes_ownership",
    "checks_resolution",
    "refuses",
    "cites_policy",
    "lacks_authority",
    "moves_to_close",
    "offers_alternative",
    "announces_hold",
    "explains_cause",
    "assures_future",
    "returns_with_news",
)


def summarize(scene: Scene, points: Sequence[FrustrationPoint], moments: Sequence[Moment]) -> Summary:
    """Sums up a call, or as much of it as was heard."""
    levels = [point.level for point in points]
    peak, end = (max(levels), levels[-1]) if levels else (0.0, 0.0)
    outcome = judge_outcome(scene)
    missed = [moment for moment in moments if moment.verdict == "missed"]
    met = [m for m in moments if m.verdict != "missed" and m.kind not in STANDALONE_KINDS]
    answered = len(met) + len(missed)
    return Summary(
        outcome=outcome,
        recovered=peak >= RECOVERED_PEAK and end <= peak - RECOVERED_DROP and outcome == "resolved",
        contact_value=judge_contact_value(scene),
        peak_frustration=peak,
        end_frustration=end,
        critical_missed=sum(moment.severity == "critical" for moment in missed),
        minor_missed=sum(moment.severity == "minor" for moment in missed),
        handled=sum(moment.verdict == "handled" for moment in moments),
        empathy_rate=sum(m.verdict == "handled" for m in met) / answered if answered else None,
        effort=effort(scene, moments),
    )


def judge_outcome(scene: Scene) -> Outcome:
    """How the call ended, from the last turns of both sides: the likeliest by a learned linear model."""
    features = outcome_features(scene)
    weights = _weights()
    scores = weights["outcome_biases"] + weights["outcome_weights"] @ np.array([features[n] for n in sorted(features)])
    return str(weights["outcome_answers"][int(np.argmax(scores))])  # type: ignore[return-value]


def judge_contact_value(scene: Scene) -> ContactValue:
    """What the contact was worth (Price and Jaffe's value-irritant square), from what the call is about.

    Most calls are of the kind that should never have been necessary ("eliminate"), and that is also what is said where
    the meaning of the turns is not known.
    """
    weights = _weights()
    first = [turn.worth[0] for turn in scene.turns if not turn.agent and not turn.backchannel][:3]
    scores = weights["value_biases"]
    if first and first[0].size:
        scores = scores + np.mean(first, axis=0) + np.mean([turn.worth[1] for turn in scene.turns], axis=0)
    return str(weights["value_answers"][int(np.argmax(scores))])  # type: ignore[return-value]


def worth_of(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the meaning of a turn adds to each answer's score as one of the first turns, and as any turn, shape (2, n_answers).

    The scores are linear in the means of `value_features`, so that each turn's share is worked out once.
    """
    weights = _weights()["value_weights"]
    if 2 * len(vector) != weights.shape[1]:
        return np.zeros((2, 0), np.float32)
    return np.stack([weights[:, : len(vector)] @ vector, weights[:, len(vector) :] @ vector]).astype(np.float32)


def outcome_features(scene: Scene) -> dict[str, float]:
    """What the end of a call shows of its outcome, by name."""
    customer = [turn for turn in scene.turns if not turn.agent and not turn.backchannel]
    agent = [turn for turn in scene.turns if turn.agent and not turn.backchannel]
    levels = [turn.level for turn in customer] or [0.0]
    features = {
        "end": levels[-1],
        "mean": sum(levels) / len(levels),
        "drop": max(levels) - sum(levels[-2:]) / len(levels[-2:]),
    }
    for act in _CUSTOMER_ENDS:
        features[f"last_{act}"] = customer[-1].act(act) if customer else 0.0
        features[f"ends_{act}"] = max((turn.act(act) for turn in customer[-3:]), default=0.0)
    for act in _AGENT_ENDS:
        features[f"agent_ends_{act}"] = max((turn.act(act) for turn in agent[-4:]), default=0.0)
        features[f"agent_{act}"] = max((turn.act(act) for turn in agent), default=0.0)
    return features


def value_features(scene: Scene) -> NDArray[np.float32]:
    """What a call is about: the mean meaning of its first three customer turns and of all its turns."""
    vectors = [turn.vector for turn in scene.turns]
    first = [turn.vector for turn in scene.turns if not turn.agent and not turn.backchannel][:3]
    if not first:
        return np.zeros(0, dtype=np.float32)
    return np.concatenate([np.mean(first, axis=0), np.mean(vectors, axis=0)])


@lru_cache(maxsize=1)
def _weights() -> dict[str, NDArray[Any]]:
    """Linear models that `training/summary.py` fitted."""
    with files("monitor").joinpath("summary.npz").open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name] for name in arrays.files}


def effort(scene: Scene, moments: Sequence[Moment]) -> dict[str, int]:
    """What the call cost the customer: how often she had called before, was put on hold, handed on, or asked again."""
    customer = [turn for turn in scene.turns if not turn.agent]
    return {
        "repeat_contact": sum(turn.act("repeat_contact") >= 0.5 for turn in customer),
        "holds": sum(moment.kind == "unexplained_hold" for moment in moments),
        "transfers": sum(turn.act("asks_for_supervisor") >= 0.5 for turn in customer),
        "repeats": sum(turn.act("already_done") >= 0.5 for turn in customer),
    }
