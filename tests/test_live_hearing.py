# ruff: noqa: ARG002  (a script is not interested in what it is asked)
"""A call that comes in piece by piece is heard as its recording would be; load, failures and kills lose nothing of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.sync.client import connect

from audio.live.endpoint import WINDOW, Endpointer
from audio.live.growing import GrowingRecording
from audio.speech import find_speech
from monitor.live.events import (
    CallAnalysed,
    CallEnded,
    CallStarted,
    FrustrationMoved,
    LagMeasured,
    TroubleCounted,
    TurnSettled,
)
from monitor.live.hearing import Hearing
from monitor.live.protocols import pcm
from tests.live_ears import NotedAnalysis, Running, TimedTranscriber, replies_of, scripted_models, words
from tests.recordings import real_call

RATE_HZ = 8_000
FRAME = 800


def sound(length_s=30.0):
    """Both sides of a real call, 8 kHz, agent first."""
    return [np.asarray(side, np.int16) for side in real_call(length_s=length_s)[:2]]


def at_16_khz(samples, folder, name="tape"):
    growing = GrowingRecording(folder / f"{name}.wav", rate_hz=RATE_HZ, tracks=1)
    growing.write(0, 0, samples)
    return growing.excerpt(0, 0.0, growing.duration_s)


def script_of(sides, folder):
    """Words spread over the speech that a recording of the two sides has, for each side."""
    script = {}
    for name, samples in zip(("agent", "customer"), sides, strict=True):
        spans = find_speech(at_16_khz(samples, folder, name))
        script[name] = [
            word
            for i, span in enumerate(spans)
            for word in words(
                " ".join(f"{name}{i}.{n}" for n in range(max(1, int(span.duration_s * 2)))), span.start_s, span.end_s
            )
        ]
    return script


# Speech


def test_speech_is_found_live_where_the_recording_has_it(tmp_path):
    tape = at_16_khz(sound(60.0)[1], tmp_path)
    samples = tape.read(0.0, tape.duration_s)
    ear = Endpointer()
    for first in range(0, len(samples) // WINDOW * WINDOW, 4 * WINDOW):
        ear.push(samples[first : first + 4 * WINDOW][: len(samples) // WINDOW * WINDOW - first])
    ear.finish()
    live, recorded = (covered(spans, tape.duration_s) for spans in (ear.take(), find_speech(tape)))
    assert recorded.mean() > 0.2
    assert (live == recorded).mean() > 0.95


def covered(spans, duration_s):
    frames = np.zeros(int(duration_s * 100), bool)
    for span in spans:
        frames[int(span.start_s * 100) : int(span.end_s * 100)] = True
    return frames


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
@settings(max_examples=20)
def test_how_the_sound_is_cut_up_makes_no_difference(cuts):
    samples = np.repeat(sound(4.0)[1], 2).astype(np.float32)[: 120 * WINDOW] / 32_768
    ends = np.minimum(np.cumsum(cuts) * WINDOW, len(samples)).tolist()
    ear, whole = Endpointer(), Endpointer()
    for start, end in zip([0, *ends], [*ends, len(samples)], strict=True):
        if end > start:
            ear.push(samples[start:end])
    whole.push(samples)
    assert ear.time_s == whole.time_s
    # The level that the gain follows is learned a little earlier or later; nothing else may differ.
    found, expected = covered(ear.take(), 4.0), covered(whole.take(), 4.0)
    assert (found == expected).mean() > 0.9


# The whole server with scripted words


def stream(server, call_id, sides, *, length_s=None):
    """A call, as fast as the server takes it."""
    with connect(f"{server.url}/pcm") as client:
        client.send(pcm.start(call_id=call_id, language="en"))
        replies_of(client)
        frames = len(sides[0]) if length_s is None else int(length_s * RATE_HZ)
        for number, first in enumerate(range(0, frames - FRAME + 1, FRAME)):
            client.send(pcm.sound(*(side[first : first + FRAME] for side in sides), number=number, first=first))
        client.send(pcm.control("stop"))
        for _ in client:
            pass


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    sides = sound(30.0)
    script = script_of(sides, tmp_path_factory.mktemp("script"))
    return sides, script


def said_in(server, call_id):
    turns = {event.turn.index: event.turn for event in server.outlet.of(TurnSettled, call_id)}
    return [word.text for index in sorted(turns) for word in turns[index].words]


class TwoSided(TimedTranscriber):
    """Gives each side its own words: the names in them tell whose they are."""

    def known(self, track):
        name = "agent" if track.channel.track == 0 else "customer"
        return [word for word in self.script if word.text.startswith(name)]


def two_sided(script, kind=TwoSided):
    scripted = scripted_models()
    transcriber = kind([*script["agent"], *script["customer"]])
    return transcriber, scripted.__class__(lambda: transcriber, scripted.tagger, scripted.reader)


def test_everything_that_is_said_is_heard_and_judged(tmp_path, call):
    sides, script = call
    _, scripted = two_sided(script)
    with Running(tmp_path, models=scripted, speed=1_000_000) as server:
        stream(server, "one", sides)
        server.outlet.wait(CallAnalysed, call_id="one")
        assert sorted(said_in(server, "one")) == sorted(w.text for side in script.values() for w in side)
        assert server.outlet.of(FrustrationMoved, "one")
        kinds = [type(event) for event in server.outlet.events]
        assert kinds.index(CallStarted) < kinds.index(TurnSettled) < kinds.index(CallEnded) < kinds.index(CallAnalysed)


@pytest.mark.parametrize("workers", [1, 2])
def test_where_calls_are_few_an_utterance_has_two_cores(tmp_path, call, monkeypatch, workers):
    sides, script = call
    slow, scripted = two_sided(script)
    quick, _ = two_sided(script)
    monkeypatch.setattr("monitor.live.serving.Hearing", partial(Hearing, workers=workers))
    with Running(tmp_path, models=replace(scripted, quick=lambda: quick), speed=1_000_000) as server:
        stream(server, "one", sides)
        server.outlet.wait(CallAnalysed, call_id="one")
        assert sorted(said_in(server, "one")) == sorted(w.text for side in script.values() for w in side)
    assert bool(quick.asked) == (workers == 2)
    assert workers == 2 or slow.asked


class Held(TwoSided):
    """Gives no word before it is let go on."""

    def __init__(self, script):
        super().__init__(script)
        self.go_on = threading.Event()

    def transcribe(self, tracks, *, language, progress=None):
        assert self.go_on.wait(120)
        return super().transcribe(tracks, language=language)


def test_more_than_can_be_heard_lags_and_loses_nothing(tmp_path, call):
    sides, script = call
    transcriber, scripted = two_sided(script, Held)
    with Running(tmp_path, models=scripted, speed=1_000_000) as server:
        stream(server, "slow", sides, length_s=20.0)
        assert server.outlet.wait(LagMeasured, call_id="slow")[0].lag_s > 0.0
        assert (tmp_path / "spool" / "slow.wav").stat().st_size == 44 + 4 * 20 * RATE_HZ
        assert transcriber.asked == 0
        transcriber.go_on.set()
        server.outlet.wait(CallAnalysed, call_id="slow")
        assert server.outlet.of(LagMeasured, "slow")[-1].lag_s == 0.0
        expected = [w.text for side in script.values() for w in side if w.end_s < 19.0]
        assert set(expected) <= set(said_in(server, "slow"))


class Failing(TimedTranscriber):
    """Fails for one language, as a model might."""

    def transcribe(self, tracks, *, language, progress=None):
        if language == "xx":
            raise RuntimeError("out of tune")
        return super().transcribe(tracks, language=language)


def test_a_call_that_cannot_be_heard_live_is_still_recorded_and_disturbs_no_other(tmp_path, call):
    sides, script = call
    scripted = scripted_models()
    failing = Failing([*script["customer"]])
    scripted = scripted.__class__(lambda: failing, scripted.tagger, scripted.reader)
    with Running(tmp_path, models=scripted, speed=1_000_000) as server:
        with connect(f"{server.url}/pcm") as client:
            client.send(pcm.start(call_id="bad", language="xx"))
            replies_of(client)
            for number, first in enumerate(range(0, len(sides[0]) - FRAME + 1, FRAME)):
                client.send(pcm.sound(*(side[first : first + FRAME] for side in sides), number=number, first=first))
            server.outlet.wait(TroubleCounted, call_id="bad")
            stream(server, "good", sides, length_s=10.0)
            server.outlet.wait(CallAnalysed, call_id="good")
            client.send(pcm.control("stop"))
            server.outlet.wait(CallAnalysed, call_id="bad")
        assert "failed" in server.outlet.of(TroubleCounted, "bad")[0].text
        assert said_in(server, "good")
        assert (tmp_path / "spool" / "bad.wav").stat().st_size == 44 + 4 * len(sides[0]) // FRAME * FRAME


SERVER = """
import sys, time
from pathlib import Path
from tests.live_ears import Running
with Running(Path(sys.argv[1])) as running:
    print(running.url, flush=True)
    time.sleep(600)
