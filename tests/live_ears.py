# ruff: noqa: ARG002  (a script is not interested in what it is asked)
"""A live server with scripted ears: it hears words where tones are, so that all but the recogniser is real."""

import contextlib
import json
import threading
import time

import numpy as np

from audio.facts import Word
from audio.ports import Transcript
from audio.sounds import CLASSES
from monitor.acts.reader import ActReader
from monitor.live.call import Models
from monitor.live.serving import Service
from monitor.rules import default_rules
from monitor.settings import LiveSettings
from tests.fake_encoder import FakeDialogue, FakeEncoder

RATE_HZ = 8_000


class TimedTranscriber:
    """Knows what is said when; gives each track the scripted words that lie in its speech, but for those that it is told."""

    name = "scripted-words"

    def __init__(self, script):
        self.script = script
        self.asked = 0

    def known(self, track):
        return self.script

    def transcribe(self, tracks, *, language, progress=None):
        self.asked += 1
        found = []
        for track in tracks:
            words = [
                word
                for word in self.known(track)
                if any(span.start_s <= (word.start_s + word.end_s) / 2 < span.end_s for span in track.speech)
            ]
            new = words[len(track.opening) :]
            found.append(Transcript(language=language or "en", words=tuple(new)))
        return tuple(found)


class QuietTagger:
    """Hears no sounds."""

    def steps(self, channel, first, last):
        return np.zeros((last - first, len(CLASSES)), np.float32)


class Kept:
    """An outlet that keeps what it was told."""

    def __init__(self):
        self.events = []
        self.changed = threading.Condition()

    def tell(self, event):
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def close(self):
        pass

    def of(self, kind, call_id=None):
        return [event for event in self.events if isinstance(event, kind) and call_id in (None, event.call_id)]

    def wait(self, kind, count=1, *, call_id=None, timeout_s=90.0):
        """The events of a kind, once there are so many."""
        with self.changed:
            came = self.changed.wait_for(lambda: len(self.of(kind, call_id)) >= count, timeout_s)
        assert came, f"no {kind.__name__}: {[event.type for event in self.events]}"
        return self.of(kind, call_id)


class NotedAnalysis:
    """Analyses nothing, and remembers what it was given."""

    def __init__(self):
        self.notes = []

    def analyse(self, note):
        self.notes.append(note)
        return ""

    def rest(self):
        pass


def scripted_models(script=()):
    transcriber = TimedTranscriber(script)
    encoder, dialogue = FakeEncoder(), FakeDialogue()
    return Models(
        transcriber=lambda: transcriber,
        tagger=QuietTagger,
        reader=lambda language: ActReader(encoder, dialogue=dialogue, language=language),
    )


class Running:
    """A server in a thread."""

    def __init__(self, folder, *, models=None, outlet=None, analysis=None, rules=None, routes=(), **limits):
        self.outlet = outlet or Kept()
        self.analysis = analysis or NotedAnalysis()
        # A test says how patient the server is where that matters; elsewhere it waits as long as a busy machine takes.
        limits = {"idle_s": 600.0, "start_s": 60.0} | limits
        self.settings = LiveSettings(spool=folder / "spool", port=free_port(), **limits)
        self._service = Service(
            self.settings,
            models or scripted_models(),
            rules or default_rules(),
            self.outlet,
            self.analysis,
            routes=routes,
        )
        self.at_the_end = contextlib.ExitStack()
        """What is to be closed once the server has stopped."""
        self._server = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.settings.port}"

    def _run(self):
        def ready(server):
            self._server = server
            self._ready.set()

        self._service.run(ready)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(60)
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self._server.should_exit = True
        self._thread.join(90)
        self.at_the_end.close()
        assert not self._thread.is_alive()


def free_port():
    import socket

    with contextlib.closing(socket.socket()) as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def words(text, start_s, end_s):
    parts = text.split()
    step = (end_s - start_s) / len(parts)
    return [
        Word(text=part, start_s=start_s + i * step, end_s=start_s + (i + 1) * step, confidence=0.9)
        for i, part in enumerate(parts)
    ]


def replies_of(socket):
    """The next message, as JSON."""
    return json.loads(socket.recv(timeout=60))
