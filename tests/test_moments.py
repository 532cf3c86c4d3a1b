"""Each kind of moment on small scripted calls: missed, handled, late, and nothing where nothing was open."""

import pytest

from monitor.moments.catalogue import KINDS
from monitor.moments.hints import shipped_hints
from tests.scenes import Scene

OPENS = {
    "unacknowledged_frustration": ("voices_frustration", "acknowledges_feeling"),
    "repeat_contact": ("repeat_contact", "acknowledges_effort"),
    "unexplained_failure": ("asks_why", "explains_cause"),
    "unmet_need": ("voices_need", "notes_need"),
}
"""Kinds that the customer opens: the act that opens, the act that meets it."""

customer_opens = pytest.mark.parametrize(("kind", "opens", "meets"), [(k, *v) for k, v in OPENS.items()])


@customer_opens
def test_an_opening_that_nobody_meets_is_missed_on_the_first_agent_turn(kind: str, opens: str, meets: str) -> None:  # noqa: ARG001
    scene = Scene().say("a").say("c", opens).say("a", "asks_fact").say("c").say("a").say("c").say("a")
    assert scene.found(kind) == [("missed", 2)]


@customer_opens
def test_an_opening_is_handled_on_the_turn_that_meets_it(kind: str, opens: str, meets: str) -> None:
    assert Scene().say("c", opens).say("a", meets).say("c").say("a").found(kind) == [("handled", 1)]
    assert Scene().say("c", opens).say("a").say("c").say("a", meets).found(kind) == [("handled", 3)]


@customer_opens
def test_no_opening_no_moment(kind: str, opens: str, meets: str) -> None:  # noqa: ARG001
    assert Scene().say("a").say("c").say("a", meets).say("c").found(kind) == []


@pytest.mark.parametrize("kind", ["unacknowledged_frustration", "repeat_contact", "unexplained_failure"])
def test_what_is_met_after_the_window_is_late_and_replaces_the_miss(kind: str) -> None:
    opens, meets = OPENS[kind]
    scene = Scene().say("c", opens).say("a").say("c").say("a").say("c")
    assert scene.found(kind) == [("missed", 1)]
    assert scene.say("a", meets).found(kind) == [("late", 5)]


def test_voiced_again_in_an_open_window_is_the_same_opening() -> None:
    scene = Scene().say("c", "voices_frustration").say("a").say("c", "voices_frustration").say("a").say("c").say("a")
    assert scene.found("unacknowledged_frustration") == [("missed", 1)]


def test_voiced_again_after_the_window_is_a_new_opening() -> None:
    scene = Scene().say("c", "voices_frustration").say("a").say("c").say("a")
    scene.say("c", "voices_frustration").say("a", "acknowledges_feeling")
    assert scene.found("unacknowledged_frustration") == [("missed", 1), ("handled", 5)]


def test_the_window_never_closes_before_the_first_agent_turn() -> None:
    scene = Scene().say("c", "voices_frustration").say("a", "acknowledges_feeling", gap_s=90.0)
    assert scene.found("unacknowledged_frustration") == [("handled", 1)]


def test_the_window_closes_by_time_before_a_second_agent_turn() -> None:
    scene = Scene().say("c", "voices_frustration").say("a").say("c", lasts_s=40.0).say("a", "acknowledges_feeling")
    assert scene.found("unacknowledged_frustration") == [("late", 3)]


def test_back_channels_are_no_turns() -> None:
    scene = Scene().say("c", "voices_frustration").say("a", text="Mm-hm.", lasts_s=0.5)
    scene.say("a", text="Right.", lasts_s=0.6).say("a").say("c").say("a", "acknowledges_feeling")
    assert scene.found("unacknowledged_frustration") == [("handled", 5)]


def test_an_opening_without_any_answer_is_no_miss() -> None:
    assert Scene().say("a").say("c", "voices_frustration").found("unacknowledged_frustration") == []


def test_latency_and_quote_of_a_response() -> None:
    scene = Scene().say("c", "voices_frustration", text="I am done").say("a", "acknowledges_feeling", gap_s=2.0)
    (moment,) = scene.findings().moments
    assert moment.quote == "I am done"
    assert moment.opening_turn == 0
    assert moment.response is not None
    assert (moment.response.turn, moment.response.latency_s) == (1, 2.0)
    assert moment.severity == "critical"


def test_distress_is_missed_when_nobody_asks() -> None:
    scene = Scene().say("a").say("c").sound("child_crying", 6.0, 12.0).say("a").say("c").say("a")
    assert scene.found("background_distress") == [("missed", 2)]


