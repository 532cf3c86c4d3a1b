"""The words of one side as they settle: what to recognise next, and what is certain by now.

Speech is recognised when it pauses. If the pause lasts, the words stand; if the speaker goes on after a breath, they were a first
impression, and the whole utterance is recognised once more.
"""

from dataclasses import dataclass

import numpy as np

from audio.facts import Span, Word
from audio.live.endpoint import WINDOW, Endpointer
from audio.live.growing import Excerpt, GrowingRecording
from audio.packing import BEFORE_S
from audio.ports import Track
from audio.speech import PAUSE_S, WINDOW_S

UTTERANCE_PAUSE_S = 0.6
"""A pause of this length ends an utterance. Turns end by the same order of pause, and recognisers lose what stands alone."""
LONG_S = 12.0
"""After so much speech any pause ends the utterance."""
LONGEST_S = 20.0
"""Speech without a pause is cut after so long, where it is quietest in its last few seconds."""
_CUT_SEARCH_S = 4.0
SLACK_S = 0.1
"""A word whose middle lies further than this behind all speech is taken for made up; soft first words are found before it."""
CONTEXT_S = 8.0
"""A short utterance is recognised together with what the side said before, as in a recording: alone, a "sure" is lost, and a short
sentence is heard twice."""
IMPRESSION_S = 3.0
"""While somebody speaks and there is time, what is being said is recognised for show this often."""
IMPRESSION_REACH_S = 4.0
"""So far back: an impression holds up what comes next for as long as it takes, so it must be short."""
STRIDE_S = 0.1
"""Sound is listened to in portions of this length: each has a cost of its own."""
_LISTEN_S = 30.0
"""So much sound is listened to at a time, when there is much to catch up with."""


@dataclass(frozen=True)
class Job:
    """Speech to recognise."""

    side: str
    spans: tuple[Span, ...]
    track: Track
    final: bool
    """Whether its words will stand; else the speaker may go on."""
    passing: bool = False
    """Whether the speaker is in the middle of it: its words are for show alone."""

    @property
    def end_s(self) -> float:
        return self.spans[-1].end_s


