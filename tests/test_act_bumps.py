"""Heads of bumps: what is fitted is what runs, near turns say more than far ones, and far from all turns nothing is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.acts.heads import squared_distances
from training import kernel
from training.kernel import Space, fit_heights, predict

RNG = np.random.default_rng(7)
FEATURES = RNG.standard_normal((60, 12)).astype(np.float32)
LABELS = np.stack([FEATURES[:, 0] * FEATURES[:, 1] > 0, FEATURES[:, 2] > 0], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def space():
    return Space.fit(FEATURES, np.ones(12, np.float32))


def test_what_ships_says_what_was_fitted(space):
    places = space(FEATURES)
    heights, bias = fit_heights(places, LABELS)
    bumps = space.bumps(places, heights, bias)
    fresh = RNG.standard_normal((9, 12)).astype(np.float32)
    expected = predict(space(fresh), places, heights, bias)
    assert bumps(fresh) == pytest.approx(expected, abs=1e-4)
    assert bumps(fresh[0]) == pytest.approx(expected[0], abs=1e-4)


def test_bumps_tell_apart_what_no_plane_can(space):
    places = space(FEATURES)
    scores = predict(places, places, *fit_heights(places, LABELS))[:, 0]
    assert scores[LABELS[:, 0] == 1].min() > scores[LABELS[:, 0] == 0].max()


def test_far_from_every_turn_only_the_share_of_the_act_is_left(space):
    places = space(FEATURES)
    heights, bias = fit_heights(places, LABELS)
    far = space(FEATURES[:1] + 1000.0)
    assert predict(far, places, heights, bias)[0] == pytest.approx(LABELS.mean(axis=0), abs=1e-6)


def test_only_so_many_directions_are_kept(monkeypatch):
    monkeypatch.setattr(kernel, "RANK", 4)
    space = Space.fit(FEATURES, np.ones(12, np.float32))
    assert space.projection.shape == (4, 12)
    assert space(FEATURES).shape == (60, 4)


def test_a_feature_without_emphasis_moves_nothing():
    emphasis = np.ones(12, np.float32)
    emphasis[3] = 0
    space = Space.fit(FEATURES, emphasis)
    moved = FEATURES.copy()
    moved[:, 3] += 5
    assert space(moved) == pytest.approx(space(FEATURES), abs=1e-4)


@settings(max_examples=30)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**31))
def test_distances_are_those_of_geometry(n, m, seed):
    rng = np.random.default_rng(seed)
    here, there = rng.standard_normal((n, 5)).astype(np.float32), rng.standard_normal((m, 5)).astype(np.float32)
    expected = [[float(((a - b) ** 2).sum()) for b in there] for a in here]
    assert squared_distances(here, there) == pytest.approx(np.array(expected), abs=1e-4)