def test_distress_is_handled_by_asking() -> None:
    scene = Scene().say("a").say("c").sound("child_crying", 6.0, 12.0).say("a", "notices_background")
    assert scene.found("background_distress") == [("handled", 2)]


@pytest.mark.parametrize(("label", "end_s"), [("laughter", 12.0), ("television", 12.0), ("child_crying", 7.0)])
def test_other_and_short_sounds_are_no_distress(label: str, end_s: float) -> None:
    assert (
        Scene().say("a").say("c").sound(label, 6.0, end_s).say("a").say("c").say("a").found("background_distress") == []
    )


def test_a_sound_that_is_announced_late_finds_the_turns_that_answered_it() -> None:
    scene = Scene().say("a").say("c").sound("child_crying", 6.0, 12.0).say("a", "notices_background").say("c")
    listener = scene.listener()
    for event in [*scene.turns, *scene.sounds]:
        listener.hear(event)
    listener.close()
    assert [(m.kind, m.verdict, m.turn) for m in listener.findings().moments] == [("background_distress", "handled", 2)]


def test_a_sound_that_grows_is_one_moment() -> None:
    scene = Scene().say("a").say("c").sound("child_crying", 6.0, 8.0).sound("child_crying", 6.0, 12.0).say("a").say("c")
    assert scene.found("background_distress") == [("missed", 2)]


def test_a_repeated_instruction_is_one_the_customer_has_done() -> None:
    scene = (
        Scene().say("a").say("c", "already_done", text="restarted it").say("a", "instructs", text="restarted please")
    )
    assert scene.say("c").found("repeated_instruction") == [("missed", 2)]


def test_a_repeated_instruction_with_its_reason_is_handled() -> None:
    scene = Scene().say("a").say("c", "already_done", text="restarted it")
    scene.say("a", "instructs", "explains_repeat", text="restarted please").say("c")
    assert scene.found("repeated_instruction") == [("handled", 2)]


def test_another_instruction_is_no_repetition() -> None:
    scene = (
        Scene().say("a").say("c", "already_done", text="restarted it").say("a", "instructs", text="look here").say("c")
    )
    assert scene.found("repeated_instruction") == []


def test_a_second_question_after_frustration_is_an_interrogation() -> None:
    scene = Scene().say("c", "voices_frustration").say("a", "asks_fact").say("c").say("a", "asks_fact").say("c")
    assert scene.found("interrogation") == [("missed", 3)]


def test_acknowledging_before_the_second_question_meets_an_interrogation() -> None:
    scene = Scene().say("c", "voices_frustration").say("a", "asks_fact", "acknowledges_feeling")
    assert scene.say("c").say("a", "asks_fact").say("c").found("interrogation") == [("handled", 3)]


SAME_TURN = {
    "contradiction": ("contradicts", "saves_face"),
    "policy_shield": ("cites_policy", "offers_alternative"),
}


@pytest.mark.parametrize(("kind", "opens", "meets"), [(k, *v) for k, v in SAME_TURN.items()])
def test_what_the_same_turn_meets_is_handled(kind: str, opens: str, meets: str) -> None:
    assert Scene().say("c").say("a", opens).say("c").say("a").found(kind) == [("missed", 1)]
    assert Scene().say("c").say("a", opens, meets).say("c").say("a").found(kind) == [("handled", 1)]


def test_a_way_out_in_the_next_turn_meets_a_refusal_and_later_is_late() -> None:
    refusal = Scene().say("c").say("a", "cites_policy").say("c")
    assert refusal.say("a", "offers_alternative").found("policy_shield") == [("handled", 3)]
    refusal = Scene().say("c").say("a", "cites_policy").say("c").say("a").say("c")
    assert refusal.say("a", "offers_alternative").found("policy_shield") == [("late", 5)]


def test_cheer_mismatches_only_a_frustrated_customer() -> None:
    assert Scene().say("c", mood="angry").say("a", "cheers").say("c").found("tone_mismatch") == [("missed", 1)]
    assert Scene().say("c", mood="calm").say("a", "cheers").say("c").found("tone_mismatch") == []


def test_talk_of_others_is_divided_attention() -> None:
    assert Scene().say("c").say("a", "cites_others").say("c").found("divided_attention") == [("missed", 1)]


