"""The customer's frustration as a state that is never seen, only heard through words, voice, turn-taking and background.

A scalar Kalman filter (Kalman 1960; Welch and Bishop 1995 for the notation): between two customer turns the level
relaxes slowly towards calm and grows less certain; each turn is one noisy measurement of it. The measurement is what
the words suggest plus small shifts for how the turn was spoken, how it was taken, and what was heard behind it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from audio.facts import Sound, Turn
from monitor.acts.features import Vector
from monitor.frustration.words import WordsModel
from monitor.records import Causes, FrustrationPoint

BAND = 1.65
"""Half the width of the band in the filter's standard deviations: so four of five true levels lie inside it. Errors of
neighbouring turns are alike, so the filter is surer than it should be, and a normal law's 1.28 is too little."""


class FeatureReader(Protocol):
    """Gives what the heads see of a turn: the ActReader of the call."""

    def features(self, turn: Turn) -> Vector:
        """Features of a turn that has been read, shape (n_features,)."""
        ...


@dataclass(frozen=True)
class Dynamics:
    """How the level moves and how far each kind of evidence is believed; levels on the 0 to 1 scale.

    `relaxation_s`, `process_noise`, `words_noise` and `soothing` were fitted to the labelled calls, cross-validated by
    call. So was `interruption_shift`: the labels show no effect, and the shift is as large as they do not contradict.
    The shifts for voice and background are priors, there being no labelled calls with sound: small, and never able to
    make an annoyed customer of a calm one by themselves.
    """

    start_level: float = 0.3
    start_variance: float = 0.08
    calm: float = 0.0
    relaxation_s: float = 600.0
    process_noise: float = 0.025
    words_noise: float = 0.06
    voice_shift: float = 0.3
    """Added for arousal 1, taken for arousal 0; nothing at 0.5."""
    interruption_shift: float = 0.05
    """Added where the customer starts half a second or more before the agent has ended."""
    background_shift: float = 0.1
    """Added for a sound of distress behind the turn."""
    soothing: float = 0.3
    """Share of the level that an agent takes away by acknowledging the feeling."""


class FrustrationFilter:
    """Hears a call turn by turn and says, at each customer turn, how frustrated the customer is.

    Args:
        reader: the reader of the same call; it must have heard a turn before the filter does.
        words: what words say; the package's own weights by default.
        dynamics: how the level moves.
    """

    def __init__(
        self,
        reader: FeatureReader,
        *,
        words: WordsModel | None = None,
        dynamics: Dynamics | None = None,
    ) -> None:
        self._reader = reader
        self._words = words or WordsModel.load()
        self._dynamics = dynamics or Dynamics()
        self._level = self._dynamics.start_level
        self._variance = self._dynamics.start_variance
        self._time_s = 0.0
        self._agent_end_s = -math.inf
        self._distress_end_s = -math.inf

    def hear(self, turn: Turn, acts: Mapping[str, float]) -> FrustrationPoint | None:
        """The level at the end of a customer turn; None for an agent turn.

        Args:
            turn: the next turn, speaker "agent" or "customer".
            acts: its acts, as the ActReader read them.
        """
        if turn.speaker == "customer":
            return self._hear_customer(turn)
        self._hear_agent(turn, acts)
        return None

    def hear_sound(self, sound: Sound) -> None:
        """Notes a sound of distress behind the customer."""
        self._distress_end_s = max(self._distress_end_s, sound.end_s)

    def _hear_agent(self, turn: Turn, acts: Mapping[str, float]) -> None:
        self._agent_end_s = max(self._agent_end_s, turn.end_s)
        self._level *= 1 - self._dynamics.soothing * acts.get("acknowledges_feeling", 0.0)

    def _hear_customer(self, turn: Turn) -> FrustrationPoint:
        self._relax(turn.end_s)
        causes = self._measure(turn)
        margin = BAND * math.sqrt(self._variance)
        return FrustrationPoint(
            time_s=turn.end_s,
            level=self._level,
            low=_unit(self._level - margin),
            high=_unit(self._level + margin),
            causes=causes,
        )

    def _relax(self, time_s: float) -> None:
        kept = math.exp(-max(time_s - self._time_s, 0.0) / self._dynamics.relaxation_s)
        self._level = self._dynamics.calm + kept * (self._level - self._dynamics.calm)
        self._variance = kept**2 * self._variance + self._dynamics.process_noise
        self._time_s = max(time_s, self._time_s)

    def _measure(self, turn: Turn) -> Causes:
        dynamics = self._dynamics
        gain = self._variance / (self._variance + dynamics.words_noise)
        suggested = self._words.level(self._reader.features(turn))
        words = gain * (suggested - self._level)
        voice = gain * dynamics.voice_shift * (2 * turn.voice.arousal - 1) if turn.voice else 0.0
        interrupts = turn.start_s <= self._agent_end_s - 0.5
        turn_taking = gain * dynamics.interruption_shift * interrupts
        background = gain * dynamics.background_shift * (self._distress_end_s > turn.start_s)
        self._level = _unit(self._level + words + voice + turn_taking + background)
        self._variance *= 1 - gain
        return Causes(words=words, voice=voice, turn_taking=turn_taking, background=background)


def _unit(level: float) -> float:
    return min(max(level, 0.0), 1.0)
