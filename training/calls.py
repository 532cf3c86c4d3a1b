"""Loads labelled calls for training and measuring, and keeps the clean test clean.

A labelled call is one JSON file, as MOMENTS describes it. Calls named in `held_back.txt` beside this file measure and
are never tuned on: they are loaded only by an evaluation that asks for them by name.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

HELD_BACK = Path(__file__).with_name("held_back.txt")


@dataclass(frozen=True)
class LabelledTurn:
    """A turn with what a labeller heard in it; times in seconds from the start of the call."""

    index: int
    speaker: str
    start_s: float
    end_s: float
    text: str
    acts: frozenset[str] | None
    """Names of the acts; None where the call carries no act labels."""
    level: int | None
    """Frustration, 0 (calm) to 4 (angry); None for agents and unlabelled turns."""


@dataclass(frozen=True)
class LabelledSound:
    """A background sound on the customer's side."""

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class LabelledMoment:
    """A moment that a reviewer would flag; `turn` is where the flag sits."""

    kind: str
    verdict: str
    severity: str
    turn: int
    why: str


@dataclass(frozen=True)
class Call:
    """One labelled call."""

    call_id: str
    language: str
    scenario: str
    turns: tuple[LabelledTurn, ...]
    sounds: tuple[LabelledSound, ...]
    moments: tuple[LabelledMoment, ...]
    outcome: str | None
    recovered: bool | None
    contact_value: str | None
    has_acts: bool = field(default=False)

    @property
    def duration_s(self) -> float:
        return max((turn.end_s for turn in self.turns), default=0.0)


def held_back_ids() -> frozenset[str]:
    """Ids of the calls of the clean test."""
    lines = (line.split("#")[0].strip() for line in HELD_BACK.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line)


def load_calls(folder: str | Path, *, held_back: bool = False) -> list[Call]:
    """The labelled calls of a folder, in order of their ids.

    Args:
        folder: where the `*.json` files lie.
        held_back: False gives every call but those of the clean test, True gives those of the clean test alone.

    Raises:
        FileNotFoundError: the folder holds no labelled call.
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise FileNotFoundError(f"no labelled calls (*.json) in {folder}")
    kept = held_back_ids()
    return [load_call(path) for path in paths if (path.stem in kept) == held_back]


def load_call(path: Path) -> Call:
    """One labelled call from its JSON file."""
    record = json.loads(path.read_text(encoding="utf-8"))
    truth = record.get("truth", {})
    levels = {point["turn"]: int(point["level"]) for point in truth.get("frustration", [])}
    turns = tuple(
        LabelledTurn(
            index=index,
            speaker=turn["speaker"],
            start_s=float(turn["start"]),
            end_s=float(turn["end"]),
            text=turn["text"],
            acts=frozenset(turn["acts"]) if "acts" in turn else None,
            level=levels.get(index),
        )
        for index, turn in enumerate(record["turns"])
    )
    return Call(
        call_id=record["call_id"],
        language=record["language"],
        scenario=record.get("scenario", ""),
        turns=turns,
        sounds=tuple(
            LabelledSound(sound["label"], float(sound["start"]), float(sound["end"]))
            for sound in record.get("sounds", [])
        ),
        moments=tuple(
            LabelledMoment(moment["kind"], moment["verdict"], moment["severity"], moment["turn"], moment.get("why", ""))
            for moment in truth.get("moments", [])
        ),
        outcome=truth.get("outcome"),
        recovered=truth.get("recovered"),
        contact_value=truth.get("contact_value"),
        has_acts=any(turn.acts is not None for turn in turns),
    )
