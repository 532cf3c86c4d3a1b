"""The turns of a call that goes on: over for the time being, over for good, and in the end those of the recording."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.facts import Span, Word
from audio.live.side import Side
from audio.live.turns import LiveTurns
from audio.live.voice import VoiceFollower
from audio.turns import take_turns
from audio.voice import measure
from tests.fakes import Tape
from tests.live_ears import words
from tests.recordings import real_call


@st.composite
def conversations(draw):
    """Words of two sides in time order: utterances with pauses, overlaps and back-channels."""
    said = {}
    for name in ("agent", "customer"):
        at, own = draw(st.floats(0.0, 3.0)), []
        for _ in range(draw(st.integers(0, 6))):
            for _ in range(draw(st.integers(1, 6))):
                length = draw(st.sampled_from([0.2, 0.4]))
                text = draw(st.sampled_from(["well", "no", "really?"]))
                own.append(Word(text=text, start_s=round(at, 2), end_s=round(at + length, 2)))
                at += length + 0.05
            at += draw(st.sampled_from([0.6, 0.9, 1.5, 3.0, 5.0]))
        said[name] = own
    return said


class ScriptedSide(Side):
    """A side whose words stand as soon as they have been followed by a pause, as a recogniser would have them."""

    def __init__(self, name, said):
        self.name = name
        self.said = said
        self.words = []
        self._now = 0.0
        self._let_go = 0

    def reach(self, now_s):
        self._now = now_s
        stand = 0
        for n, word in enumerate(self.said):
            after = self.said[n + 1].start_s if n + 1 < len(self.said) else 1e9
            if after - word.end_s >= 0.5 and word.end_s + 0.6 <= now_s:
                stand = n + 1
        self.stand = stand
        self.words = self.said[self._let_go : stand]

    @property
    def time_s(self):
        return self._now

    @property
    def open_since_s(self):
        rest = [word for word in self.said[self.stand :] if word.start_s < self._now]
        return rest[0].start_s if rest else None

    @property
    def open_until_s(self):
        return min(self._now, max(word.end_s for word in self.said[self.stand :] if word.start_s < self._now))

    @property
    def speaking(self):
        return any(word.start_s <= self._now < word.end_s for word in self.said)


@given(conversations())
@settings(max_examples=40)
def test_what_is_over_for_good_never_changes_and_the_end_is_that_of_the_recording(said):
    sides = [ScriptedSide(name, own) for name, own in said.items()]
    turns = LiveTurns(sides)
    recorded = take_turns(said)
    end_s = max([turn.end_s for turn in recorded], default=0.0) + 1.0
    for now_s in np.arange(0.5, end_s, 0.5):
        for side in sides:
            side.reach(float(now_s))
        for one in turns.over():
            if one.for_good:
                assert one.turn == recorded[one.turn.index]
    for side in sides:
        side.reach(end_s + 10.0)
    assert [one.turn for one in turns.over(end=True)] == list(recorded)


def test_a_turn_is_over_for_the_time_being_a_second_after_its_last_word():
    agent = ScriptedSide("agent", words("how can I help you", 0.0, 2.0))
    customer = ScriptedSide("customer", [])
    turns = LiveTurns([agent, customer])
    when = {}
    for now_s in np.arange(0.5, 9.0, 0.25).tolist():
        for side in (agent, customer):
            side.reach(now_s)
        for one in turns.over():
            when.setdefault(one.for_good, now_s)
    assert when == {False: 3.0, True: 6.0}


def test_a_turn_is_over_for_good_once_the_other_side_has_the_floor():
    agent = ScriptedSide("agent", words("how can I help you", 0.0, 2.0))
    customer = ScriptedSide("customer", words("it has been broken for an hour and nobody comes", 2.3, 7.0))
    turns = LiveTurns([agent, customer])
    for side in (agent, customer):
        side.reach(4.0)
    assert [(one.turn.speaker, one.for_good) for one in turns.over()] == [("agent", True)]


def test_the_voice_of_a_turn_that_grew_is_that_of_the_recording():
    tape = Tape(np.repeat(np.asarray(real_call(length_s=30.0)[1], np.int16), 2).astype(np.float32) / 32_768)
    spans = [Span(start_s=2.0 * i, end_s=2.0 * i + 1.8) for i in range(12)]
    turns = [
        take_turns({"customer": words(f"turn {i}", span.start_s, span.end_s)})[0].model_copy(update={"index": i})
        for i, span in enumerate(spans)
    ]
    follower = VoiceFollower()
    live = {}
    for turn in turns:
        follower.measure(tape, turn.model_copy(update={"end_s": turn.end_s - 0.6}))
        live[turn.index] = follower.measure(tape, turn)
    assert [live[turn.index] for turn in turns] == measure(tape, turns)
    assert any(voice is not None for voice in live.values())
