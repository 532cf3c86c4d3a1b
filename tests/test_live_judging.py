"""What is found live is what a recording of the same turns and sounds gives, however the turns grew on the way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from audio.facts import Sound, Turn
from monitor.acts.reader import ActReader
from monitor.frustration import FrustrationFilter
from monitor.listener import replay
from monitor.live.judging import LiveJudge
from monitor.rules import default_rules
from tests.fake_encoder import FakeDialogue, FakeEncoder

SAID = [
    ("agent", "Thanks for calling, how can I help?"),
    ("customer", "I have restarted the box three times and nobody listens. I am so tired of this."),
    ("agent", "Please unplug the unit and wait thirty seconds."),
    ("customer", "Are you kidding me? I did that for the first guy."),
    ("agent", "Okay. It is just the next step on my screen. Anything else today?"),
    ("customer", "No. You know what, no."),
    ("agent", "I am sorry about that. Is that your child crying? I can wait."),
    ("customer", "Thank you. One moment."),
]
TURNS = [
    Turn(index=i, speaker=speaker, start_s=8.0 * i, end_s=8.0 * i + 6.0, text=text)
    for i, (speaker, text) in enumerate(SAID)
]
CRYING = Sound(label="child_crying", start_s=27.0, end_s=44.0, confidence=0.9)


def judge():
    return LiveJudge(ActReader(FakeEncoder(), dialogue=FakeDialogue(), language="en"), default_rules(), "en")


def recorded(turns, sounds):
    reader = ActReader(FakeEncoder(), dialogue=FakeDialogue(), language="en")
    return replay(turns, sounds, reader=reader, frustration=FrustrationFilter(reader))


def agrees(judged, findings):
    assert judged.turns == findings.turns
    assert judged.points == findings.frustration
    ordered = sorted(judged.moments.values(), key=lambda m: (m.turn or 0, m.start_s, m.kind))
    assert tuple(ordered) == findings.moments


def half(turn):
    """A turn as it was when its speaker drew breath."""
    words = turn.text.split()
    return turn.model_copy(update={"text": " ".join(words[: len(words) // 2 + 1]), "end_s": turn.end_s - 3.0})


@given(st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.sampled_from([None, 30.0, 36.0, 44.0])), max_size=8))
@settings(max_examples=25)
def test_whatever_was_known_on_the_way_the_end_is_that_of_the_recording(steps):
    live = judge()
    for count, growing, heard_to in sorted(steps, key=lambda step: step[0]):
        turns = TURNS[:count]
        turns = [*turns[:-1], half(turns[-1])] if turns and growing else turns
        sounds = [CRYING.model_copy(update={"end_s": heard_to})] if heard_to and count > 3 else []
        agrees_so_far = live.judge(turns, sounds)
        assert len(agrees_so_far.turns) == count
    agrees(live.judge(TURNS, [CRYING], end=True), recorded(TURNS, [CRYING]))


def test_something_is_found_on_the_way():
    live = judge()
    found = [set(live.judge(TURNS[:n], [CRYING] if n > 4 else []).moments) for n in range(1, 9)]
    assert found[0] != found[-1], "the rest of these tests would be about nothing"
    assert any(name.startswith("background_distress") for name in found[-1])


def test_what_has_not_changed_is_not_read_again():
    encoder = FakeEncoder()
    live = LiveJudge(ActReader(encoder, dialogue=FakeDialogue(), language="en"), default_rules(), "en")
    live.judge(TURNS[:5], [])
    before = len(encoder.encoded)
    live.judge(TURNS[:5], [CRYING])
    assert len(encoder.encoded) == before
    live.judge(TURNS[:6], [CRYING])
    assert TURNS[5].text in encoder.encoded[before:]
    assert TURNS[4].text not in encoder.encoded[before:]


def test_the_latest_turns_are_enough_where_the_earlier_have_not_changed():
    live = judge()
    live.judge(TURNS[:6], [])
    agrees(live.judge(TURNS[4:], [CRYING], end=True), recorded(TURNS, [CRYING]))
