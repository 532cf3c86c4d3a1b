"""A call that comes in: holds are silence and no loss, whichever way the sender counts them; lost streams go on where they were."""

import numpy as np
import pytest

from monitor.live.events import HoldBegan, HoldEnded
from monitor.live.intake import Intake
from monitor.live.protocols import HoldBegan as Holds
from monitor.live.protocols import HoldEnded as Resumes
from monitor.live.protocols import Media, Opened, Skipped
from monitor.live.spool import Spool

RATE_HZ = 8_000
TRACKS = ("agent", "customer")


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def opened(stream="one"):
    return Opened("call", stream, TRACKS, {track: track for track in TRACKS}, RATE_HZ)


@pytest.fixture
def intake(tmp_path, clock):
    spool = Spool(tmp_path)
    return Intake(spool, spool.open(opened(), "pcm"), resumed=False, clock=clock)


def speak(intake, first, value, seconds=1.0):
    for track in TRACKS:
        intake.take(Media(track, np.full(int(seconds * RATE_HZ), value, np.int16), first))


def held(intake):
    """What is on disk, one value a second."""
    return intake.recording.read(1, 0, intake.recording.frames)[RATE_HZ // 2 :: RATE_HZ].tolist()


@pytest.mark.parametrize("counted", [True, False])
def test_a_hold_is_silence_of_its_length(intake, clock, counted):
    speak(intake, 0, 1)
    intake.hold(Holds())
    for _ in range(20):
        clock.now_s += 0.25
        intake.tick()
    assert intake.clock_s == pytest.approx(5.0), "time goes on while the customer waits, a second behind the clock"
    intake.hold(Resumes())
    speak(intake, (6 if counted else 1) * RATE_HZ, 2)
    assert held(intake)[0] == 1
    assert held(intake)[-1] == 2
    assert len(held(intake)) == (7 if counted else 6)
    assert not any(held(intake)[1:-1])
    assert intake.troubles().lost_s == 0
    began, ended = intake.waiting
    assert (began.start_s, ended.start_s, ended.end_s) == (1.0, 1.0, pytest.approx(5.0))
    assert (type(began), type(ended)) == (HoldBegan, HoldEnded)


def test_what_was_left_out_is_silence(intake):
    speak(intake, 0, 1)
    intake.skip(Skipped(RATE_HZ, 3 * RATE_HZ))
    speak(intake, 3 * RATE_HZ, 2)
    assert held(intake) == [1, 0, 0, 2]
    assert intake.troubles().lost_s == 0


def test_a_new_stream_of_the_call_begins_where_the_call_is_by_the_clock(intake, clock):
    intake.connect("first", new_stream=False)
    speak(intake, 0, 1)
    clock.now_s += 4.0
    intake.connect("second", new_stream=True)
    speak(intake, 0, 2)
    assert held(intake) == [1, 0, 0, 0, 2]


def test_the_next_server_goes_on_with_the_same_file(tmp_path, intake, clock):
    speak(intake, 0, 1)
    spool = Spool(tmp_path)
    [note] = spool.unfinished()
    again = Intake(spool, spool.open(opened(), "pcm"), resumed=True, clock=clock)
    assert (note.state, again.recording.frames, again.clock_s) == ("live", RATE_HZ, 1.0)
    speak(again, RATE_HZ, 2)
    again.end("stop", finished=True)
    assert held(again) == [1, 2]
    assert spool.read("call").finished
    spool.update("call", state="analysed")
    assert spool.unfinished() == []
