"""Sounds behind the customer while they go on: the tagger of recordings, step by step, three seconds behind the call."""

from typing import Protocol

from audio.facts import Sound
from audio.live.growing import Excerpt
from audio.ports import AudioReader
from audio.sounds import STEP_S, EventTracker, Probabilities, event_trackers

AHEAD_S = 1.6
"""What the tagger must hear after a step before it can tell what the step is (see `DistressTagger.steps`)."""
STRIDE_STEPS = 6
"""Steps that are told at a time, a second: what is around them has to be computed each time."""
_MOST_STEPS = 180


GROWN_S = 2.0
"""A sound that goes on is told anew each time that it has grown by so much."""


class StepTagger(Protocol):
    """Says how likely each kind of sound is, step by step (see `audio.sounds.DistressTagger`)."""

    def steps(self, channel: AudioReader, first: int, last: int) -> Probabilities:
        """Probabilities of steps `first` to `last` (exclusive), shape (last - first, len(CLASSES))."""
        ...


class SoundFollower:
    """Follows the sounds of one channel."""

    def __init__(self, tagger: StepTagger) -> None:
        self._tagger = tagger
        self._step = 0
        self._trackers: tuple[EventTracker, ...] = event_trackers()
        self._ended: list[Sound] = []
        self._told: dict[float, Sound] = {}
        """By their start, sounds that go on, as they were told last."""

    def listen(self, channel: Excerpt, *, over: bool = False) -> bool:
        """Listen on to what there is of the channel; returns whether anything was new. `over`: no more will come."""
        reach_s = channel.duration_s if over else channel.duration_s - AHEAD_S
        last = min(int(reach_s / STEP_S), self._step + _MOST_STEPS)
        if last - self._step < (1 if over else STRIDE_STEPS):
            return False
        for row in self._tagger.steps(channel, self._step, last):
            self._ended += [event for tracker in self._trackers if (event := tracker.push(row))]
        self._step = last
        return True

    @property
    def sounds(self) -> list[Sound]:
        """All sounds so far, in time order; those that go on with an end that is `GROWN_S` behind at the most."""
        going_on = [event for tracker in self._trackers if (event := tracker.open)]
        for event in going_on:
            told = self._told.get(event.start_s)
            if told is None or event.end_s - told.end_s >= GROWN_S:
                self._told[event.start_s] = event
        known = [*self._ended, *(self._told[event.start_s] for event in going_on)]
        return sorted(known, key=lambda sound: sound.start_s)
