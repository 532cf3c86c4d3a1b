"""Charts: every value has its place on round rungs, and every point is told in words."""

import re
from base64 import b64decode
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.charts import Point, line_chart, rungs, sparkline, stroke

values = st.floats(0, 1e6, allow_subnormal=False)


@given(values, values)
def test_rungs_reach_round_the_values_evenly(one, other):
    low, high = sorted((one, other))
    lines = rungs(low, high)
    assert 2 <= len(lines) <= 8
    assert lines[0] <= low + 1e-6 * max(1.0, low)
    assert lines[-1] >= high - 1e-6 * max(1.0, high)
    steps = {round(b - a, 9) for a, b in pairwise(lines)}
    assert max(steps) - min(steps) <= 1e-6 * max(1.0, high)


def test_rungs_are_round():
    assert rungs(0.0, 1.0) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert rungs(56.0, 69.0) == [55.0, 60.0, 65.0, 70.0]


@given(st.lists(st.one_of(st.none(), values), min_size=1, max_size=60))
def test_no_point_lies_outside_the_chart(found):
    last = max(1, len(found) - 1)
    points = [Point(n / last, value, f"<{n}>") for n, value in enumerate(found)]
    html = line_chart(points, [(0.0, "first")], label="Rate", written=lambda value: f"{value:.1f}")
    tops = [float(top) for top in re.findall(r'<b style="top:([-\d.]+)%', html)]
    assert len(tops) == sum(value is not None for value in found)
    assert all(-0.01 <= top <= 100.01 for top in tops)
    assert "<0>" not in html


def test_a_gap_breaks_the_line():
    html = stroke([(0.0, 0.1), (0.2, 0.2), (0.4, None), (0.6, 0.3), (0.8, 0.4), (1.0, None)], 2.0)
    svg = b64decode(re.search(r"base64,([^)]+)", html)[1]).decode()
    assert re.findall(r'points="([^"]*)"', svg) == ["0,100 200,200", "600,300 800,400"]


@pytest.mark.parametrize(
    ("found", "drawn"), [([1.0, 2.0], False), ([1.0, None, 2.0, 3.0, None], True), ([0.0] * 4, True)]
)
def test_a_sparkline_needs_three_values(found, drawn):
    assert bool(sparkline(found, alt="by week")) == drawn
