"""What was heard in a call: plain frozen records, times in seconds from the start of the call, levels in dB.

Nothing here knows of service, empathy or databases. `Turn.speaker` holds the *side* that the ears can tell apart
("left", "right", "first", "second") until the monitor decides who is the agent; from then on it holds the role.
"""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

Layout = Literal["stereo", "mono", "dual_mono", "transcript"]


class Fact(BaseModel):
    """Base of every record: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Itself: what never changes need not be there twice. A live call keeps dozens of its latest states."""
        return self


class Span(Fact):
    """A stretch of time, `start_s` inclusive, `end_s` exclusive."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


class Word(Span):
    """One recognised word with the recogniser's own probability for it (0 to 1)."""

    text: str
    confidence: float = 1.0


class Voice(Fact):
    """How a turn was spoken. Measured for the customer only (see the AI Act note in docs/)."""

    f0_hz: float | None = None
    """Median fundamental frequency of the voiced frames, None where nothing was voiced."""
    level_db: float
    """Mean level of the speech frames, dB re full scale."""
    rate_sps: float | None = None
    """Syllables a second while speaking."""
    pause_ratio: float | None = None
    """Share of the turn that is silence inside it (0 to 1)."""
    tilt_db: float
    """Spectral tilt: energy above 1 kHz against energy below it, in dB; rises with vocal effort."""
    arousal: float = 0.5
    """Activation, 0 to 1, against the same speaker's earlier speech; 0.5 means as before."""


class Turn(Span):
    """A stretch of speech by one side, as a listener would count turns."""

    index: int
    speaker: str
    text: str
    words: tuple[Word, ...] = ()
    voice: Voice | None = None


class Sound(Span):
    """A sound other than speech, heard on one side."""

    label: str
    confidence: float


class Waveform(Fact):
    """The outline of a recording: the highest amplitude in each short stretch of each side."""

    peaks_hz: float
    """How many peaks there are for each second."""
    sides: tuple[str, ...]
    """("left", "right"), or ("mono",)."""
    peaks: tuple[bytes, ...]
    """For each side one byte a peak: 0 is silence, 255 full scale, linear."""


class Quality(Fact):
    """What of the recording could not be heard, in plain words."""

    partial: bool = False
    lost_s: float = 0.0
    warnings: tuple[str, ...] = ()


class CallFacts(Fact):
    """Everything heard in one call, before any judgement."""

    source: str
    language: str
    duration_s: float
    layout: Layout
    turns: tuple[Turn, ...]
    sounds: tuple[Sound, ...] = ()
    sound_scores: tuple[dict[str, float], ...] = ()
    """How likely each sound is, 0 to 1 by its label, in each second of the customer's side; only where asked for."""
    quality: Quality = Quality()
    models: dict[str, str] = Field(default_factory=dict)
    """Name of each model that was used, by job: {"words": "whisper-base", ...}."""
