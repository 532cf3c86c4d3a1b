"""The sentences of a call that are worth counting across calls, with their meanings, so that those alike come together.

reason       why the customer calls: the longest sentence of her first two turns
instruction  what the agent asked for that had been done already: the sentence most like what had been said before
refusal      what the customer had asked for when the agent refused by rule or rank
need         what she asked for that was not on offer
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from monitor.ports import SentenceEncoder
from monitor.records import CallReport, Mention, Moment, ReadTurn, Topic
from monitor.sentences import split_sentences

_FIRST_TURNS = 2
_SHORTEST = 12
"""Characters, Chinese ones counted threefold, below which a sentence says nothing of its own ("Yes, please.")."""
_LONGEST = 240
_LOOKBACK_TURNS = 200
"""So far back is looked for what an instruction repeats: as far as the moment itself looks."""


def mentions(report: CallReport, encoder: SentenceEncoder) -> tuple[Mention, ...]:
    """What a call adds to the themes of all calls; `report` is redacted already."""
    picked = [*_reason(report, encoder), *(one for moment in report.moments for one in _of(report, moment, encoder))]
    seen: set[tuple[Topic, str]] = set()
    return tuple(one for one in picked if (key := (one.topic, one.text)) not in seen and not seen.add(key))  # type: ignore[func-returns-value]


def _reason(report: CallReport, encoder: SentenceEncoder) -> Iterator[Mention]:
    said = [turn for turn in report.turns if turn.speaker == "customer" and _sentences(turn, report)][:_FIRST_TURNS]
    choice = [(sentence, turn) for turn in said for sentence in _sentences(turn, report)]
    if choice:
        sentence, turn = max(choice, key=lambda one: _weight(one[0]))
        yield _mention("reason", sentence, turn, encoder)


def _of(report: CallReport, moment: Moment, encoder: SentenceEncoder) -> Iterator[Mention]:
    flag, opening = _turn(report, moment.turn), _turn(report, moment.opening_turn)
    if moment.kind == "repeated_instruction" and moment.verdict == "missed" and flag is not None:
        turns = report.turns[max(0, flag.index - _LOOKBACK_TURNS) : flag.index]
        earlier = [sentence for turn in turns for sentence in _sentences(turn, report)]
        yield from _pick("instruction", flag, earlier, report, encoder)
    elif moment.kind == "policy_shield":
        refusal = opening or flag
        asked = refusal and _before(report, refusal)
        if refusal and asked:
            yield from _pick("refusal", asked, _sentences(refusal, report), report, encoder)
    elif moment.kind == "unmet_need" and opening is not None:
        answer = [] if flag is None else _sentences(flag, report)
        yield from _pick("need", opening, answer, report, encoder)


def _pick(
    topic: Topic, turn: ReadTurn, like: Sequence[str], report: CallReport, encoder: SentenceEncoder
) -> Iterator[Mention]:
    """The sentence of a turn that is most like the others; the longest where there are no others."""
    sentences = _sentences(turn, report)
    if not sentences:
        return
    if not like:
        yield _mention(topic, max(sentences, key=_weight), turn, encoder)
        return
    likeness = (encoder.encode(sentences) @ encoder.encode(like).T).max(axis=1)
    yield _mention(topic, sentences[int(np.argmax(likeness))], turn, encoder)


def _mention(topic: Topic, sentence: str, turn: ReadTurn, encoder: SentenceEncoder) -> Mention:
    vector = encoder.encode([sentence])[0].astype(np.float32)
    return Mention(
        topic=topic, turn=turn.index, start_s=turn.start_s, text=sentence[:_LONGEST], vector=vector.tobytes()
    )


def _sentences(turn: ReadTurn, report: CallReport) -> list[str]:
    return list(_said(turn.text, report.language))


@lru_cache(maxsize=1_024)
def _said(text: str, language: str) -> tuple[str, ...]:
    """The sentences of a text that say something: several moments of a call ask for the same turns."""
    return tuple(one for one in split_sentences(text, language) if _weight(one) >= _SHORTEST)


def _weight(sentence: str) -> int:
    return min(_LONGEST, sum(1 if character < "⺀" else 3 for character in sentence))


def _turn(report: CallReport, index: int | None) -> ReadTurn | None:
    return None if index is None or not 0 <= index < len(report.turns) else report.turns[index]


def _before(report: CallReport, turn: ReadTurn) -> ReadTurn | None:
    """The customer's last turn before this one that says something."""
    earlier = (one for one in reversed(report.turns[: turn.index]) if one.speaker == "customer")
    return next((one for one in earlier if _sentences(one, report)), None)
