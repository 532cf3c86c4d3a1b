"""One side of a live call: what it is shown to be saying before its words stand, and what is recognised together."""

from itertools import pairwise

import numpy as np
import pytest

from audio.facts import Span
from audio.live.growing import GrowingRecording
from audio.live.side import CONTEXT_S, IMPRESSION_REACH_S, IMPRESSION_S, Job, Side
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


def test_a_short_utterance_is_recognised_with_what_came_before_and_no_word_twice(silent):
    side, jobs = silent, []
    while side.listen(min(side.time_s + 0.5, 60.0)):
        while job := side.next_job():
            jobs.append(job)
            side.asked(job)
            said = [word for span in job.track.speech for word in words("one two", span.start_s, span.end_s)]
            side.take(job, tuple(said))
    short = [
        job for job in jobs if length_s(job.spans) < CONTEXT_S and job.spans[0].start_s > jobs[0].end_s + CONTEXT_S
    ]
    assert short
    for job in short:
        *context, _ = job.track.speech
        assert job.track.speech[-len(job.spans) :] == job.spans
        assert context
        assert length_s(job.track.speech) == pytest.approx(CONTEXT_S)
    starts = [word.start_s for word in side.words]
    assert starts == sorted(set(starts))
    assert all(after - before > 0.05 for before, after in pairwise(starts))


def length_s(spans):
    return sum(span.duration_s for span in spans)
