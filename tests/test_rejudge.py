"""What is kept of a call is enough to judge it anew: the same rules give the same report, without any model."""

from collections.abc import Callable

import numpy as np
import pytest
from fake_encoder import FakeDialogue, FakeEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.facts import CallFacts, Sound, Turn, Voice, Word
from monitor.acts.reader import ActReader
from monitor.analyze import Analyzer, HeardCall
from monitor.frustration import FrustrationFilter
from monitor.kept import Kept, Meanings, packed, unpacked
from monitor.listener import replay
from monitor.records import Channels
from monitor.rules import load_rules
from monitor.settings import Settings
from monitor.understanding import Rounded

SAID = (
    "Thanks for calling. How can I help?",
    "I have restarted it four times! Nobody listens.",
    "Please unplug the router and wait. Is the light green?",
    "OK.",
    "",
    "Sorry about that, it is our policy. I cannot do it.",
    "我已经试过三次了。为什么还是不行？",
    "My card number is 4111 1111 1111 1111, and I told them so last week. " + "I have been waiting since Monday. " * 6,
    "Well, I am sorry to hear that. You can reach me at anna@example.com. Is there anything else?",
)


@st.composite
def calls(draw: Callable[..., object]) -> HeardCall:
    turns: list[Turn] = []
    end_s = 0.0
    for index in range(draw(st.integers(0, 12))):
        start_s = max(0.0, end_s + draw(st.sampled_from([-0.8, 0.4, 12.0])))
        end_s = start_s + draw(st.sampled_from([0.6, 3.0, 11.0]))
        speaker = draw(st.sampled_from(["agent", "customer"]))
        voice = Voice(level_db=-20.0, tilt_db=-9.0, arousal=draw(st.floats(0, 1))) if speaker == "customer" else None
        text = draw(st.sampled_from(SAID))
        words = tuple(Word(text=word, start_s=start_s, end_s=end_s) for word in text.split())
        turns.append(
            Turn(index=index, speaker=speaker, start_s=start_s, end_s=end_s, text=text, words=words, voice=voice)
        )
    sounds = [Sound(label="child_crying", start_s=end_s / 2, end_s=end_s / 2 + 4, confidence=0.8)]
    return HeardCall(
        call_id="call",
        facts=CallFacts(
            source="call.wav",
            language=draw(st.sampled_from(["en", "de", "zh"])),
            duration_s=end_s,
            layout="stereo",
            turns=tuple(turns),
            sounds=tuple(sounds[: draw(st.integers(0, 1))]),
            models={"words": "whisper-base"},
        ),
        channels=Channels(layout="stereo", agent="left"),
    )


