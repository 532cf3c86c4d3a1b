"""The customer's voice, turn by turn, against the same speaker's own earlier speech.

`arousal` asks one question: how much more effort is in this turn than this speaker has used so far? It is a sum, by
plain weights, of measures that rise with effort, each in standard deviations from the speaker's own baseline. No
emotion data has fitted it. The baseline is causal, so a live call and its recording give the same answer, and it is
robust: the median of earlier turns, drawn towards the population while there are few, to which excited turns
contribute little.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audio.facts import Turn, Voice
from audio.ports import AudioReader
from audio.prosody import Prosody, prosody


class _Measure(NamedTuple):
    """One sign of effort: which way it goes, and how it is spread over speakers and over one speaker's turns."""

    name: str
    weight: float
    mean: float
    between: float
    within: float


MEASURES = (
    _Measure("pitch_st", 0.5, 13.0, 4.5, 2.3),
    _Measure("movement_st", 1.0, 0.5, 0.2, 0.1),
    _Measure("effort_db", 1.0, -7.0, 3.2, 2.2),
    _Measure("centroid_hz", 1.0, 640.0, 70.0, 60.0),
    _Measure("voiced_share", -1.0, 0.66, 0.12, 0.07),
    _Measure("level_db", 0.5, -25.0, 8.0, 2.0),
)
"""Means and standard deviations are of telephone speech in seven languages, by turn. Every sign weighs 1, except level,
because telephones level it out, and pitch height, because joy raises it as much as anger does."""
SPREAD_TURNS = 20.0
"""The population's spread within a speaker counts for as much as this many turns of the speaker's own."""
LEAST_SAY = 0.1
"""A turn counts in the baseline by how calm it was, 1 - arousal, but never less than this: else a speaker whose first
words were unusually soft would stay excited for the whole call."""
FULL_TURN_S = 1.5
"""A turn with less voiced speech than this counts for proportionally less in the baseline."""
MOST_TURNS = 500
"""The baseline is of so many turns, the latest: an hour and more of one speaker's. Beyond that the median moves no further,
and a call of any length costs the same for each turn."""
CORRELATION = 0.4
"""About how strongly the measures go together; only scales the sum to unit variance."""


class VoiceMeter:
    """Measures one speaker's turns in time order and remembers what that speaker usually sounds like."""

    def __init__(self) -> None:
        self._earlier: deque[list[float]] = deque(maxlen=MOST_TURNS)
        self._say: deque[float] = deque(maxlen=MOST_TURNS)

    def measure(self, reader: AudioReader, start_s: float, end_s: float) -> Voice | None:
        """The voice of the next turn; None where too little of it is voiced. Costs about 0.01 x real time."""
        heard = prosody(reader, start_s, end_s)
        if heard is None:
            return None
        return Voice(
            f0_hz=round(heard.f0_hz, 1),
            level_db=round(heard.level_db, 2),
            rate_sps=None if heard.rate_sps is None else round(heard.rate_sps, 2),
            pause_ratio=round(heard.pause_ratio, 3),
            tilt_db=round(heard.tilt_db, 2),
            arousal=round(self.arousal(heard), 4),
        )

    def arousal(self, heard: Prosody) -> float:
        """How excited the next turn is, 0 to 1: the weighted sum of its deviations from the baseline, scaled to unit
        variance and squashed. The turn then becomes part of the baseline."""
        weights = np.array([measure.weight for measure in MEASURES])
        values = [getattr(heard, measure.name) for measure in MEASURES]
        earlier, say = np.array(self._earlier).reshape(-1, len(MEASURES)), np.array(self._say)
        deviations = np.array([_deviation(*one, say) for one in zip(MEASURES, values, earlier.T, strict=True)])
        size = np.abs(weights)
        variance = (1 - CORRELATION) * (size**2).sum() + CORRELATION * size.sum() ** 2
        arousal = 1 / (1 + math.exp(-float(weights @ deviations) / math.sqrt(variance)))
        self._earlier.append(values)
        self._say.append(min(1.0, heard.voiced_s / FULL_TURN_S) * max(LEAST_SAY, 1 - arousal))
        return arousal


def _deviation(measure: _Measure, value: float, earlier: NDArray[np.float64], say: NDArray[np.float64]) -> float:
    """How far a value lies from the speaker's baseline, in standard deviations of what was to be expected.

    The baseline is the posterior mean of a normal model whose sample mean is replaced by the median: it starts at
    the population's mean and forgets it as turns come in. What is not yet known of the speaker widens the scale.

    earlier: values of the same measure in earlier turns, shape (turns,)
    say: how much each of those turns counts, shape (turns,)
    """
    turns = float(say.sum())
    centre = _weighted_median(earlier, say) if turns else measure.mean
    spread = 1.4826 * _weighted_median(np.abs(earlier - centre), say) if turns else 0.0
    variance = (SPREAD_TURNS * measure.within**2 + turns * spread**2) / (SPREAD_TURNS + turns)
    trust = measure.between**2 / (measure.between**2 + variance / turns) if turns else 0.0
    expected = trust * centre + (1 - trust) * measure.mean
    return (value - expected) / math.sqrt(variance + (1 - trust) * measure.between**2)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    running = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(running, running[-1] / 2)])


def measure(reader: AudioReader, turns: Sequence[Turn]) -> list[Voice | None]:
    """The voice of each of one speaker's turns, given in time order; None where too little speech is voiced."""
    meter = VoiceMeter()
    return [meter.measure(reader, turn.start_s, turn.end_s) for turn in turns]
