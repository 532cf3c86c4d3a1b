"""Kinds of a user's own: what one turn must be like, how conditions combine over a call, and what meets them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fake_encoder import text_vector
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.listener import Listener, in_order
from monitor.moments.hints import NoHints
from monitor.records import Moment
from monitor.rules import load_rules
from monitor.sentences import split_sentences
from tests.scenes import Scene, ScriptedFrustration, ScriptedReader, plain_graders

Table = dict[str, Any]


class WordReader(ScriptedReader):
    """Sentences that share words are alike."""

    def meanings(self, sentences: Any) -> np.ndarray:
        return np.stack([text_vector(sentence.strip(".?!"), 256) for sentence in sentences])

    def vectors(self, text: str) -> np.ndarray:
        return self.meanings(split_sentences(text))


def listener(scene: Scene, rules: dict[str, Table]) -> Listener:
    return Listener(
        WordReader(scene.acts),
        ScriptedFrustration(scene.levels),
        rules=load_rules(custom=rules),
        graders=plain_graders(),
        hints=NoHints(),
    )


def moments(scene: Scene, **rule: Any) -> list[Moment]:
    listening = listener(scene, {"mine": rule})
    for event in in_order(scene.turns, scene.sounds):
        listening.hear(event)
    listening.close()
    return [moment for moment in listening.findings().moments if moment.kind == "mine"]


def found(scene: Scene, **rule: Any) -> list[tuple[str, int | None]]:
    return [(moment.verdict, moment.turn) for moment in moments(scene, **rule)]


def turns(scene: Scene, **rule: Any) -> list[int | None]:
    return [moment.turn for moment in moments(scene, **rule)]


def a_call() -> Scene:
    return (
        Scene()
        .say("a", text="Hello, this is Dan.")
        .say("c", text="Good morning. I want to cancel my account.", mood="angry")
        .say("a", "apologizes", text="I am sorry to hear that.")
        .say("c", text="Yes.", lasts_s=0.5)
        .say("a", text="Let me see. Anything else today?", gap_s=20.0)
        .say("c", text="No, cancel it.", mood="uneasy", gap_s=-2.0)
    )


@pytest.mark.parametrize(
    ("rule", "flagged"),
    [
        ({"role": "customer", "says": "cancel"}, [1, 5]),
        ({"says": ["hello", "anything else"]}, [0, 4]),
        ({"role": "agent", "says": "cancel"}, []),
        ({"says": "yes"}, [3]),
        ({"means": "I want to cancel my account", "similarity": 0.9}, [1]),
        ({"means": ["something wholly other", "Let me see"], "similarity": "strict"}, [4]),
        ({"does": "apologizes"}, [2]),
        ({"does": ["thanks", "blames"]}, []),
        ({"role": "customer", "frustration_from": 0.5}, [1]),
        ({"role": "customer", "says": "cancel", "frustration_below": 0.5}, [5]),
        ({"role": "customer", "frustration_fall": 0.5, "says": "cancel"}, [5]),
        ({"role": "customer", "frustration_rise": 0.15, "says": "cancel"}, [5]),
        ({"silence_s": 15}, [4]),
        ({"silence_s": 25}, []),
        ({"role": "customer", "talks_over_s": 1.5}, [5]),
        ({"role": "agent", "talks_over_s": 1.5}, []),
        ({"role": "customer", "first_turns": 1}, [1]),
        ({"role": "agent", "last_turns": 1}, [4]),
        ({"role": "customer", "first_s": 10}, [1]),
        ({"from_s": 10, "until_s": 17}, [3]),
        ({"last_s": 5}, [5]),
        ({"first_share": 0.02}, [0]),
        ({"last_share": 0.2, "role": "agent"}, [4]),
        ({"says": "cancel", "unless": {"says": "account"}}, [5]),
        ({"says": "cancel", "also": {"says": "account"}}, [1]),
        ({"says": "cancel", "once": True}, [1]),
        ({"says": "cancel", "times": 2}, [5]),
        ({"says": "cancel", "times": 3}, []),
        ({"says": "cancel", "enabled": False}, []),
    ],
)
def test_what_one_turn_must_be_like(rule: Table, flagged: list[int]) -> None:
    assert turns(a_call(), **rule) == flagged


CANCEL = {"role": "customer", "says": "cancel"}
RECORDED = {"role": "agent", "says": "recorded"}
SORRY = {"role": "agent", "says": "sorry"}


@pytest.mark.parametrize(
    ("rule", "flagged"),
    [
        ({"any": [SORRY, CANCEL]}, [1, 2, 5]),
        ({"any": [RECORDED, SORRY]}, [2]),
        ({"all": [CANCEL, SORRY]}, [2]),
        ({"all": [CANCEL, RECORDED]}, []),
        ({"not": RECORDED}, [4]),
        ({"not": SORRY}, []),
        ({"not": {**SORRY, "first_turns": 1}}, [0]),
        ({"not": {**SORRY, "first_turns": 2}}, []),
        ({"not": {**RECORDED, "first_s": 5}}, [0]),
        ({"not": {**RECORDED, "last_turns": 1}}, [4]),
        ({"not": {**SORRY, "last_s": 20}}, [4]),
        ({"all": [CANCEL, {"not": RECORDED}]}, [1]),
        ({"all": [CANCEL, {"not": SORRY}]}, []),
        ({"all": [CANCEL, {"any": [RECORDED, {"all": [SORRY, {"not": RECORDED}]}]}]}, [2]),
        ({"not": {"not": SORRY}}, [2]),
    ],
)
def test_conditions_combine_over_the_call(rule: Table, flagged: list[int]) -> None:
    assert turns(a_call(), **rule) == flagged


def test_what_nobody_could_have_said_is_not_missing() -> None:
    alone = Scene().say("c", text="Hello?").say("c", text="Is anybody there?")
    assert turns(alone, **{"not": RECORDED}) == []
    assert turns(Scene(), **{"not": RECORDED}) == []


@pytest.mark.parametrize(
    ("met_by", "verdicts"),
    [
        ({"says": "sorry"}, [("handled", 2)]),
        ({"says": "recorded"}, [("missed", 2)]),
        ({"says": "anything else"}, [("handled", 4)]),
        ({"says": "anything else", "turns": 1}, [("missed", 2)]),
        ({"says": "anything else", "seconds": 10}, [("missed", 2)]),
        ({"says": "yes", "role": "customer"}, [("missed", 1)]),
        ({"does": "apologizes"}, [("handled", 2)]),
    ],
)
def test_an_opening_is_met_within_its_window_or_missed(met_by: Table, verdicts: list[tuple[str, int]]) -> None:
    assert found(a_call(), says="account", met_by=met_by) == verdicts


def test_who_opens_may_meet_it_in_the_same_turn() -> None:
    scene = Scene().say("a", text="That is our policy, but I can ask.").say("c", text="Do.")
    assert found(scene, role="agent", says="policy", met_by={"says": "but"}) == [("handled", 0)]
    assert found(scene, role="agent", says="policy", met_by={"says": "because"}) == [("missed", 0)]


def test_nobody_is_blamed_for_what_the_call_left_no_time_for() -> None:
    scene = Scene().say("a", text="Hello.").say("c", text="I want to cancel.")
    assert found(scene, **CANCEL, met_by=SORRY) == []


def test_what_is_voiced_again_while_it_waits_is_the_same_opening() -> None:
    scene = (
        Scene().say("c", text="Cancel it.").say("c", text="Cancel it now.").say("a", text="Hm.").say("a", text="Well.")
    )
    assert found(scene, **CANCEL, met_by=SORRY) == [("missed", 2)]


def test_a_moment_tells_what_was_found_where_and_how_surely() -> None:
    (moment,) = moments(a_call(), means="I want to cancel it", role="customer", similarity=0.6, once=True)
    assert moment.quote == "I want to cancel my account."
    assert moment.why.startswith("mine: 0.")
    assert moment.why.endswith("like “I want to cancel it”.")
    assert 0.5 < moment.confidence < 1.0
    assert (moment.opening_turn, moment.response) == (1, None)
    (moment,) = moments(a_call(), silence_s=15, why="A long silence.", severity="critical")
    assert (moment.why, moment.severity) == ("A long silence.", "critical")
    assert moment.end_s - moment.start_s == pytest.approx(24.0)
    (moment,) = moments(a_call(), says="account", met_by=SORRY, why="She wants to leave.")
    assert moment.why == "She wants to leave; met at 0:09."
    assert moment.response is not None
    assert moment.response.latency_s == pytest.approx(0.5)
    (moment,) = moments(a_call(), says="hello", verdict="handled")
    assert moment.verdict == "handled"


def test_what_can_be_told_early_is_told_at_once() -> None:
    scene = a_call()
    rules = {
        "cancels": CANCEL,
        "not_recorded": {"not": {**RECORDED, "first_s": 12}},
        "last": {"role": "customer", "last_turns": 1},
    }
    listening = listener(scene, rules)
    heard = [{f.moment.kind for f in listening.hear(turn)} & set(rules) for turn in scene.turns]
    assert heard == [set(), {"cancels"}, set(), {"not_recorded"}, set(), {"cancels"}]
    assert {f.moment.kind for f in listening.close()} & set(rules) == {"last"}


TEXTS = ("cancel it", "sorry about that", "yes", "anything else?", "recorded")
leaves = st.fixed_dictionaries(
    {"says": st.sampled_from(["cancel", "sorry", "yes", "recorded"])},
    optional={
        "role": st.sampled_from(["agent", "customer", "either"]),
        "first_s": st.sampled_from([5, 20]),
        "last_s": st.sampled_from([5, 20]),
        "first_turns": st.integers(1, 3),
        "last_turns": st.integers(1, 3),
        "last_share": st.sampled_from([0.3, 0.6]),
        "times": st.integers(1, 2),
        "unless": st.just({"says": "about"}),
    },
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=5,
)


@st.composite
def calls(draw: Callable[..., Any]) -> Scene:
    scene = Scene()
    for _ in range(draw(st.integers(0, 10))):
        scene.say(
            draw(st.sampled_from("ac")),
            text=draw(st.sampled_from(TEXTS)),
            lasts_s=draw(st.sampled_from([0.5, 4.0])),
            gap_s=draw(st.sampled_from([-1.0, 0.5, 12.0])),
        )
    return scene


@settings(max_examples=150)
@given(calls(), conditions, st.none() | st.just({"says": "sorry", "turns": 2, "seconds": 8}))
def test_whatever_the_rule_what_is_told_stands_and_points_into_the_call(
    scene: Scene, condition: Table, met_by: Table | None
) -> None:
    """Told live or afterwards, the findings are the same; each is told once, and has a turn, a quote and a reason."""
    if met_by and "not" in str(condition):
        met_by = None
    rule = {**condition, "met_by": met_by} if met_by else condition
    listening = listener(scene, {"mine": rule})
    told = []
    for event in in_order(scene.turns, scene.sounds):
        told += [finding for finding in listening.hear(event) if finding.moment.kind == "mine"]
    told += [finding for finding in listening.close() if finding.moment.kind == "mine"]
    assert len({finding.id for finding in told}) == len(told)
    assert sorted(map(repr, moments(scene, **rule))) == sorted(repr(finding.moment) for finding in told)
    for finding in told:
        moment = finding.moment
        assert moment.turn is not None
        assert scene.turns[moment.turn].end_s <= moment.end_s
        assert moment.start_s <= moment.end_s
        assert moment.quote
        assert moment.why.endswith(".")
        assert 0.0 <= moment.confidence <= 1.0


@settings(max_examples=150)
@given(calls(), conditions)
def test_a_condition_and_its_opposite_are_never_both_found(scene: Scene, condition: Table) -> None:
    assert not (turns(scene, **condition) and turns(scene, **{"not": condition}))


def test_the_work_for_a_turn_is_bounded() -> None:
    import time

    scene = Scene()
    for number in range(2000):
        scene.say("ac"[number % 2], text="cancel it" if number % 2 else "well")
    rules = {
        "a": {**CANCEL, "met_by": SORRY},
        "b": {"all": [CANCEL, {"not": RECORDED}]},
        "c": {"not": {**RECORDED, "first_s": 60}},
        "d": {"any": [CANCEL, {**SORRY, "last_turns": 2}]},
    }
    listening = listener(scene, rules)
    listening.kinds = []
    seconds = []
    for turn in scene.turns:
        begin = time.thread_time()
        listening.hear(turn)
        seconds.append(time.thread_time() - begin)
    early, late = sorted(seconds[300:600])[30], sorted(seconds[-300:])[30]
    assert late < 3 * early