class Silent:
    """A model that must not be asked."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the judging asked a model for {name}")


def analyzer(rules: dict[str, dict[str, object]] | None = None) -> Analyzer:
    made = Analyzer(Settings(rules=rules or {}))
    made.encoder, made.dialogue = FakeEncoder(), FakeDialogue()  # type: ignore[misc,assignment]
    return made


def without_models(rules: dict[str, dict[str, object]] | None = None) -> Analyzer:
    made = analyzer(rules)
    made.encoder = made.dialogue = Silent()  # type: ignore[misc,assignment]
    return made


CARELESS = {"unfeeling": {"role": "agent", "says": ["policy"], "met_by": {"says": ["sorry"]}}}
WAITING = {"waiting": {"role": "customer", "means": ["I have been waiting since Monday."], "similarity": 0.5}}


@settings(max_examples=30)
@given(calls())
def test_the_same_rules_give_the_same_report(call: HeardCall) -> None:
    first = analyzer(CARELESS)
    kept = first.understand(call)
    examined = first.rejudge(kept)
    again = without_models(CARELESS).rejudge(Kept.model_validate(kept.model_dump()))
    assert again == examined
    assert again.report.provenance.models.keys() == {"words", "acts"}


@settings(max_examples=20)
@given(calls())
def test_judged_live_it_is_the_same(call: HeardCall) -> None:
    """Where nothing personal is said: a live listener cannot know yet what later turns will tell to be personal."""
    spoken = [turn for turn in call.facts.turns if "4111" not in turn.text and "@" not in turn.text]
    turns = tuple(turn.model_copy(update={"index": index}) for index, turn in enumerate(spoken))
    call = call.model_copy(update={"facts": call.facts.model_copy(update={"turns": turns})})
    reader = ActReader(FakeEncoder(), dialogue=FakeDialogue(), language=call.facts.language)
    live = replay(
        turns,
        call.facts.sounds,
        reader=reader,
        frustration=FrustrationFilter(reader),
        rules=load_rules(custom=WAITING),
        language=call.facts.language,
    )
    report = analyzer(WAITING).judge(call)
    assert (report.turns, report.frustration, report.moments, report.summary) == (
        live.turns,
        live.frustration,
        live.moments,
        live.summary,
    )


@settings(max_examples=20)
@given(calls())
def test_nothing_personal_is_kept(call: HeardCall) -> None:
    kept = analyzer().understand(call)
    facts = kept.facts.model_dump_json()
    assert "4111" not in facts
    assert "@" not in facts
    encoder = FakeEncoder()
    meanings = Meanings(kept)
    for turn, before in zip(kept.facts.turns, call.facts.turns, strict=True):
        if turn.text != before.text:
            reader = ActReader(encoder, dialogue=FakeDialogue(), language=call.facts.language)
            expected = Rounded.of(reader.vectors(turn.text)).vectors
            np.testing.assert_array_equal(meanings.turns[turn.index].vectors, expected)


def spoken(*lines: tuple[str, str]) -> HeardCall:
    turns = tuple(
        Turn(index=n, speaker=speaker, start_s=5.0 * n, end_s=5.0 * n + 4, text=text)
        for n, (speaker, text) in enumerate(lines)
    )
    facts = CallFacts(source="c.wav", language="en", duration_s=5.0 * len(turns), layout="stereo", turns=turns)
    return HeardCall(call_id="c", facts=facts, channels=Channels(layout="stereo"))


LONG = spoken(
    ("agent", "Thanks for calling. How can I help?"),
    ("customer", "The kettle leaks. I have been waiting since Monday."),
    ("agent", "It is our policy to wait for ten days."),
    ("customer", "Then I will take it back to the shop."),
)


def test_a_new_rule_asks_the_encoder_for_its_own_sentences_alone_and_once() -> None:
    kept = analyzer().understand(LONG)
    changed = without_models(WAITING)
    changed.encoder = encoder = FakeEncoder()  # type: ignore[misc,assignment]
    found = [changed.rejudge(kept).report.moments for _ in range(3)]
    assert encoder.encoded == ["I have been waiting since Monday."]
    assert [m.quote for m in found[2] if m.kind == "waiting"] == ["I have been waiting since Monday."]


def test_a_changed_rule_changes_the_moments_and_the_provenance() -> None:
    kept = analyzer().understand(LONG)
    before = without_models().rejudge(kept).report
    after = without_models(CARELESS).rejudge(kept).report
    assert "unfeeling" in {m.kind for m in after.moments}
    assert after.provenance.rules != before.provenance.rules
    assert [m for m in after.moments if m.kind != "unfeeling"] == list(before.moments)


@pytest.mark.parametrize("change", [{"understood": b""}, {"understood_by": "other models"}])
def test_what_other_models_understood_is_understood_anew(change: dict[str, object]) -> None:
    first = analyzer()
    kept = first.understand(LONG)
    assert first.rejudge(kept.model_copy(update=change)) == first.rejudge(kept)


@given(st.lists(st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3), max_size=4))
def test_what_has_been_rounded_stays_as_it_is(vectors: list[list[float]]) -> None:
    rounded = Rounded.of(np.array(vectors, np.float32).reshape(-1, 3)).vectors
    np.testing.assert_array_equal(Rounded.of(rounded).vectors, rounded)
    assert np.abs(rounded - np.array(vectors, np.float32).reshape(-1, 3)).max(initial=0) <= 1 / 64


def test_arrays_are_packed_and_unpacked() -> None:
    arrays = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "none": np.zeros((0, 4), np.uint8)}
    read = unpacked(packed(arrays))
    assert {name: (a.dtype, a.tolist()) for name, a in read.items()} == {
        name: (a.dtype, a.tolist()) for name, a in arrays.items()
    }