class Side:
    """One side of a live call.

    name: "agent" or "customer"
    recording, track: where its sound is
    """

    def __init__(self, name: str, recording: GrowingRecording, track: int) -> None:
        self.name = name
        self.words: list[Word] = []
        """Words that stand, in time order."""
        self._recording = recording
        self._track = track
        self._ear = Endpointer()
        self._pending: list[Span] = []
        self._said: list[Span] = []
        """The latest speech of which the words stand, at least `CONTEXT_S` of it."""
        self._settled_s = 0.0
        self._asked: tuple[Span, ...] = ()
        self._deciding = False
        """Whether words that will stand are being recognised."""
        self._guess: tuple[tuple[Span, ...], tuple[Word, ...]] | None = None
        self._shown: tuple[Word, ...] = ()
        self._impression_s = 0.0

    @property
    def time_s(self) -> float:
        """Up to where it has been listened to."""
        return self._ear.time_s

    @property
    def open_since_s(self) -> float | None:
        """Where the speech began whose words do not stand yet; None if there is none."""
        if self._pending:
            return self._pending[0].start_s
        return self._ear.speaking_since_s

    @property
    def open_until_s(self) -> float:
        """Up to where that speech has certainly come by now: a pause is known as one only after a while."""
        return self.time_s - PAUSE_S if self.speaking else max(span.end_s for span in self._pending)

    @property
    def speaking(self) -> bool:
        """Whether somebody speaks just now."""
        return self._ear.speaking_since_s is not None

    @property
    def guess(self) -> tuple[Word, ...]:
        """Words that may still change."""
        return self._shown

    @property
    def due_s(self) -> float | None:
        """When what is over, and has no words that stand yet, ended; None if there is nothing such."""
        if self._deciding:
            return self._asked[-1].end_s
        return self._pending[-1].end_s if self._pending and self._ended(over=False) else None

    def listen(self, until_s: float, *, over: bool = False) -> bool:
        """Listen on, up to a time or for as long as is listened at once; returns whether there was anything.

        over: whether no more will come, so that the last portion may be short
        """
        if until_s - self.time_s < STRIDE_S and not over:
            return False
        windows = int((min(until_s, self.time_s + _LISTEN_S) - self.time_s) / WINDOW_S)
        if windows <= 0:
            return False
        end_s = self.time_s + windows * WINDOW_S
        samples = self.excerpt(0.0, end_s).read(self.time_s, end_s)
        self._ear.push(samples[: windows * WINDOW])
        self._pending += self._ear.take()
        since = self._ear.speaking_since_s
        if since is not None and self.time_s - since > LONGEST_S:
            self._ear.cut(self._quietest(self.time_s - _CUT_SEARCH_S, self.time_s - 0.5))
            self._pending += self._ear.take()
        return True

    def finish(self) -> None:
        """No more sound will come: speech that goes on ends here."""
        self._ear.finish()
        self._pending += self._ear.take()

    def next_job(self, *, over: bool = False) -> Job | None:
        """What to recognise now; None if nothing is due. `over` says that no more sound will come."""
        if not self._pending or self._deciding:
            return None
        spans = tuple(self._pending)
        final = self._ended(over)
        if final and self._guess is not None and self._guess[0] == spans:
            self._settle(spans, self._guess[1])
            return None
        if spans == self._asked:
            return None
        return Job(self.name, spans, self._in_context(spans), final)

    def impression(self) -> Job | None:
        """What could be recognised for show while somebody speaks and there is time; None if nothing is due."""
        since = self._ear.speaking_since_s
        if since is None or self._deciding or self.time_s - max(since, self._impression_s) < IMPRESSION_S:
            return None
        from_s = self.time_s - IMPRESSION_REACH_S
        so_far = (*self._pending, Span(start_s=since, end_s=self.time_s))
        spans = tuple(
            Span(start_s=max(span.start_s, from_s), end_s=span.end_s) for span in so_far if span.end_s > from_s
        )
        start_s = max(self._settled_s, from_s, spans[0].start_s - BEFORE_S)
        return Job(self.name, spans, Track(self.excerpt(start_s, self.time_s), spans), final=False, passing=True)

    def asked(self, job: Job) -> None:
        """The job is being done."""
        if job.passing:
            self._impression_s = self.time_s
            return
        self._asked = job.spans
        self._deciding = job.final

    def take(self, job: Job, words: tuple[Word, ...]) -> None:
        """The words of a job that was done."""
        if job.passing:
            if self.open_since_s is not None and job.end_s > self._settled_s:
                self._shown = (*(word for word in self._shown if word.end_s <= job.spans[0].start_s), *words)
            return
        if job.final:
            self._deciding = False
        if tuple(self._pending[: len(job.spans)]) != job.spans:
            return
        if job.final:
            self._settle(job.spans, words)
        else:
            self._guess = job.spans, words
            self._shown = tuple(word for word in words if word.end_s > self._settled_s)

    def excerpt(self, start_s: float, end_s: float) -> Excerpt:
        """The side's sound between two times, silence before it."""
        return self._recording.excerpt(self._track, start_s, end_s)

    def _ended(self, over: bool) -> bool:
        """Whether the pending speech is a whole utterance."""
        if over and not self.speaking:
            return True
        paused_s = self.time_s - self._pending[-1].end_s
        if not self.speaking and paused_s >= UTTERANCE_PAUSE_S:
            return True
        return self._pending[-1].end_s - self._pending[0].start_s >= LONG_S

    def _in_context(self, spans: tuple[Span, ...]) -> Track:
        """The sound of an utterance, without what comes after it, and with what came before where the utterance is short."""
        context: list[Span] = []
        missing_s = CONTEXT_S - sum(span.duration_s for span in spans)
        for span in reversed(self._said):
            if missing_s <= 0:
                break
            context.insert(0, Span(start_s=max(span.start_s, span.end_s - missing_s), end_s=span.end_s))
            missing_s -= span.duration_s
        since = self._ear.speaking_since_s
        end_s = self.time_s if since is None else min(self.time_s, since)
        start_s = context[0].start_s if context else max(self._settled_s, spans[0].start_s - BEFORE_S)
        return Track(self.excerpt(start_s, max(end_s, spans[-1].end_s)), (*context, *spans))

    def _settle(self, spans: tuple[Span, ...], words: tuple[Word, ...]) -> None:
        until_s = spans[-1].end_s + SLACK_S
        said = [word for word in words if self._settled_s < (word.start_s + word.end_s) / 2 <= until_s]
        self.words = sorted([*self.words, *said], key=lambda word: word.start_s)
        self._settled_s = spans[-1].end_s
        self._pending = self._pending[len(spans) :]
        self._said += spans
        while sum(span.duration_s for span in self._said[1:]) >= CONTEXT_S:
            del self._said[0]
        self._guess, self._asked, self._shown = None, (), ()

    def _quietest(self, start_s: float, end_s: float) -> float:
        """The middle of the quietest tenth of a second between two times."""
        samples = self.excerpt(0.0, end_s).read(start_s, end_s)
        frames = samples[: len(samples) // 1_600 * 1_600].reshape(-1, 1_600)
        return start_s + (int(np.square(frames).mean(axis=1).argmin()) + 0.5) * 0.1