def test_a_silence_is_a_hold_unless_it_was_announced_or_the_customer_makes_it() -> None:
    assert Scene().say("a", "asks_to_hold").say("a", gap_s=15.0).say("c").found("unexplained_hold") == [("missed", 1)]
    announced = Scene().say("a", "announces_hold").say("a", "returns_with_news", gap_s=15.0).say("c")
    assert announced.found("unexplained_hold") == [("handled", 1)]
    assert Scene().say("c", "asks_to_wait").say("c", gap_s=15.0).say("a").found("unexplained_hold") == []
    assert Scene().say("a", "asks_to_hold").say("a", gap_s=6.0).say("c").found("unexplained_hold") == []


@pytest.mark.parametrize(
    ("act", "found"), [("offers_time", []), ("notices_background", []), ("instructs", [("missed", 3)])]
)
def test_an_offer_to_wait_stands_over_a_short_turn(act: str, found: list[tuple[str, int]]) -> None:
    scene = Scene().say("a", act).say("c", "confirms").say("a").say("c", gap_s=20.0).say("a")
    assert scene.found("unexplained_hold") == found


def test_a_second_one_moment_is_a_hold_without_a_long_silence() -> None:
    scene = Scene().say("a", "asks_to_hold").say("c").say("a", "asks_to_hold", gap_s=4.0).say("c")
    assert scene.found("unexplained_hold") == [("missed", 2)]


def test_a_close_needs_the_confirmation() -> None:
    assert Scene().say("c").say("a").say("c").say("a", "moves_to_close").say("c").found("rushed_close") == [
        ("missed", 3)
    ]
    confirmed = Scene().say("a").say("c").say("a").say("c", "confirms").say("a", "moves_to_close")
    assert confirmed.found("rushed_close") == [("handled", 4)]
    assert confirmed.say("c", "confirms").say("a", "moves_to_close").found("rushed_close") == [("handled", 4)]


def test_every_push_to_close_is_missed_anew() -> None:
    scene = Scene().say("c").say("a").say("c").say("a", "moves_to_close").say("c", "rejects").say("a", "moves_to_close")
    assert scene.found("rushed_close") == [("missed", 3), ("missed", 5)]


def test_talking_over_is_critical_when_the_customer_is_angry() -> None:
    for mood, severity in (("calm", "minor"), ("angry", "critical")):
        scene = Scene().say("a").say("c", mood=mood).say("a", gap_s=-1.0).say("c")
        (moment,) = [m for m in scene.findings().moments if m.kind == "talk_over"]
        assert (moment.verdict, moment.turn, moment.severity) == ("missed", 2, severity)


def test_yielding_meets_talking_over_and_a_breath_is_none() -> None:
    assert Scene().say("a").say("c").say("a", "apologizes", gap_s=-1.0).say("c").found("talk_over") == [("handled", 2)]
    assert Scene().say("a").say("c").say("a", gap_s=-0.3).say("c").found("talk_over") == []
    assert Scene().say("a").say("c").say("a", gap_s=-1.5, lasts_s=0.7, text="mm-hm").say("c").found("talk_over") == []


def test_the_same_apology_again_is_hollow_unless_something_is_done() -> None:
    scene = Scene().say("a", "apologizes", text="sorry").say("c").say("a", "apologizes", text="sorry").say("c")
    assert scene.found("hollow_apology") == [("missed", 2)]
    scene = Scene().say("a", "apologizes", text="sorry").say("c")
    assert scene.say("a", "apologizes", "takes_ownership", text="sorry").say("c").found("hollow_apology") == [
        ("handled", 2)
    ]


@pytest.mark.parametrize(
    ("kind", "act", "counted"),
    [
        ("ownership", "takes_ownership", 1),
        ("used_name", "uses_name", 1),
        ("offered_time", "offers_time", 2),
        ("explained_cause", "explains_cause", 2),
        ("offered_alternative", "offers_alternative", 2),
        ("confirmed_resolution", "checks_resolution", 2),
        ("proactive_information", "informs_proactively", 2),
    ],
)
def test_standalone_kinds_are_praise_once_a_call_or_each_time(kind: str, act: str, counted: int) -> None:
    found = Scene().say("c").say("a", act).say("c").say("a", act).say("c").found(kind)
    assert found == [("handled", 1), ("handled", 3)][:counted]


def test_every_shipped_hint_has_its_name() -> None:
    hints = shipped_hints()
    assert len(hints.names) == len(hints.weights) == len(hints.biases)
    kinds = {kind.name for kind in KINDS}
    assert {name.split(".")[0] for name in hints.names} <= kinds
    assert {name.split(".")[1] for name in hints.names} == {"opening", "missed", "handled"}