"""


def test_a_killed_server_leaves_what_it_heard_and_its_successor_goes_on(tmp_path, call):
    sides, _ = call
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as server:
        url = server.stdout.readline().strip()
        with connect(f"{url}/pcm") as client:
            client.send(pcm.start(call_id="killed", language="en"))
            replies_of(client)
            for number in range(20):
                first = number * FRAME
                client.send(pcm.sound(*(side[first : first + FRAME] for side in sides), number=number, first=first))
            wav = tmp_path / "spool" / "killed.wav"
            deadline = time.monotonic() + 90
            while wav.stat().st_size < 44 + 4 * 20 * FRAME and time.monotonic() < deadline:
                time.sleep(0.01)
            os.kill(server.pid, signal.SIGKILL)
    with Running(tmp_path) as successor:
        successor.outlet.wait(CallAnalysed, call_id="killed")
        assert [note.call_id for note in successor.analysis.notes] == ["killed"]
        with connect(f"{successor.url}/pcm") as client:
            client.send(pcm.start(call_id="killed", language="en"))
            assert replies_of(client)["position"] == 20 * FRAME
            first = 20 * FRAME
            client.send(pcm.sound(*(side[first : first + FRAME] for side in sides), number=0, first=first))
            client.send(pcm.control("stop"))
            for _ in client:
                pass
        successor.outlet.wait(CallAnalysed, 2, call_id="killed")
        assert successor.outlet.of(CallStarted, "killed")[0].resumed
        assert successor.outlet.of(CallEnded, "killed")[0].duration_s == pytest.approx(2.1)


class Stumbling(NotedAnalysis):
    """Fails for one call as nobody expects."""

    def analyse(self, note):
        if note.call_id == "odd":
            raise MemoryError
        return super().analyse(note)


def test_an_analysis_that_fails_unexpectedly_is_told_and_made_up_for_later(tmp_path, call):
    sides, _ = call
    with Running(tmp_path, analysis=Stumbling(), speed=1_000_000) as server:
        stream(server, "odd", sides, length_s=2.0)
        assert "when the server starts again" in server.outlet.wait(CallAnalysed, call_id="odd")[0].error
        stream(server, "next", sides, length_s=2.0)
        assert server.outlet.wait(CallAnalysed, call_id="next")[0].error == ""
    with Running(tmp_path) as successor:
        assert successor.outlet.wait(CallAnalysed)[0].error == ""
    assert [note.call_id for note in successor.analysis.notes] == ["odd"]
