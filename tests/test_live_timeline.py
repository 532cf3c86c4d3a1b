"""Sound lies where its place says, whatever order it comes in; what is lost is silence, and is counted."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audio.decode import decode
from audio.live.growing import GrowingRecording
from monitor.live.timeline import Timeline

RATE_HZ = 8_000
FRAME = 160


def samples(n):
    """The n-th message's samples: no two messages are alike, none is silent."""
    return np.full(FRAME, n % 30_000 + 1, np.int16)


def played(order, *, numbered=True, timeline=None):
    """What a track holds after messages have come in this order, and the timeline."""
    timeline = timeline or Timeline(RATE_HZ, ("one",))
    track = np.zeros((max(order) + 1) * FRAME, np.int16)
    for n in order:
        for piece in timeline.place("one", n * FRAME, samples(n), number=n if numbered else None):
            assert not track[piece.first : piece.first + len(piece.samples)].any(), "written twice"
            track[piece.first : piece.first + len(piece.samples)] = piece.samples
    return track, timeline


@given(st.permutations(range(14)), st.lists(st.integers(0, 13), max_size=6))
def test_within_the_wait_order_and_repetition_do_not_matter(order, repeated):
    track, timeline = played([*order, *repeated])
    assert track.tolist() == np.concatenate([samples(n) for n in range(14)]).tolist()
    assert timeline.troubles.lost_samples == 0
    assert timeline.troubles.duplicates == len(repeated)
    assert timeline.front("one") == 14 * FRAME


@given(st.sets(st.integers(1, 58)))
def test_what_never_comes_is_silent_and_counted(missing):
    kept = [n for n in range(100) if n not in missing]
    track, timeline = played(kept)
    assert timeline.troubles.lost_samples == len(missing) * FRAME
    assert all((track[n * FRAME] == 0) == (n in missing) for n in range(100))
    assert timeline.front("one") == 100 * FRAME


def test_what_comes_too_late_is_still_written_but_was_not_waited_for():
    order = [*range(5), *range(6, 40), 5]
    track, timeline = played(order)
    assert track[5 * FRAME] == 6
    assert (timeline.troubles.late, timeline.troubles.gaps, timeline.troubles.lost_samples) == (1, 1, 0)


def test_a_gap_is_waited_for_and_no_longer_than_told():
    _, timeline = played([*range(5), *range(6, 12)])
    assert timeline.front("one") == 5 * FRAME
    played(range(12, 25), timeline=timeline)
    assert timeline.front("one") == 25 * FRAME


def test_a_leap_without_a_message_missing_is_a_pause_and_no_loss():
    timeline = Timeline(RATE_HZ, ("one",))
    timeline.place("one", 0, samples(1), number=1)
    timeline.place("one", 80_000, samples(2), number=2)
    assert (timeline.front("one"), timeline.troubles.lost_samples) == (80_000 + FRAME, 0)


def test_what_was_left_out_on_purpose_is_no_loss():
    timeline = Timeline(RATE_HZ, ("one", "two"))
    timeline.place("one", 0, samples(1))
    timeline.skip(FRAME, 40_000)
    timeline.place("one", 40_000, samples(2))
    assert timeline.troubles.lost_samples == 0
    assert timeline.front("two") >= 40_000 - 0.3 * RATE_HZ


def test_a_silent_track_does_not_hold_up_the_other():
    timeline = Timeline(RATE_HZ, ("one", "two"))
    for n in range(100):
        timeline.place("one", n * FRAME, samples(n))
    assert timeline.front("two") == 100 * FRAME - 0.3 * RATE_HZ


def test_an_hour_of_a_bad_line_drifts_by_no_sample():
    """Losses, late messages, repetitions: the last sample lies where its timestamp says."""
    rng = np.random.default_rng(5)
    timeline, length = Timeline(RATE_HZ, ("one",)), 4 * FRAME
    last = 3_600 * RATE_HZ // length - 1
    came = rng.random(last + 1) > 0.02
    order = np.argsort(np.arange(last + 1) + rng.normal(scale=3, size=last + 1))
    at = None
    for n in order[came[order]].tolist():
        pieces = timeline.place("one", n * length, np.zeros(length, np.int16), number=n)
        at = pieces[0].first if n == last else at
    newest = int(np.flatnonzero(came)[-1])
    assert timeline.newest == (newest + 1) * length
    assert at in (None, last * length)
    lost = int((~came[: newest + 1]).sum()) * length
    assert abs(timeline.troubles.lost_samples - lost) <= 15 * length  # the last gaps are still waited for


def test_a_growing_recording_is_a_wav_file_at_any_moment(tmp_path):
    rng = np.random.default_rng(1)
    left, right = (rng.normal(scale=3_000, size=16_000).astype(np.int16) for _ in range(2))
    growing = GrowingRecording(tmp_path / "call.wav", rate_hz=RATE_HZ, tracks=2)
    growing.write(1, 0, right)
    growing.write(0, 8_000, left[8_000:])
    growing.write(0, 0, left[:4_000])
    assert growing.read(0, 7_990, 8_005).tolist() == [0] * 10 + left[8_000:8_005].tolist()
    for _ in range(2):
        with decode(growing.path) as recording:
            assert (recording.duration_s, recording.channels, recording.lost_s) == (2.0, 2, 0.0)
        growing.finish()
    growing.close()
    again = GrowingRecording(tmp_path / "call.wav", rate_hz=RATE_HZ, tracks=2)
    assert again.frames == 16_000
    assert again.read(1, -2, 3).tolist() == [0, 0, *right[:3].tolist()]


def test_an_excerpt_sounds_as_the_decoded_recording_does(tmp_path):
    t = np.arange(16_000) / RATE_HZ
    tone = (8_000 * np.sin(2 * np.pi * 700 * t)).astype(np.int16)
    growing = GrowingRecording(tmp_path / "call.wav", rate_hz=RATE_HZ, tracks=1)
    growing.write(0, 0, tone)
    growing.finish()
    excerpt = growing.excerpt(0, 0.5, 1.5)
    with decode(growing.path) as recording:
        decoded = recording.channel(0).read(0.55, 1.45)
    assert np.abs(excerpt.read(0.55, 1.45) - decoded).max() < 0.01
    assert excerpt.read(0.3, 2.0).shape == (round(1.2 * 16_000),)
    assert not excerpt.read(0.3, 0.5).any()


def test_sound_may_be_cut_up_anyhow(tmp_path):
    rng = np.random.default_rng(2)
    growing = GrowingRecording(tmp_path / "call.wav", rate_hz=RATE_HZ, tracks=1)
    growing.write(0, 0, rng.normal(scale=3_000, size=8_000).astype(np.int16))
    excerpt = growing.excerpt(0, 0.0, 1.0)
    whole = excerpt.read(0.0, 1.0)
    cuts = [0.0, 0.1, 0.1000625, 0.35, 0.9999375, 1.0]
    parts = [excerpt.read(a, b) for a, b in itertools.pairwise(cuts)]
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-6
