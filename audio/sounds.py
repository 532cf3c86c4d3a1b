"""Sounds behind the customer's voice: a trained tagger, and the rule that makes events of its frame-wise scores.

The network (audio.cnn) sees log-mel frames and says, every 0.16 s, how likely each kind of sound is; it looks no further
ahead than 1.5 s. `training/sounds.py` fits it and `docs/SOUNDS.md` says on what, and how well it does.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.cnn import CONTEXT_STEPS, STEP_FRAMES, Network
from audio.facts import Sound, Span
from audio.logmel import HOP, RATE_HZ, log_mel
from audio.ports import AudioReader
from audio.prosody import halve

Probabilities = NDArray[np.float32]
"""Shape (steps, len(CLASSES)), 0 to 1."""

CLASSES = ("child_crying", "adult_crying", "screaming", "alarm", "siren", "laughter", "music", "barking", "distress")
"""The outputs of the network. `distress` is any of DISTRESS, learned as a class of its own: which kind of crying it is
may stay open where that it is crying does not. The rest are there to be told apart from it."""
DISTRESS = ("child_crying", "adult_crying", "screaming", "alarm")
WEIGHTS = Path(__file__).with_name("sounds.npz")
STEP_S = STEP_FRAMES * HOP / RATE_HZ
BLOCK_STEPS = 180
"""Steps computed at once, half a minute: bounds the memory however long the call is."""
ON, OFF = 0.5, 0.4
"""An event starts where its class (`distress`, `siren`) reaches ON and goes on while it stays above OFF."""
BREATH_S = 2.0
"""Cries pause for breath; what is further apart than this is another event."""
EVIDENCE_S = {"child_crying": 0.3, "adult_crying": 0.6, "screaming": 0.6, "alarm": 1.5, "siren": 0.6}
"""Least length times (confidence - 0.5): the shorter an event, the surer it must be. Children were learned from recordings;
what was learned from formulas must prove more, and an alarm must outlast the two seconds that a telephone rings."""
LEAST_S = 1.5
"""Shorter events are dropped: the moment that listens for them asks for as much."""


class DistressTagger:
    """The SoundTagger in use. Costs under 0.01 x real time on one core, and needs numpy alone."""

    name = "heard-sounds-1"

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._path = weights

    @cached_property
    def _network(self) -> Network:
        return Network.load(self._path)

    def tag(self, channel: AudioReader, speech: Sequence[Span]) -> tuple[Sound, ...]:  # noqa: ARG002
        """Distress of 1.5 s or more on one channel. It is looked for under speech and in pauses alike."""
        trackers = event_trackers()
        rows = (row for block in self._blocks(channel) for row in block)
        found = [event for row in rows for tracker in trackers if (event := tracker.push(row))]
        found += [event for tracker in trackers if (event := tracker.close())]
        return tuple(sorted(found, key=lambda event: event.start_s))

    def scores(self, channel: AudioReader) -> list[dict[str, float]]:
        """How likely each of CLASSES is in each second of a channel, 0 to 1: the mean over the steps in that second.

        `distress` is the highest of the network's own output for it and of the labels that it stands for.
        """
        seconds = math.ceil(channel.duration_s)
        sums, counts = np.zeros((seconds, len(CLASSES))), np.zeros((seconds, 1))
        step = 0
        for block in self._blocks(channel):
            at = ((np.arange(step, step + len(block)) + 0.5) * STEP_S).astype(int).clip(max=seconds - 1)
            np.add.at(sums, at, block)
            np.add.at(counts, at, 1)
            step += len(block)
        if seconds > 1 and not counts[-1]:
            # The last second is too short for a step of its own.
            sums[-1], counts[-1] = sums[-2], counts[-2]
        means = sums / np.maximum(counts, 1)
        means[:, CLASSES.index("distress")] = means[:, [CLASSES.index(name) for name in ("distress", *DISTRESS)]].max(1)
        return [dict(zip(CLASSES, row, strict=True)) for row in means.round(4).tolist()]

    def steps(self, channel: AudioReader, first: int, last: int) -> Probabilities:
        """Probabilities of steps `first` to `last` (exclusive); the same whatever the blocks a call is cut into.

        A step needs the audio up to 1.5 s after it. Before the start and after the end is silence.
        """
        margin = CONTEXT_STEPS + 1
        samples = _samples(channel, first - margin, last + margin + 1)
        frames = log_mel(samples)[: (last - first + 2 * margin) * STEP_FRAMES]
        logits = self._network(frames)[margin : margin + last - first]
        return np.asarray(1 / (1 + np.exp(-logits)))

    def _blocks(self, channel: AudioReader) -> Iterator[Probabilities]:
        count = math.ceil(channel.duration_s / STEP_S)
        for first in range(0, count, BLOCK_STEPS):
            yield self.steps(channel, first, min(count, first + BLOCK_STEPS))


def _samples(channel: AudioReader, first: int, last: int) -> NDArray[np.float64]:
    """The 8 kHz samples of steps `first` to `last`, with zeros where the call does not reach."""
    missing = max(0, -first) * STEP_FRAMES * HOP
    wanted = (last - first) * STEP_FRAMES * HOP
    heard = halve(channel.read(max(0, first) * STEP_S, max(0.0, last * STEP_S)))[: wanted - missing]
    return np.pad(heard, (missing, wanted - missing - len(heard)))


class EventTracker:
    """Turns step probabilities, pushed in time order, into events; live and recorded calls use it alike.

    `trigger` is the class that starts and ends an event, `labels` are those it may be named after.
    """

    def __init__(self, trigger: str = "distress", labels: Sequence[str] = DISTRESS) -> None:
        self._trigger = CLASSES.index(trigger)
        self._labels = labels
        self._step = 0
        self._rows: list[Probabilities] = []
        self._start = 0
        self._end = 0

    def push(self, row: Probabilities) -> Sound | None:
        """Take the next step; the event that it ends, if any."""
        now, self._step = self._step, self._step + 1
        if row[self._trigger] >= (OFF if self._rows else ON):
            if not self._rows:
                self._start = now
            self._rows.append(row)
            self._end = now + 1
        elif self._rows and (now + 1 - self._end) * STEP_S > BREATH_S:
            return self.close()
        return None

    @property
    def open(self) -> Sound | None:
        """The event that is going on, as far as it has been heard."""
        length = (self._end - self._start) * STEP_S
        if not self._rows or length < LEAST_S:
            return None
        rows = np.stack(self._rows)
        confidence = float(rows[:, self._trigger].mean())
        kinds = rows[:, [CLASSES.index(name) for name in self._labels]].mean(axis=0)
        label = self._labels[int(kinds.argmax())]
        if length * (confidence - 0.5) < EVIDENCE_S[label]:
            return None
        return Sound(
            label=label,
            start_s=round(self._start * STEP_S, 2),
            end_s=round(self._end * STEP_S, 2),
            confidence=round(confidence, 3),
        )

    def close(self) -> Sound | None:
        """End the event that is going on."""
        event, self._rows = self.open, []
        return event


def event_trackers() -> tuple[EventTracker, ...]:
    """One for distress, one for sirens, which may pass in the street and so have a label, and events, of their own."""
    return EventTracker(), EventTracker("siren", ("siren",))
