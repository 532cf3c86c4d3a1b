"""From the local speakers of overlapping windows to the speakers of a call.

A window tells its own speakers apart; an embedding tells which speaker of the call each of them is. Since neighbouring
windows share most of their sound, only some need embeddings: in the others, whoever speaks at the same time as a known
speaker of a neighbour is that speaker.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

WINDOW_S = 10.0
"""What segmentation-3.0 was trained on."""
SHORT_S = 60.0
"""A recording up to this long is read as closely as pyannote's own pipeline does: it has no windows to spare."""
CLOSE_STEP_S, WIDE_STEP_S = 1.0, 2.5
"""Windows begin so far apart in short and in longer recordings. In calls of 74, 115 and 245 s the wider step, with its sparser
embeddings, told the speakers apart as well (confusion 0.000 to 0.002 of speech) at less than half the work."""
SPARSEST = 3
"""In long recordings every third window gets embeddings, in shorter ones more: at least about FEW_WINDOWS do."""
FEW_WINDOWS = 16
INACTIVE = -2
"""Instead of the number of a speaker, for a local speaker who says nothing."""

Activity = NDArray[np.uint8]
"""Speaker activity, 0 or 1: four hours of a call take 10 MB; shape (windows, frames, speakers of the window)."""
Assignment = NDArray[np.int64]
"""Which speaker of the call each local speaker is, shape (windows, speakers of the window)."""


def step_of(duration_s: float) -> float:
    """Seconds from the start of one window to the next in a recording of this length."""
    return CLOSE_STEP_S if duration_s <= SHORT_S else WIDE_STEP_S


def window_starts(duration_s: float) -> NDArray[np.float64]:
    """When each window of a call begins, in seconds; the last one may reach beyond its end."""
    step_s = step_of(duration_s)
    count = 1 + max(0, int(np.ceil((duration_s - WINDOW_S) / step_s)))
    return np.arange(count, dtype=np.float64) * step_s


def chosen_windows(count: int, step_s: float) -> NDArray[np.int64]:
    """The windows that get embeddings; always the first and the last."""
    stride = 1 if step_s == CLOSE_STEP_S else max(1, min(SPARSEST, count // FEW_WINDOWS))
    chosen = np.arange(0, count, stride)
    return np.union1d(chosen, [count - 1]) if count else chosen


def carried(activity: Activity, chosen: NDArray[np.int64], assigned: Assignment, step_s: float) -> Assignment:
    """The speakers of all windows, from those of the chosen ones.

    activity: of all windows
    chosen: the windows that `assigned` is about, ascending
    step_s: seconds from the start of one window to the next
    """
    windows, _, local = activity.shape
    full = np.full((windows, local), INACTIVE, dtype=np.int64)
    full[chosen] = assigned
    known = set(chosen.tolist())
    for window in range(windows):
        if window not in known and activity[window].any():
            after = int(np.searchsorted(chosen, window))
            neighbours = chosen[max(0, after - 1) : after + 1].tolist()
            full[window] = _like_neighbours(activity, full, window, neighbours, step_s)
    full[activity.sum(axis=1) == 0] = INACTIVE
    return full


def stitched(activity: Activity, assigned: Assignment) -> NDArray[np.float32]:
    """Activity by speaker of the call, shape (windows, frames, speakers), NaN for those absent from a window."""
    windows, frames, _ = activity.shape
    by_speaker = np.full((windows, frames, int(assigned.max()) + 1), np.nan, dtype=np.float32)
    for window, local in enumerate(assigned):
        for speaker in set(local.tolist()) - {INACTIVE}:
            by_speaker[window, :, speaker] = activity[window][:, local == speaker].max(axis=1)
    return by_speaker


def _like_neighbours(
    activity: Activity, full: Assignment, window: int, neighbours: list[int], step_s: float
) -> NDArray[np.int64]:
    local = activity.shape[2]
    together = np.zeros((local, max(int(full[neighbours].max()) + 1, local)))
    for neighbour in neighbours:
        own, theirs = _same_time(activity, window, neighbour, step_s)
        for speaker, name in enumerate(full[neighbour]):
            if name != INACTIVE:
                together[:, name] += own.T @ theirs[:, speaker]
    assigned = np.full(local, INACTIVE, dtype=np.int64)
    for speaker, name in zip(*linear_sum_assignment(-together), strict=True):
        assigned[speaker] = name if together[speaker, name] else int(together[speaker].argmax())
    return assigned


def _same_time(
    activity: Activity, window: int, neighbour: int, step_s: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The frames that two windows share, as each of them saw it."""
    frames = activity.shape[1]
    shift = round((window - neighbour) * step_s / WINDOW_S * frames)
    earlier, later = max(0, -shift), max(0, shift)
    own, theirs = activity[window][earlier : frames - later], activity[neighbour][later : frames - earlier]
    return own.astype(np.float32), theirs.astype(np.float32)
