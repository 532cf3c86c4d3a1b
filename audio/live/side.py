"""The words of one side as they settle: what to recognise next, and what is certain by now.

Speech is recognised when it pauses. If the pause lasts, the words stand; if the speaker goes on after a breath, they were a guess,
and the recogniser goes on from it: it is told what was said and hears the last of that once more.
"""

from collections.abc import Sequence
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
TOGETHER_S = 8.0
"""So much speech at least is recognised together, as in a recording: alone, a "sure" is lost, and a short sentence is heard twice.
What of it is known already is told to the recogniser word by word."""
CONTEXT_S = 2.0
"""Where the recogniser goes on from a guess, it hears so much before what is new at least."""
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
    known: tuple[Word, ...] = ()
    """Its words as far as they are known."""

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
        """The latest speech of which the words stand, at least `TOGETHER_S` of it."""
        self._said_words: list[Word] = []
        """Its words."""
        self._settled_s = 0.0
        self._asked: set[tuple[Span, ...]] = set()
        """What has been given away to be recognised, of the speech whose words do not stand yet."""
        self._guesses: dict[tuple[Span, ...], tuple[Word, ...]] = {}
        """And the words that came back."""
        self._deciding: Job | None = None
        """What is being recognised for good."""
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
            return self._deciding.end_s
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
        if final and spans in self._guesses:
            self._settle(spans, self._guesses[spans])
            return None
        return None if spans in self._asked else self._job(spans, final)

    def breath(self) -> Job | None:
        """What could be recognised where a pause may have begun, before that is certain; None if there is no such place."""
        breath = self._ear.breath
        if breath is None or self._deciding:
            return None
        spans = (*self._pending, breath)
        return None if spans in self._asked else self._job(spans, final=False)

    def impression(self) -> Job | None:
        """What could be recognised for show while somebody speaks and there is time; None if nothing is due."""
        since = self._ear.speaking_since_s
        if since is None or self._deciding or self.time_s - max(since, self._impression_s) < IMPRESSION_S:
            return None
        from_s = self.time_s - IMPRESSION_REACH_S
        spans = _from((*self._pending, Span(start_s=since, end_s=self.time_s)), from_s)
        start_s = max(self._settled_s, from_s, spans[0].start_s - BEFORE_S)
        return Job(self.name, spans, Track(self.excerpt(start_s, self.time_s), spans), final=False, passing=True)

    def asked(self, job: Job) -> None:
        """The job is being done."""
        if job.passing:
            self._impression_s = self.time_s
            return
        self._asked.add(job.spans)
        if job.final:
            self._deciding = job

    def take(self, job: Job, words: tuple[Word, ...]) -> None:
        """The words of a job that was done."""
        if job.passing:
            if self.open_since_s is not None and job.end_s > self._settled_s:
                self._shown = (*(word for word in self._shown if word.end_s <= job.spans[0].start_s), *words)
            return
        heard = (*job.known, *words)
        if job.final:
            self._deciding = None
            self._settle(job.spans, heard)
        elif job.end_s > self._settled_s:
            self._guesses[job.spans] = self._shown = heard

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

    def _job(self, spans: tuple[Span, ...], final: bool) -> Job:
        """What is new in an utterance, without the sound that comes after it, and with what is known before it."""
        known = self._known(spans)
        words = [*self._said_words, *known]
        new_s = max(spans[0].start_s, known[-1].end_s) if known else spans[0].start_s
        speech = (*self._said, *spans)
        least_s = CONTEXT_S if known else 0.0
        context_s = _back(speech, new_s, max(least_s, TOGETHER_S - (spans[-1].end_s - new_s)))
        words = [word for word in words if word.start_s >= context_s]
        since = self._ear.speaking_since_s
        end_s = self.time_s if since is None else min(self.time_s, since)
        if words:
            start_s = max(context_s, words[0].start_s - SLACK_S)
            speech = _from(speech, start_s)
        else:
            start_s = max(self._settled_s, spans[0].start_s - BEFORE_S)
            speech = spans
        sound = self.excerpt(start_s, max(end_s, spans[-1].end_s))
        opening = tuple(word.text for word in words)
        return Job(self.name, spans, Track(sound, speech, opening), final, known=known)

    def _known(self, speech: tuple[Span, ...]) -> tuple[Word, ...]:
        """Words of it that need not be recognised again: those of the longest guess that ended with a pause. Where a speaker went on
        after a breath nothing is kept: the recogniser, told so, often hears no more.
        """
        sure = [spans for spans in self._guesses if speech[: len(spans)] == spans]
        return self._guesses[max(sure, key=len)] if sure else ()

    def _settle(self, spans: tuple[Span, ...], words: tuple[Word, ...]) -> None:
        until_s = spans[-1].end_s + SLACK_S
        said = [word for word in words if self._settled_s < (word.start_s + word.end_s) / 2 <= until_s]
        self.words = sorted([*self.words, *said], key=lambda word: word.start_s)
        self._settled_s = spans[-1].end_s
        self._pending = self._pending[len(spans) :]
        self._said += spans
        while sum(span.duration_s for span in self._said[1:]) >= TOGETHER_S:
            del self._said[0]
        self._said_words = [word for word in [*self._said_words, *said] if word.end_s > self._said[0].start_s]
        self._asked, self._guesses, self._shown = set(), {}, ()

    def _quietest(self, start_s: float, end_s: float) -> float:
        """The middle of the quietest tenth of a second between two times."""
        samples = self.excerpt(0.0, end_s).read(start_s, end_s)
        frames = samples[: len(samples) // 1_600 * 1_600].reshape(-1, 1_600)
        return start_s + (int(np.square(frames).mean(axis=1).argmin()) + 0.5) * 0.1


def _back(speech: Sequence[Span], end_s: float, length_s: float) -> float:
    """The time from which on there is so much speech before `end_s`; that of the first speech where there is less."""
    for span in reversed(speech):
        if span.start_s >= end_s:
            continue
        until_s = min(span.end_s, end_s)
        if until_s - span.start_s >= length_s:
            return until_s - length_s
        length_s -= until_s - span.start_s
    return speech[0].start_s


def _from(speech: Sequence[Span], start_s: float) -> tuple[Span, ...]:
    """What of it comes from a time on."""
    return tuple(Span(start_s=max(span.start_s, start_s), end_s=span.end_s) for span in speech if span.end_s > start_s)
