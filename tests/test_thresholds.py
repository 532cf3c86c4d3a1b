"""Intervals and suggested thresholds: arithmetic that must not promise more than the verdicts allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.thresholds import LEAST_JUDGED, TARGET, bands, suggest
from dashboards.wilson import wilson
from monitor.store import Judged

flags = st.lists(st.builds(Judged, confidence=st.floats(0.3, 1), right=st.booleans()), max_size=120)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)
def test_wilson_gives_what_tables_give(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(right, wrong):
    low, high = wilson(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low <= right / (right + wrong) + 1e-12
        assert right / (right + wrong) <= high + 1e-12


def judged(*groups):
    return [Judged(confidence=confidence, right=k < right) for confidence, right, n in groups for k in range(n)]


def test_too_few_verdicts_suggest_nothing():
    assert suggest(judged((0.5, 0, LEAST_JUDGED - 1)), 0.4) is None


def test_good_flags_suggest_nothing():
    assert suggest(judged((0.5, 38, 40), (0.9, 38, 40)), 0.4, added=0) is None


def test_bad_unsure_flags_raise_the_threshold_above_them():
    advice = suggest(judged((0.42, 10, 40), (0.75, 36, 40)), 0.4)
    assert (advice.move, advice.then) == ("raise", 0.45)
    assert advice.before == pytest.approx(46 / 80)
    assert advice.after == pytest.approx(0.9)
    assert advice.lost == 10


def test_confidence_that_tells_nothing_cannot_be_mended():
    assert suggest(judged((0.45, 20, 40), (0.95, 20, 40)), 0.4).move == "unfixable"


def test_sure_flags_with_misses_lower_the_threshold():
    advice = suggest(judged((0.42, 40, 40), (0.9, 40, 40)), 0.4, added=3)
    assert (advice.move, advice.then) == ("lower", 0.35)


@given(flags, st.sampled_from([0.3, 0.35, 0.4, 0.5]))
def test_a_raised_threshold_keeps_its_promise(judged, now):
    advice = suggest(judged, now)
    if advice is None or advice.move != "raise":
        return
    kept = [one for one in judged if one.confidence >= advice.then - 1e-9]
    assert now < advice.then < 1
    assert sum(one.right for one in kept) / len(kept) >= TARGET - 1e-9
    assert advice.lost == sum(one.right for one in judged) - sum(one.right for one in kept)


@given(flags)
def test_bands_hold_every_flag_once(judged):
    found = bands(judged)
    if found:
        assert sum(band.judged for band in found) == len(judged)
        assert sum(band.right for band in found) == sum(one.right for one in judged)
        assert [band.low for band in found] == sorted(band.low for band in found)
    else:
        assert len(judged) < 5
