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
"""A word whose middle lies further than this outside of all speech is taken for made up."""
IMPRESSION_S = 2.0
"""While somebody speaks and there is time, what has been said so far is recognised for show this often."""
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
        return Job(self.name, spans, Track(self._between(spans), spans), final)

    def impression(self) -> Job | None:
        """What could be recognised for show while somebody speaks and there is time; None if nothing is due."""
        since = self._ear.speaking_since_s
        if since is None or self._deciding or self.time_s - max(since, self._impression_s) < IMPRESSION_S:
            return None
        spans = (*self._pending, Span(start_s=since, end_s=self.time_s))
        start_s = max(self._settled_s, spans[0].start_s - BEFORE_S)
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
                self._shown = words
            return
        if job.final:
            self._deciding = False
        if tuple(self._pending[: len(job.spans)]) != job.spans:
            return
        if job.final:
            self._settle(job.spans, words)
        else:
            self._guess, self._shown = (job.spans, words), words

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

    def _between(self, spans: tuple[Span, ...]) -> Excerpt:
        """The sound around an utterance, without what was said before and after it."""
        since = self._ear.speaking_since_s
        end_s = self.time_s if since is None else min(self.time_s, since)
        return self.excerpt(max(self._settled_s, spans[0].start_s - BEFORE_S), max(end_s, spans[-1].end_s))

    def _settle(self, spans: tuple[Span, ...], words: tuple[Word, ...]) -> None:
        said = [word for word in words if _is_in(word, spans)]
        self.words = sorted([*self.words, *said], key=lambda word: word.start_s)
        self._settled_s = spans[-1].end_s
        self._pending = self._pending[len(spans) :]
        self._guess, self._asked, self._shown = None, (), ()

    def _quietest(self, start_s: float, end_s: float) -> float:
        """The middle of the quietest tenth of a second between two times."""
        samples = self.excerpt(0.0, end_s).read(start_s, end_s)
        frames = samples[: len(samples) // 1_600 * 1_600].reshape(-1, 1_600)
        return start_s + (int(np.square(frames).mean(axis=1).argmin()) + 0.5) * 0.1


def _is_in(word: Word, spans: tuple[Span, ...]) -> bool:
    """Whether a word lies in the speech that was to be recognised: what is heard into the silence after it was not said."""
    middle_s = (word.start_s + word.end_s) / 2
    return any(span.start_s - SLACK_S <= middle_s <= span.end_s + SLACK_S for span in spans)
