"""One side of a live call: what it is shown to be saying before its words stand, and what is recognised together."""

from itertools import pairwise
from math import ceil

import numpy as np
import pytest

from audio.facts import Span, Word
from audio.live.growing import GrowingRecording
from audio.live.side import IMPRESSION_REACH_S, IMPRESSION_S, TOGETHER_S, Job, Side
from tests.live_ears import RATE_HZ, words
from tests.recordings import real_call


@pytest.fixture
def silent(tmp_path):
    """A customer of whom nothing has been heard yet."""
    samples = np.asarray(real_call(length_s=60.0)[1], np.int16)
    recording = GrowingRecording(tmp_path / "call.wav", rate_hz=RATE_HZ, tracks=1)
    recording.write(0, 0, samples)
    yield Side("customer", recording, 0)
    recording.close()


@pytest.fixture
def side(silent):
    """A customer who has been speaking for long, and goes on."""
    side = silent
    while side.impression() is None or side.time_s - side.open_since_s < 2 * IMPRESSION_REACH_S:
        assert side.listen(side.time_s + 0.5), "the call has such a stretch"
    return side


def test_an_impression_reaches_back_a_few_seconds(side):
    job = side.impression()
    assert job.passing
    assert not job.final
    assert job.spans[-1].end_s == side.time_s
    assert job.spans[0].start_s >= side.time_s - IMPRESSION_REACH_S
    assert job.track.channel.duration_s == pytest.approx(side.time_s)


def test_what_was_shown_before_stays_shown(side):
    since = side.open_since_s
    spans = (Span(start_s=since, end_s=since + 2.0),)
    before = tuple(words("I have called you", since, since + 2.0))
    side.take(Job("customer", spans, side.impression().track, final=False, passing=True), before)
    assert side.guess == before
    job = side.impression()
    now = tuple(words("three times about this", job.spans[0].start_s, side.time_s))
    side.take(job, now)
    assert side.guess == (*before, *now)
    assert side.words == []


def test_another_impression_is_due_after_a_while(side):
    side.asked(side.impression())
    assert side.impression() is None
    at = side.time_s
    while side.impression() is None:
        assert side.listen(side.time_s + 0.5), "the speech goes on"
    assert side.time_s >= at + IMPRESSION_S


def test_there_is_none_while_the_words_that_will_stand_are_recognised(side):
    side.asked(Job("customer", (Span(start_s=0.0, end_s=1.0),), side.impression().track, final=True))
    assert side.impression() is None


def heard_by(side, until_s=60.0):
    """The jobs of a side whose recogniser hears a word every half second, and those that are new each time."""
    jobs = []
    while side.listen(min(side.time_s + 0.5, until_s)):
        while job := side.next_job():
            jobs.append(job)
            recognise(side, job)
    return jobs


def recognise(side, job):
    side.asked(job)
    new_s = job.known[-1].end_s if job.known else job.spans[0].start_s
    side.take(job, tuple(word for word in ticks(job.track.speech) if word.start_s >= new_s))


def ticks(speech):
    """A word in each half second of the call that speech fills."""
    halves = {n for span in speech for n in range(ceil(2 * span.start_s), int(2 * span.end_s))}
    return [Word(text=f"w{n}", start_s=n / 2, end_s=n / 2 + 0.5, confidence=0.9) for n in sorted(halves)]


def test_a_short_utterance_is_recognised_with_what_came_before_which_is_told(silent):
    jobs = heard_by(silent)
    short = [job for job in jobs if length_s(job.spans) < TOGETHER_S / 2 and job.spans[0].start_s > jobs[0].end_s + 9.0]
    assert short
    for job in short:
        assert TOGETHER_S - 2.0 < length_s(job.track.speech) <= TOGETHER_S + 0.5
        before = [span for span in job.track.speech if span.end_s <= job.spans[0].start_s]
        told = [word.text for word in (*ticks(before), *job.known)]
        assert list(job.track.opening) == told[-len(job.track.opening) :]
        assert len(job.track.opening) >= len(told) - 1  # a word may begin before what is heard again


def test_what_was_guessed_in_a_pause_is_known_when_the_speaker_goes_on(silent):
    jobs = heard_by(silent)
    went_on = [job for job in jobs if job.known]
    assert went_on
    for job in went_on:
        assert job.known[0].start_s >= job.spans[0].start_s - 0.5
        assert job.track.opening[-len(job.known) :] == tuple(word.text for word in job.known)[-len(job.track.opening) :]


def test_no_word_is_lost_or_stands_twice(silent):
    jobs = heard_by(silent)
    starts = [word.start_s for word in silent.words]
    assert len(starts) > 20
    assert starts == sorted(set(starts))
    spoken = [word for span in {span for job in jobs for span in job.spans} for word in ticks([span])]
    assert {word.text for word in spoken if word.end_s <= starts[-1]} <= {word.text for word in silent.words}


def test_what_is_said_before_a_pause_is_recognised_at_the_first_breath(silent):
    early = 0
    for clock_s in np.arange(0.1, 60.0, 0.1):
        silent.listen(clock_s)
        assert silent.next_job() is None, "every pause begins with a breath"
        if job := silent.breath():
            early += 1
            assert silent.time_s - job.end_s < 0.2
            recognise(silent, job)
            assert silent.breath() is None
    assert early > 10
    starts = [word.start_s for word in silent.words]
    assert len(starts) > 20
    assert starts == sorted(set(starts))


def test_what_was_guessed_at_a_breath_is_not_known_when_the_speaker_goes_on_at_once(silent):
    breaths, known = [], set()
    for clock_s in np.arange(0.1, 60.0, 0.1):
        silent.listen(clock_s)
        silent.next_job()
        if job := silent.breath():
            silent.asked(job)
            known |= set(job.known)
            breaths.append(
                (job, Word(text=f"b{len(breaths)}", start_s=job.end_s - 0.3, end_s=job.end_s, confidence=0.9))
            )
            silent.take(job, breaths[-1][1:])
    went_on = [
        word
        for (job, word), (later, _) in pairwise(breaths)
        if later.spans[0].start_s == job.spans[0].start_s and job.spans != later.spans[: len(job.spans)]
    ]
    assert went_on
    assert not known & set(went_on)
    assert not set(silent.words) & set(went_on)


def length_s(spans):
    return sum(span.duration_s for span in spans)
