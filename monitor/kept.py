"""What is kept of a call so that a changed rule can judge it anew: what was heard, and what the models understood of it.

Nothing personal is in it: the facts are redacted, and the sentences' meanings are those of the redacted sentences. The meaning of a
whole turn, 1,792 numbers, is not kept; hints and the contact's value are all that is read from it, and they are.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from audio.facts import CallFacts, Fact, Turn
from monitor.acts.names import ACTS_OF
from monitor.ports import SentenceEncoder
from monitor.records import CallReport, Channels
from monitor.redact import redact_facts
from monitor.sentences import split_sentences
from monitor.understanding import Rounded, Understood

Arrays = dict[str, NDArray[np.generic]]

_OF_TURNS = tuple(Turn.model_fields)
_LAYOUT = "1"
"""Of the arrays in `Kept.understood`."""
_WEIGHTS = (
    "acts/heads.npz",
    "frustration/words.npz",
    "moments/hints.npz",
    "summary.npz",
)


class Kept(Fact):
    """A call that can be judged again without any model."""

    call_id: str
    facts: CallFacts
    """Redacted; `turns[].speaker` is "agent" or "customer", and `models` holds the reader of acts, too."""
    channels: Channels
    understood: bytes = b""
    """What the models made of every turn, packed; empty where it was not kept."""
    understood_by: str = ""
    """The models that did; see `models_fingerprint`."""

    @property
    def fresh(self) -> bool:
        """Whether these models would understand it the same way today."""
        return bool(self.understood) and self.understood_by == models_fingerprint()


class Meanings:
    """All that was understood of a call, turn by turn; an encoder of the sentences that were said in it."""

    name = "kept"

    def __init__(self, kept: Kept) -> None:
        self._sentences: dict[str, int] = {}
        self._arrays = unpacked(kept.understood)
        self._vectors = Rounded(self._arrays["steps"], self._arrays["sizes"]).vectors  # type: ignore[arg-type]
        self.turns = dict(self._read(kept.facts.turns))
        """By the index of the turn."""
        self.dimension = int(self._vectors.shape[1])
        self.levels: dict[int, float] = dict(zip(self.turns, self._arrays["levels"].tolist(), strict=True))
        """The frustration that the words of each turn suggest; 0 for the agent's."""
        self._language = kept.facts.language
        self._texts = [turn.text for turn in kept.facts.turns]

    def _read(self, turns: Sequence[Turn]) -> Iterator[tuple[int, Understood]]:
        acts, hints = self._arrays["acts"].tolist(), self._arrays["hints"].astype(np.float32)
        worth, backchannels = self._arrays["worth"], self._arrays["backchannels"].tolist()
        ends = np.cumsum(self._arrays["counts"]).tolist()
        rows, at, begin = self._arrays["rows"], 0, 0
        for number, (turn, end) in enumerate(zip(turns, ends, strict=True)):
            names = ACTS_OF[turn.speaker]
            yield (
                turn.index,
                Understood(
                    acts=dict(zip(names, acts[at : at + len(names)], strict=True)),
                    vectors=self._vectors[rows[begin:end]],
                    hints=hints[number],
                    worth=worth[number],
                    backchannel=bool(backchannels[number]),
                ),
            )
            at, begin = at + len(names), end

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of sentences that were said in the call, shape (len(sentences), dimension)."""
        if not self._sentences:
            spoken = (one for text in self._texts for one in split_sentences(text, self._language))
            self._sentences = dict(zip(spoken, self._arrays["rows"].tolist(), strict=True))
        return self._vectors[[self._sentences[sentence] for sentence in sentences]]


def keep(
    call_id: str,
    facts: CallFacts,
    channels: Channels,
    understood: Mapping[int, Understood],
    levels: Mapping[int, float],
    encoder: SentenceEncoder,
) -> Kept:
    """A call as it was heard and understood, without personal data.

    Args:
        call_id: names the call.
        facts: what was heard, roles known; redacted here.
        channels: who was where.
        understood: what the models made of each turn, by its index.
        levels: the frustration that the words of the customer's turns suggest, by the turn's index.
        encoder: gives the meaning of the sentences that redaction changed.
    """
    redacted = redact_facts(facts)
    rows: dict[str, int] = {}
    vectors: list[NDArray[np.float32]] = []
    said: list[list[int]] = []
    for before, turn in zip(facts.turns, redacted.turns, strict=True):
        sentences = split_sentences(turn.text, facts.language)
        known = understood[turn.index].vectors if turn.text == before.text else encoder.encode(sentences)
        for sentence, vector in zip(sentences, known, strict=True):
            if sentence not in rows:
                rows[sentence] = len(rows)
                vectors.append(vector)
        said.append([rows[sentence] for sentence in sentences])
    each = [understood[turn.index] for turn in redacted.turns]
    rounded = Rounded.of(np.array(vectors, np.float32).reshape(len(vectors), encoder.dimension))
    acts = [
        one.acts.get(name, 0.0)
        for turn, one in zip(redacted.turns, each, strict=True)
        for name in ACTS_OF[turn.speaker]
    ]
    arrays: Arrays = {
        "acts": np.array(acts, np.float32),
        "levels": np.array([levels.get(turn.index, 0.0) for turn in redacted.turns], np.float32),
        "backchannels": np.array([one.backchannel for one in each], np.uint8),
        "counts": np.array([len(numbers) for numbers in said], np.uint16),
        "rows": np.array([number for numbers in said for number in numbers], np.uint32),
        "steps": rounded.steps,
        "sizes": rounded.sizes,
        "hints": np.array([one.hints for one in each], np.float16),
        "worth": np.array([one.worth for one in each], np.float32),
    }
    return Kept(
        call_id=call_id,
        facts=redacted,
        channels=channels,
        understood=packed(arrays),
        understood_by=models_fingerprint(),
    )


def kept_of(report: CallReport, understood: bytes = b"", understood_by: str = "") -> Kept:
    """A call as it was heard, from its report, and as it was understood."""
    facts = CallFacts(
        source=report.source,
        language=report.language,
        duration_s=report.duration_s,
        layout=report.channels.layout,
        turns=tuple(Turn(**{name: turn.__dict__[name] for name in _OF_TURNS}) for turn in report.turns),
        sounds=report.sounds,
        quality=report.quality,
        models=report.provenance.models,
    )
    return Kept(
        call_id=report.call_id,
        facts=facts,
        channels=report.channels,
        understood=understood,
        understood_by=understood_by,
    )


@lru_cache(maxsize=1)
def models_fingerprint() -> str:
    """Changes whenever a model that understands turns does: the encoders' versions are part of what the heads were trained on."""
    digest = sha256(_LAYOUT.encode())
    for name in _WEIGHTS:
        digest.update(files("monitor").joinpath(*name.split("/")).read_bytes())
    return digest.hexdigest()[:12]


def packed(arrays: Arrays) -> bytes:
    """Arrays as compressed bytes: a line of JSON with their names, types and shapes, then their values."""
    contents = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    values = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    return zlib.compress(json.dumps(contents).encode() + b"\n" + values)


def unpacked(data: bytes) -> Arrays:
    """The arrays that `packed` was given. Raises ValueError where it was not given them."""
    try:
        contents, _, values = zlib.decompress(data).partition(b"\n")
        arrays: Arrays = {}
        at = 0
        for name, kind, shape in json.loads(contents):
            count = int(np.prod(shape))
            arrays[name] = np.frombuffer(values, kind, count, at).reshape(shape)
            at += arrays[name].nbytes
    except (zlib.error, TypeError, OverflowError) as error:
        # What is no bytes, no zlib, no table of contents, or no type of numpy's.
        raise ValueError(f"These are no packed arrays: {error}.") from error
    return arrays
