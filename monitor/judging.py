"""The last stretch of the way: from what was heard and understood of a call to its report. No model is needed for it."""

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.facts import CallFacts, Turn
from monitor.acts.features import Vector
from monitor.frustration import FrustrationFilter
from monitor.frustration.words import WordsModel
from monitor.kept import Kept, Meanings, keep
from monitor.listener import CONTEXT_TURNS, Listener, Settled, in_order
from monitor.moments.custom_turns import Encoder
from monitor.moments.hints import shipped_hints
from monitor.ports import SentenceEncoder
from monitor.records import CallReport, Channels, Provenance
from monitor.rules import Rules
from monitor.understanding import Reader, Understood, understand


class TurnReader(Reader, Protocol):
    """A reader that also gives what the heads see of a turn."""

    def features(self, turn: Turn) -> Vector:
        """Features of a turn that has been read, shape (n_features,)."""
        ...


class _Told:
    """Levels that are known already, in the place of a reader."""

    def __init__(self, levels: dict[int, float]) -> None:
        self._levels = levels

    def features(self, turn: Turn) -> NDArray[np.float32]:
        return np.array([self._levels[turn.index]], np.float32)


_AS_TOLD = WordsModel(np.ones(1, np.float32), 0.0)


def understand_call(
    call_id: str,
    facts: CallFacts,
    channels: Channels,
    *,
    reader: TurnReader,
    encoder: SentenceEncoder,
    progress: Callable[[float], None] = lambda _: None,
) -> Kept:
    """What the models make of a call that has been heard, personal data redacted.

    Args:
        call_id: names the call.
        facts: what was heard; `turns[].speaker` is "agent" or "customer".
        channels: who was where.
        reader: a fresh reader for this call.
        encoder: gives the meaning of a sentence.
        progress: told the share of the turns that is done.
    """
    words, hints = WordsModel.load(), shipped_hints()
    understood: dict[int, Understood] = {}
    levels: dict[int, float] = {}
    turns = sorted(facts.turns, key=lambda turn: turn.index)
    for number, turn in enumerate(turns):
        understood[turn.index] = understand(turn, turns[max(0, number - CONTEXT_TURNS) : number], reader, hints)
        if turn.speaker == "customer":
            levels[turn.index] = words.level(reader.features(turn))
        progress((number + 1) / len(turns))
    return keep(call_id, facts, channels, understood, levels, encoder)


def judge(kept: Kept, rules: Rules, examples: Encoder) -> CallReport:
    """The report of a call that was understood, personal data redacted.

    Args:
        kept: the call; `understood` is there.
        rules: the rules in force.
        examples: gives the meaning of the rules' example sentences; not asked where there are none.
    """
    return judge_meanings(kept, Meanings(kept), rules, examples)


def judge_meanings(
    kept: Kept,
    meanings: Meanings,
    rules: Rules,
    examples: Encoder,
    *,
    settled: Settled | None = None,
    fingerprint: str | None = None,
) -> CallReport:
    """The same for a call whose meanings have been unpacked.

    Args:
        kept, rules, examples: as above.
        meanings: what was unpacked.
        settled: what was found before and is not to be found again.
        fingerprint: of the rules, where it is known.
    """
    facts = kept.facts
    frustration = FrustrationFilter(_Told(meanings.levels), words=_AS_TOLD)
    listener = Listener(None, frustration, rules=rules, language=facts.language, examples=examples, settled=settled)
    turns = (settled and settled.turns) or facts.turns
    for event in in_order(turns, facts.sounds):
        if isinstance(event, Turn):
            listener.hear_understood(event, meanings.turns[event.index])
        else:
            listener.hear(event)
    listener.close()
    findings = listener.findings()
    return CallReport(
        call_id=kept.call_id,
        source=facts.source,
        language=facts.language,
        duration_s=facts.duration_s,
        channels=kept.channels,
        turns=findings.turns,
        sounds=facts.sounds,
        frustration=findings.frustration,
        moments=findings.moments,
        summary=findings.summary,
        quality=facts.quality,
        provenance=Provenance(heard=heard_version(), models=facts.models, rules=fingerprint or rules.fingerprint),
    )


@lru_cache(maxsize=1)
def heard_version() -> str:
    """The version that judges."""
    return version("heard")
