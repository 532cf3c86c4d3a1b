"""One core for recorded and live: the same events give the same findings, whenever one looks in between."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from audio.facts import Turn
from monitor.acts.names import ACTS_OF
from monitor.listener import in_order
from monitor.moments.catalogue import KINDS
from tests.scenes import Scene

LABELS = ("child_crying", "alarm", "laughter")


@st.composite
def scenes(draw: Callable[..., object]) -> Scene:
    scene = Scene()
    for _ in range(draw(st.integers(1, 14))):
        who = draw(st.sampled_from("ac"))
        acts = draw(st.lists(st.sampled_from(ACTS_OF["agent" if who == "a" else "customer"]), max_size=3, unique=True))
        scene.say(
            who,
            *acts,
            text=draw(st.sampled_from(["restart it", "mm-hm", "sorry about that", "name please?"])),
            lasts_s=draw(st.sampled_from([0.5, 3.0, 9.0])),
            gap_s=draw(st.sampled_from([-1.0, 0.5, 14.0])),
            mood=draw(st.sampled_from(["calm", "uneasy", "angry"])),
        )
    for _ in range(draw(st.integers(0, 2))):
        start_s = draw(st.floats(0, scene.end_s + 1))
        scene.sound(draw(st.sampled_from(LABELS)), start_s, start_s + draw(st.sampled_from([1.0, 5.0])))
    return scene


@settings(max_examples=60)
@given(scenes(), st.data())
def test_looking_in_between_changes_nothing(scene: Scene, data: st.DataObject) -> None:
    events = in_order(scene.turns, scene.sounds)
    cuts = data.draw(st.sets(st.integers(0, len(events))))
    listener = scene.listener()
    announced = {}
    for number, event in enumerate(events):
        if number in cuts:
            listener.findings()
        announced.update({finding.id: finding.moment for finding in listener.hear(event)})
    announced.update({finding.id: finding.moment for finding in listener.close()})
    assert listener.findings() == scene.findings()
    assert sorted(announced.values(), key=repr) == sorted(listener.findings().moments, key=repr)


@settings(max_examples=60)
@given(scenes())
def test_findings_point_into_the_call(scene: Scene) -> None:
    findings = scene.findings()
    assert [turn.index for turn in findings.turns] == list(range(len(scene.turns)))
    assert all((turn.frustration is None) == (turn.speaker == "agent") for turn in findings.turns)
    names = {kind.name for kind in KINDS}
    for moment in findings.moments:
        assert moment.kind in names
        assert moment.turn is not None
        assert 0 <= moment.turn < len(scene.turns)
        assert moment.quote
        assert moment.why.endswith(".")
        assert 0.0 <= moment.confidence <= 1.0
        assert moment.start_s <= moment.end_s
        assert (moment.response is None) == (moment.verdict == "missed")


@settings(max_examples=40)
@given(scenes())
def test_what_was_announced_is_revised_only_under_its_own_name(scene: Scene) -> None:
    """A moment may be revised (missed to late), never taken back."""
    listener = scene.listener()
    known: dict[str, str] = {}
    for event in in_order(scene.turns, scene.sounds):
        for finding in listener.hear(event):
            before = known.get(finding.id)
            assert before is None or (before, finding.moment.verdict) == ("missed", "late")
            known[finding.id] = finding.moment.verdict


def test_a_sound_is_heard_before_the_first_turn_after_its_onset() -> None:
    scene = Scene().say("a").say("c").sound("alarm", 6.0, 9.0).say("a")
    kinds = [type(event).__name__ for event in in_order(scene.turns, scene.sounds)]
    assert kinds == ["Turn", "Turn", "Sound", "Turn"]


def test_distress_is_told_to_the_frustration_filter_and_other_sounds_are_not() -> None:
    scene = Scene().say("a").sound("alarm", 1.0, 4.0).sound("laughter", 1.0, 4.0).say("c")
    listener = scene.listener()
    for event in in_order(scene.turns, scene.sounds):
        listener.hear(event)
    assert [sound.label for sound in listener.frustration.sounds] == ["alarm"]  # type: ignore[attr-defined]


def test_the_work_for_a_turn_is_bounded() -> None:
    """A call of ten hours: what a turn costs late in the call is what it costs after the first hundreds of turns."""
    import time

    scene = Scene()
    for number in range(1500):
        scene.say("ac"[number % 2], "asks_fact" if number % 2 == 0 else "already_done")
    listener = scene.listener()
    seconds = []
    for event in scene.turns:
        assert isinstance(event, Turn)
        begin = time.thread_time()
        listener.hear(event)
        seconds.append(time.thread_time() - begin)
    early, late = sorted(seconds[400:700])[30], sorted(seconds[-300:])[30]
    assert late < 3 * early
