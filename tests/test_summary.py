"""The call at a glance: counts, rates, recovery, effort, and where the verdicts on the whole call come from."""

import pytest

from monitor.moments.scene import Scene as Heard
from monitor.records import FrustrationPoint, Moment
from monitor.summary import judge_contact_value, outcome_features, summarize
from tests.scenes import Scene


def points(*levels: float) -> list[FrustrationPoint]:
    return [FrustrationPoint(time_s=float(n), level=level, low=level, high=level) for n, level in enumerate(levels)]


def moment(kind: str, verdict: str, severity: str = "critical") -> Moment:
    return Moment.model_validate(
        {
            "kind": kind,
            "verdict": verdict,
            "severity": severity,
            "turn": 1,
            "confidence": 0.9,
            "quote": "q",
            "why": "w.",
        }
        | {"start_s": 0.0, "end_s": 1.0}
    )


def solved() -> Scene:
    scene = Scene().say("a").say("c", "gives_information").say("a", "explains_cause", "returns_with_news")
    return scene.say("c", "confirms", "thanks").say("a", "checks_resolution").say("c", "confirms", "thanks")


def unsolved() -> Scene:
    scene = Scene().say("a").say("c", "voices_frustration", mood="angry").say("a", "refuses", "cites_policy")
    return scene.say("c", "rejects", "voices_frustration", "threatens_to_leave", mood="angry").say(
        "a", "moves_to_close"
    )


def test_a_thanked_agent_resolved_it_and_a_refused_customer_did_not_get_it() -> None:
    assert solved().findings().summary.outcome == "resolved"
    assert unsolved().findings().summary.outcome == "unresolved"


@pytest.mark.parametrize(
    ("levels", "recovered"),
    [((0.3, 0.9, 0.2), True), ((0.3, 0.9, 0.85), False), ((0.2, 0.3, 0.1), False), ((), False)],
)
def test_recovered_is_a_high_peak_a_low_end_and_a_solved_issue(levels: tuple[float, ...], recovered: bool) -> None:
    listener = solved().listener()
    for turn in solved().turns:
        listener.hear(turn)
    assert summarize(listener.scene, points(*levels), []).recovered is recovered


def test_nothing_is_recovered_while_it_is_unsolved() -> None:
    listener = unsolved().listener()
    for turn in unsolved().turns:
        listener.hear(turn)
    assert summarize(listener.scene, points(0.3, 0.9, 0.2), []).recovered is False


def test_counts_and_empathy_rate_leave_praise_that_stands_alone_out_of_the_rate() -> None:
    moments = [
        moment("unacknowledged_frustration", "missed"),
        moment("interrogation", "missed", "minor"),
        moment("repeat_contact", "handled"),
        moment("unexplained_failure", "late", "minor"),
        moment("used_name", "handled", "minor"),
    ]
    summary = summarize(Heard("en"), points(0.2), moments)
    assert (summary.critical_missed, summary.minor_missed, summary.handled) == (1, 1, 2)
    assert summary.empathy_rate == 0.25


def test_no_opening_no_rate() -> None:
    assert summarize(Heard("en"), [], [moment("used_name", "handled")]).empathy_rate is None


def test_peak_and_end_are_those_of_the_curve() -> None:
    summary = summarize(Heard("en"), points(0.2, 0.7, 0.4), [])
    assert (summary.peak_frustration, summary.end_frustration) == (0.7, 0.4)


def test_effort_counts_what_the_call_cost_the_customer() -> None:
    scene = Scene().say("c", "repeat_contact", "already_done").say("a", "asks_to_hold").say("a", gap_s=15.0)
    scene.say("c", "asks_for_supervisor", "already_done").say("a")
    assert scene.findings().summary.effort == {"repeat_contact": 1, "holds": 1, "transfers": 1, "repeats": 2}


def test_an_empty_call_has_a_summary() -> None:
    summary = Scene().findings().summary
    assert summary.critical_missed == 0
    assert summary.recovered is False


def test_without_meaning_the_contact_is_of_the_commonest_value() -> None:
    assert judge_contact_value(Heard("en")) == "eliminate"


def test_the_outcome_looks_at_the_end_of_the_call() -> None:
    listener = solved().listener()
    for turn in solved().turns:
        listener.hear(turn)
    features = outcome_features(listener.scene)
    assert features["last_thanks"] > 0.9
    assert features["ends_rejects"] == 0.0
