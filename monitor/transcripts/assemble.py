"""Segments of any format -> one call: who is who, in the order of time, segments of one speaker joined to turns."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

from audio.errors import BadTranscript
from audio.facts import Quality, Turn, Word
from audio.spelling import join_words
from audio.turns import take_turns
from monitor.transcripts.language import find_language, language_code
from monitor.transcripts.names import role_of
from monitor.transcripts.records import Segment, TranscriptCall

GOES_ON_S = 1.5
"""A segment without a speaker's name that follows so soon is the same speaker's, as subtitles have it."""


def assemble(
    segments: Sequence[Segment],
    path: Path,
    *,
    language: str | None = None,
    duration_s: float | None = None,
    warnings: Sequence[str] = (),
) -> TranscriptCall:
    """One call from the segments of a transcript, in whatever order they come.

    Raises:
        BadTranscript: no segment names its speaker, or one ends before it starts.
    """
    for segment in segments:
        if segment.end_s < segment.start_s:
            raise BadTranscript(
                f"{path}: the segment at {segment.start_s:g} s ends before it starts, at {segment.end_s:g} s; mend its times."
            )
    spoken = sorted((segment for segment in segments if segment.text.strip()), key=lambda s: (s.start_s, s.end_s))
    if spoken and not any(segment.speaker for segment in spoken):
        raise BadTranscript(f"{path}: names no speakers; export it with speaker names, as in 'Agent: Good morning'.")
    parties, roles_known, notes = name_parties(spoken)
    turns = join_segments(parties)
    heard_s = max((segment.end_s for segment in spoken), default=0.0)
    return TranscriptCall(
        call_id=path.stem,
        language=language_code(language) or find_language(turn.text for turn in turns),
        turns=turns,
        duration_s=max(duration_s or 0.0, heard_s),
        roles_known=roles_known,
        quality=Quality(warnings=(*warnings, *notes)),
    )


def name_parties(segments: Sequence[Segment]) -> tuple[list[Segment], bool, list[str]]:
    """The segments with their speakers replaced by roles or sides; whether these are roles; what had to be assumed."""
    notes = []
    labelled = carry_names(segments)
    if guessed := sum(
        segment.speaker is None and not goes_on(segments[i - 1 : i], segment) for i, segment in enumerate(segments)
    ):
        notes.append(f"segments without a speaker's name, counted with the speaker before them: {guessed}")
    names = list(dict.fromkeys(segment.speaker for segment in labelled if segment.speaker))
    roles: dict[str, str] = {name: role for name in names if (role := role_of(name))}
    if roles:
        # Where one party is named by role, whoever is not of that party is the other.
        other = "customer" if "agent" in roles.values() else "agent"
        if len(set(roles.values())) == 2:
            other = ""
        party = {name: roles.get(name) or other for name in names}
    else:
        talk: Counter[str] = Counter()
        for segment in labelled:
            talk[segment.speaker or ""] += len(segment.text)
        main = [name for name, _ in talk.most_common(2)]
        party = {name: ("first", "second")[i] for i, name in enumerate(name for name in names if name in main)}
    extra = [name for name in names if not party.get(name)]
    if extra:
        party |= side_with(extra, labelled, party)
        notes.append(f"more than two speakers; {', '.join(extra)} counted with the party they do not answer")
    named = [segment.model_copy(update={"speaker": party[segment.speaker or ""]}) for segment in labelled]
    return named, bool(roles), notes


def carry_names(segments: Sequence[Segment]) -> list[Segment]:
    """A segment without a name goes on with the speaker before it, at the very start with the one after it."""
    current = next((segment.speaker for segment in segments if segment.speaker), None)
    named = []
    for segment in segments:
        current = segment.speaker or current
        named.append(segment.model_copy(update={"speaker": current}))
    return named


def goes_on(before: Sequence[Segment], segment: Segment) -> bool:
    """Whether a segment follows another so closely that leaving out the name means "the same speaker"."""
    return bool(before) and segment.start_s - before[-1].end_s < GOES_ON_S


def side_with(extra: Sequence[str], segments: Sequence[Segment], party: dict[str, str]) -> dict[str, str]:
    """A third voice (a second agent, someone else at home) is of the party that it speaks next to least.

    People answer the other party far more often than their own.
    """
    sides = sorted({side for side in party.values() if side})
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for before, after in pairwise(segments):
        for name, neighbour in ((before.speaker, after.speaker), (after.speaker, before.speaker)):
            side = party.get(neighbour or "")
            if name in extra and side:
                answers[name or ""][side] += 1
    return {name: min(sides, key=lambda side: answers[name][side]) for name in extra}


def join_segments(segments: Sequence[Segment]) -> tuple[Turn, ...]:
    """Turns, numbered from 0, by the same rules as in a recording: a segment counts as one long word."""
    by_party: defaultdict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_party[segment.speaker or ""].append(segment)
    spans = {
        party: [Word(start_s=s.start_s, end_s=s.end_s, text=s.text) for s in own] for party, own in by_party.items()
    }
    waiting = {party: iter(own) for party, own in by_party.items()}
    turns = []
    for turn in take_turns(spans):
        parts = list(islice(waiting[turn.speaker], len(turn.words)))
        text = join_words(" ".join(part.text.split()) for part in parts)
        turns.append(turn.model_copy(update={"text": text, "words": tuple(w for part in parts for w in part.words)}))
    return tuple(turns)
