"""Personal data leaves a report before anything is stored or written: "[card]", "[phone]" ... stand in its place.

The words that said it become one word, the placeholder, with the time of all of them, so that a clip can silence it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeVar

from audio.facts import CallFacts, Turn, Word
from monitor.digits import runs
from monitor.personal import Found, find
from monitor.records import CallReport, Moment

SomeTurn = TypeVar("SomeTurn", bound=Turn)

BACK_CHANNEL_WORDS = 3
"""A turn of the other side of at most so many words ("mm-hm", "go ahead") does not part a number that is dictated."""

_PLACEHOLDER = re.compile(r"\[(?:card|phone|email|iban|ssn|number|code|birthdate)\]")


def redact(report: CallReport) -> CallReport:
    """The report without personal data in turns, words, quotes and reasons. Redacting twice changes nothing more."""
    found = _in_turns(report.turns, report.language)
    turns = tuple(_redact_turn(turn, spans) for turn, spans in zip(report.turns, found, strict=True))
    said = {turn.text[a:b]: kind for turn, spans in zip(report.turns, found, strict=True) for a, b, kind in spans}
    longest_first = {secret: said[secret] for secret in sorted(said, key=len, reverse=True)}
    moments = tuple(_redact_moment(moment, longest_first, report.language) for moment in report.moments)
    return report.model_copy(update={"turns": turns, "moments": moments})


def redact_talk(
    turns: Sequence[SomeTurn], moments: Sequence[Moment], language: str
) -> tuple[tuple[SomeTurn, ...], tuple[Moment, ...]]:
    """The last turns of a call that goes on, and moments found in them, without personal data.

    A number with which a speaker has stopped is hidden until it is known whether it goes on in the next turn.
    """
    found = _in_turns(turns, language, going_on=True)
    said = {turn.text[a:b]: kind for turn, spans in zip(turns, found, strict=True) for a, b, kind in spans}
    longest_first = {secret: said[secret] for secret in sorted(said, key=len, reverse=True)}
    return (
        tuple(_redact_turn(turn, spans) for turn, spans in zip(turns, found, strict=True)),
        tuple(_redact_moment(moment, longest_first, language) for moment in moments),
    )


def redact_facts(facts: CallFacts) -> CallFacts:
    """What was heard, without personal data in turns and words."""
    found = _in_turns(facts.turns, facts.language)
    turns = tuple(_redact_turn(turn, spans) for turn, spans in zip(facts.turns, found, strict=True))
    return facts.model_copy(update={"turns": turns})


def redact_text(text: str, language: str) -> str:
    """One text without personal data."""
    return _replace(text, find(text, language))


def is_placeholder(word: Word) -> bool:
    """Whether a word stands for personal data that was said there."""
    return _PLACEHOLDER.search(word.text) is not None


def hide_numbers(text: str, language: str) -> str:
    """One text without personal data and without any number of three digits or more: what is being said may go on."""
    text = redact_text(text, language)
    return _replace(text, [Found(run.start, run.end, "number") for run in runs(text, language) if len(run.digits) > 2])


def _in_turns(turns: Sequence[Turn], language: str, *, going_on: bool = False) -> list[list[Found]]:
    """Personal data in each turn; a number dictated over several turns of one speaker is found as one."""
    found: list[list[Found]] = [[] for _ in turns]
    stretches, last = _stretches(turns)
    for stretch in stretches:
        text = "\n".join(turns[position].text for position in stretch)
        spans = find(text, language, _question(turns, stretch[0]))
        starts, ends = [span.start for span in spans], [span.end for span in spans]
        offset = 0
        for position in stretch:
            end = offset + len(turns[position].text)
            for a, b, kind in spans[bisect_right(ends, offset) : bisect_left(starts, end)]:
                found[position].append(Found(max(a, offset) - offset, min(b, end) - offset, kind))
            offset = end + 1
        if going_on and stretch in last:
            found[stretch[-1]] += _stopped_at(turns[stretch[-1]].text, language, found[stretch[-1]])
    return found


def _stopped_at(text: str, language: str, found: Sequence[Found]) -> list[Found]:
    """The number that a text ends with, where it is not known to be personal yet."""
    numbers = runs(text, language)
    if not numbers or any(character.isalnum() for character in text[numbers[-1].end :]):
        return []
    last = numbers[-1]
    if len(last.digits) < 3:
        return []
    return [] if any(last.start < span.end for span in found) else [Found(last.start, last.end, "number")]


def _stretches(turns: Sequence[Turn]) -> tuple[list[list[int]], list[list[int]]]:
    """Positions of the turns of one speaker that only back-channels of the other part from each other; then those of these
    stretches that the next turn may go on with."""
    stretches: list[list[int]] = []
    open_for: dict[str, list[int]] = {}
    for position, turn in enumerate(turns):
        stretch = open_for.get(turn.speaker)
        if stretch is None:
            stretch = open_for[turn.speaker] = []
            stretches.append(stretch)
        stretch.append(position)
        if len(turn.text.split()) > BACK_CHANNEL_WORDS:
            open_for = {turn.speaker: stretch}
    return stretches, list(open_for.values())


def _question(turns: Sequence[Turn], position: int) -> str:
    """What the other side said just before a turn."""
    before = turns[position - 1] if position else None
    return before.text[-200:] if before is not None and before.speaker != turns[position].speaker else ""


def _redact_turn(turn: SomeTurn, found: Sequence[Found]) -> SomeTurn:
    if not found:
        return turn
    words = _redact_words(turn, found)
    return turn.model_copy(update={"text": _replace(turn.text, found), "words": words})


def _redact_words(turn: Turn, found: Sequence[Found]) -> tuple[Word, ...]:
    words: list[Word] = []
    position = 0
    merged: Found | None = None
    for word in turn.words:
        said = word.text.strip()
        start = turn.text.find(said, position)
        if start < 0:
            # The text is not made of these words: rather than guess, hide by the word's own content.
            words.append(word.model_copy(update={"text": redact_text(word.text, "")}))
            continue
        position = start + len(said)
        hit = next((span for span in found if start < span.end and position > span.start), None)
        if hit is None:
            words.append(word)
        elif hit is merged:
            words[-1] = words[-1].model_copy(update={"end_s": word.end_s})
        else:
            words.append(word.model_copy(update={"text": f"[{hit.kind}]"}))
        merged = hit
    return tuple(words)


def _redact_moment(moment: Moment, said: dict[str, str], language: str) -> Moment:
    """`said`: the kind of each secret of the call, the longest first."""

    def clean(text: str) -> str:
        for secret, kind in said.items():
            text = text.replace(secret, f"[{kind}]")
        return redact_text(text, language)

    return moment.model_copy(update={"quote": clean(moment.quote), "why": clean(moment.why)})


def _replace(text: str, found: Iterable[Found]) -> str:
    for start, end, kind in sorted(found, reverse=True):
        text = f"{text[:start]}[{kind}]{text[end:]}"
    return text
