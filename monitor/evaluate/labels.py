"""Labelled calls with their labels, and the recordings that lie beside them.

A labelled call is one JSON file: turns as `monitor.transcripts.labelled` reads them, and under "truth" the moments that a
reviewer would flag, the customer's level turn by turn (0 calm to 4 angry), outcome, recovery and contact value.
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from audio.errors import BadInput, BadTranscript
from audio.facts import Fact, Turn
from monitor.records import ContactValue, Outcome, Severity, Verdict
from monitor.transcripts import labelled
from monitor.transcripts.text import Foreign, parse_json, read_text, validate

RECORDINGS = (".wav", ".flac", ".mp3", ".opus", ".ogg", ".m4a", ".mp4", ".webm", ".aac", ".amr")
HIGHEST_LEVEL = 4


class TrueMoment(Foreign):
    """A moment as labelled; `turn` is the 0-based turn that carries the flag."""

    kind: str = Field(min_length=1)
    verdict: Verdict
    turn: int = Field(ge=0)
    severity: Severity = "minor"


class TrueLevel(Foreign):
    """How frustrated the customer is in a turn, 0 (calm) to 4 (angry)."""

    turn: int = Field(ge=0)
    level: float = Field(ge=0, le=HIGHEST_LEVEL)


class Truth(Foreign):
    """What the labellers heard. What is left out is not scored."""

    moments: tuple[TrueMoment, ...] = ()
    frustration: tuple[TrueLevel, ...] = ()
    outcome: Outcome | None = None
    recovered: bool | None = None
    contact_value: ContactValue | None = None


class LabelledFile(labelled.LabelledCall):
    """A labelled call as its file has it."""

    truth: Truth


class LabelledCall(Fact):
    """A labelled call, and where it can be heard."""

    call_id: str
    path: Path
    recording: Path | None
    """The recording beside the file; None where the turns as written are all there is."""
    language: str
    turns: tuple[Turn, ...]
    truth: Truth


def find_files(given: Iterable[Path]) -> list[Path]:
    """The files named, and the *.json in and below the folders named, each once.

    Raises:
        BadInput: something is not there, or a folder holds no JSON file.
    """
    files: dict[Path, None] = {}
    for path in given:
        if path.is_dir():
            inside = sorted(path.rglob("*.json"))
            if not inside:
                raise BadInput(f"{path} holds no labelled call; name a folder of *.json files.")
            files |= dict.fromkeys(inside)
        elif path.exists():
            files[path] = None
        else:
            raise BadInput(f"{path} does not exist; name a folder or files of labelled calls.")
    return list(files)


def read_labelled(path: Path) -> LabelledCall:
    """A labelled call from its file.

    Raises:
        BadTranscript: naming the place in the file and what is wrong there.
    """
    text, warnings = read_text(path)
    document = parse_json(text.removeprefix("\ufeff"), path)
    if not isinstance(document, dict) or "truth" not in document:
        raise BadTranscript(f'{path}: no labelled call, for it has no "truth"; evaluate needs the labels.')
    truth = validate(LabelledFile, document, path, "labelled call").truth
    call = labelled.read(document, path, warnings)
    flagged, rated = [moment.turn for moment in truth.moments], [point.turn for point in truth.frustration]
    for name, turns in (("moments", flagged), ("frustration", rated)):
        for index, turn in enumerate(turns):
            if turn >= len(call.turns):
                raise BadTranscript(
                    f"{path}: truth.{name}[{index}] names turn {turn}, but the call has {len(call.turns)} turns."
                )
    beside = (path.with_suffix(suffix) for suffix in RECORDINGS)
    return LabelledCall(
        call_id=call.call_id,
        path=path,
        recording=next((recording for recording in beside if recording.is_file()), None),
        language=call.language or "",
        turns=call.turns,
        truth=truth,
    )
