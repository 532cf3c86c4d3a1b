"""Reports for tests: one made by hand, and any that the schema allows."""

from hypothesis import strategies as st

from audio.facts import Quality, Sound, Voice, Word
from monitor.records import (
    CallReport,
    Causes,
    Channels,
    FrustrationPoint,
    Moment,
    Provenance,
    ReadTurn,
    Response,
    Summary,
)


def turn(index, speaker, start_s, end_s, text, frustration=None):
    """A turn whose words share its time evenly."""
    said = text.split()
    each = (end_s - start_s) / max(1, len(said))
    words = tuple(
        Word(text=word, start_s=start_s + k * each, end_s=start_s + (k + 1) * each, confidence=0.9)
        for k, word in enumerate(said)
    )
    return ReadTurn(
        index=index, speaker=speaker, start_s=start_s, end_s=end_s, text=text, words=words, frustration=frustration
    )


def make_report(call_id="kettle", *, turns=None, moments=None, **changes):
    """A short call about a kettle; one missed, one late, one handled moment."""
    turns = turns or (
        turn(0, "agent", 0.0, 3.0, "Kettles and Pots, how can I help?"),
        turn(1, "customer", 3.5, 9.0, "I have called three times and the kettle still leaks!", 0.8),
        turn(2, "agent", 9.5, 14.0, "Fill it with water and tell me what you see."),
        turn(3, "customer", 14.5, 18.0, "I told you, it leaks.", 0.9),
        turn(4, "agent", 18.5, 25.0, "I am sorry that you had to call three times. I will send a new one today."),
        turn(5, "customer", 25.5, 28.0, "Thank you, that is kind.", 0.3),
    )
    moments = (
        moments
        if moments is not None
        else (
            Moment(
                kind="unacknowledged_frustration",
                verdict="missed",
                severity="critical",
                turn=2,
                opening_turn=1,
                start_s=3.5,
                end_s=14.0,
                confidence=0.9,
                quote="I have called three times and the kettle still leaks!",
                why="The feeling was not acknowledged.",
            ),
            Moment(
                kind="repeat_contact",
                verdict="late",
                severity="critical",
                turn=4,
                opening_turn=1,
                start_s=3.5,
                end_s=25.0,
                confidence=0.7,
                quote="I have called three times and the kettle still leaks!",
                why="The effort was acknowledged only after another question.",
                response=Response(turn=4, latency_s=9.5),
            ),
            Moment(
                kind="ownership",
                verdict="handled",
                severity="minor",
                turn=4,
                start_s=18.5,
                end_s=25.0,
                confidence=0.8,
                quote="I will send a new one today.",
                why="The agent took it on.",
            ),
        )
    )
    values = {
        "call_id": call_id,
        "source": f"{call_id}.wav",
        "language": "en",
        "duration_s": 28.0,
        "channels": Channels(layout="stereo", agent="left", role_confidence=0.97),
        "turns": turns,
        "sounds": (Sound(label="child_crying", start_s=10.0, end_s=16.0, confidence=0.8),),
        "frustration": tuple(
            FrustrationPoint(time_s=t, level=level, low=level - 0.1, high=level + 0.1, causes=Causes(words=0.2))
            for t, level in ((9.0, 0.8), (18.0, 0.9), (28.0, 0.3))
        ),
        "moments": moments,
        "summary": Summary(
            outcome="resolved",
            recovered=True,
            contact_value="eliminate",
            peak_frustration=0.9,
            end_frustration=0.3,
            critical_missed=1,
            minor_missed=0,
            handled=1,
            empathy_rate=0.5,
            effort={"repeat_contact": 1, "holds": 0, "repeats": 2},
        ),
        "provenance": Provenance(heard="0.1.0", models={"words": "whisper-base"}, rules="default"),
    }
    return CallReport(**(values | changes))


_numbers = st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
_levels = st.floats(0, 1)
_times = st.floats(-1e6, 1e6)
_spans = {"start_s": _times, "end_s": _times}
_words = st.builds(Word, text=_texts, confidence=_levels, **_spans)
_voices = st.builds(Voice, f0_hz=st.none() | _numbers, level_db=_numbers, tilt_db=_numbers, arousal=_levels)
_turns = st.builds(
    ReadTurn,
    index=st.integers(0, 9999),
    speaker=st.sampled_from(["agent", "customer"]),
    text=_texts,
    words=st.lists(_words, max_size=3).map(tuple),
    voice=st.none() | _voices,
    acts=st.dictionaries(_texts, _levels, max_size=3),
    frustration=st.none() | _levels,
    **_spans,
)
_moments = st.builds(
    Moment,
    kind=_texts,
    verdict=st.sampled_from(["missed", "late", "handled"]),
    severity=st.sampled_from(["critical", "minor"]),
    turn=st.none() | st.integers(0, 99),
    opening_turn=st.none() | st.integers(0, 99),
    confidence=_levels,
    quote=_texts,
    why=_texts,
    response=st.none() | st.builds(Response, turn=st.integers(0, 99), latency_s=_numbers),
    **_spans,
)
_points = st.builds(
    FrustrationPoint,
    time_s=_times,
    level=_levels,
    low=_levels,
    high=_levels,
    causes=st.builds(Causes, words=_numbers, voice=_numbers, turn_taking=_numbers, background=_numbers),
)
_counts = st.integers(0, 999)

any_report = st.builds(
    CallReport,
    call_id=_texts,
    source=_texts,
    language=_texts,
    duration_s=st.floats(0, 1e6),
    channels=st.builds(Channels, layout=st.sampled_from(["stereo", "mono", "dual_mono", "transcript"])),
    turns=st.lists(_turns, max_size=3).map(tuple),
    sounds=st.lists(st.builds(Sound, label=_texts, confidence=_levels, **_spans), max_size=3).map(tuple),
    frustration=st.lists(_points, max_size=3).map(tuple),
    moments=st.lists(_moments, max_size=3).map(tuple),
    summary=st.builds(
        Summary,
        outcome=st.sampled_from(["resolved", "unresolved", "escalated"]),
        recovered=st.booleans(),
        contact_value=st.sampled_from(["leverage", "simplify", "automate", "eliminate"]),
        peak_frustration=_levels,
        end_frustration=_levels,
        critical_missed=_counts,
        minor_missed=_counts,
        handled=_counts,
        empathy_rate=st.none() | _levels,
        effort=st.dictionaries(_texts, _counts, max_size=3),
    ),
    quality=st.builds(
        Quality, partial=st.booleans(), lost_s=_numbers, warnings=st.lists(_texts, max_size=2).map(tuple)
    ),
    provenance=st.builds(Provenance, heard=_texts, models=st.dictionaries(_texts, _texts, max_size=2), rules=_texts),
)
"""Any report that the schema allows."""
