"""Trains the role model and prints, with sides hidden, how often the agent is found.

python -m training.roles --calls ../shared/calls [--write]
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from audio.facts import Turn
from monitor.encoder import UseEncoder
from monitor.roles import WEIGHTS, RoleModel, agent_evidence, infer_roles
from training.calls import Call, load_calls
from training.table import as_turns

FOLDS = 5
INVERSE_PENALTY = 10.0
STRETCHES = (
    ("first 3 turns", 0, 3),
    ("first 5 turns", 0, 5),
    ("first 10 turns", 0, 10),
    ("turns 6 to 15", 5, 10),
    ("all turns", 0, 999),
)
"""Name, first turn and length of what is heard when roles are inferred."""


def fit(calls: list[Call], encoder: UseEncoder) -> RoleModel:
    """Logistic regression of the role on the meaning of a turn."""
    turns = [turn for call in calls for turn in call.turns]
    logistic = LogisticRegression(C=INVERSE_PENALTY, max_iter=500).fit(
        encoder.encode([turn.text for turn in turns]), [turn.speaker == "agent" for turn in turns]
    )
    return RoleModel(logistic.coef_[0].astype(np.float32), float(logistic.intercept_[0]), 1.0)


def _gap(turns: list[Turn], encoder: UseEncoder, model: RoleModel) -> float:
    evidence = agent_evidence(turns, encoder, model)
    return evidence.get("agent", 0.0) - evidence.get("customer", 0.0)


def pieces_of(call: Call) -> list[list[Turn]]:
    """Stretches in which both sides speak: from the start, and from the middle, of several lengths."""
    turns = as_turns(call)
    middle = len(turns) // 2
    return [turns[start : start + length] for start in (0, middle) for length in (3, 5, 10, 99)]


def scale_of(gaps: np.ndarray) -> float:
    """The factor that makes evidence from unseen calls calibrated log odds (least log loss)."""
    loss = minimize_scalar(lambda scale: np.logaddexp(0, -scale * gaps).mean(), bounds=(0.01, 2), method="bounded")
    return float(loss.x)


def print_figures(
    name: str, start: int, length: int, calls: list[Call], by_call: dict[str, RoleModel], encoder: UseEncoder
) -> None:
    """How often the agent is found among two sides, and a side alone is known for what it is."""
    found, confidence, alone = [], [], []
    for call in calls:
        turns = as_turns(call)[start : start + length]
        side, sure = infer_roles(turns, encoder, model=by_call[call.call_id])
        found.append(side == "agent")
        confidence.append(sure)
        for role in ("agent", "customer"):
            only, _ = infer_roles(
                [turn for turn in turns if turn.speaker == role], encoder, model=by_call[call.call_id]
            )
            alone.append((only is not None) == (role == "agent"))
    print(
        f"{name:18s} agent found {np.mean(found):.3f} (mean confidence {np.mean(confidence):.3f}), "
        f"one side alone {np.mean(alone):.3f}"
    )


def main() -> None:
    """Parses the arguments, cross-validates, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--write", action="store_true", help=f"train on all calls and write {WEIGHTS.name}")
    options = parser.parse_args()
    calls, encoder = load_calls(options.calls), UseEncoder()
    by_call: dict[str, RoleModel] = {}
    for train, test in GroupKFold(FOLDS).split(calls, groups=[call.call_id for call in calls]):
        model = fit([calls[i] for i in train], encoder)
        by_call.update({calls[i].call_id: model for i in test})
    gaps = [_gap(piece, encoder, by_call[call.call_id]) for call in calls for piece in pieces_of(call)]
    scale = scale_of(np.array(gaps))
    print(f"evidence is scaled by {scale:.2f}")
    by_call = {call_id: replace(model, temper=scale) for call_id, model in by_call.items()}
    for name, start, length in STRETCHES:
        print_figures(name, start, length, calls, by_call, encoder)
    if options.write:
        replace(fit(calls, encoder), temper=scale).save()


if __name__ == "__main__":
    main()
