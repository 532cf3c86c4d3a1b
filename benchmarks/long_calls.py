"""Calls of up to 10 h 43 min: is memory bounded, time linear in length, and are the two speakers the same throughout?

A long call is built from one real two-party call: half a minute of talk, then four and a half on hold (music, line noise or
digital silence), again and again, while the level and the noise of the line drift over the hours. Each length is analysed by
a process of its own, with the real models. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import wave
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.decode import decode
from audio.facts import Span, Turn
from audio.speech import find_speech

CALL = "recordings/auto-repairs-40.stereo-8k.flac"
RATE_HZ = 8_000
TALK_S, HOLD_S = 30.0, 270.0
CYCLE_S = TALK_S + HOLD_S
LENGTHS_S = {"10min": 600.0, "1h": 3_600.0, "10h43": 38_580.0}
SOURCES = ("left", "right")
_BARS = ((0, 4, 7, 12), (9, 12, 16, 21), (5, 9, 12, 17), (7, 11, 14, 19))
"""Semitones of four chords, which the hold music plays one note after the other."""

Sound = NDArray[np.float64]


def excerpt(call: Sound, cycle: int) -> tuple[Sound, float]:
    """The talk of a cycle, shape (2, n), and where in the real call it begins: the next half minute, round and round."""
    last = call.shape[1] / RATE_HZ - TALK_S
    start_s = (cycle * TALK_S) % last
    first = round(start_s * RATE_HZ)
    return call[:, first : first + round(TALK_S * RATE_HZ)], start_s


def music(samples: int) -> Sound:
    """Plucked notes, four a second, shape (samples,)."""
    length = RATE_HZ // 4
    at = np.arange(length) / RATE_HZ
    notes = [
        sum(np.sin(2 * np.pi * 262 * 2 ** (note / 12) * partial * at) / partial**2 for partial in (1, 2, 3))
        * np.exp(-6 * at)
        for bar in _BARS
        for note in (*bar, *bar[::-1])
    ]
    melody = 0.08 * np.concatenate(notes)
    return np.asarray(np.tile(melody, samples // len(melody) + 1)[:samples])


def cycle_of(call: Sound, cycle: int) -> Sound:
    """One cycle of the long call, shape (2, n)."""
    talk, _ = excerpt(call, cycle)
    sound = np.concatenate([talk, np.zeros((2, round(HOLD_S * RATE_HZ)))], axis=1)
    hold = sound[:, talk.shape[1] :]
    if cycle % 3 == 0:
        hold[0] = music(hold.shape[1])
    drift = float(10 ** (6 * np.sin(2 * np.pi * cycle / 37) / 20))
    noise = float(10 ** ((-60 + 12 * np.sin(2 * np.pi * cycle / 53)) / 20))
    if cycle % 3 == 2:
        # Nothing at all is sent while on hold; else the line goes on hissing.
        sound[:, : talk.shape[1]] += noise * np.random.default_rng(cycle).standard_normal(talk.shape)
    else:
        sound += noise * np.random.default_rng(cycle).standard_normal(sound.shape)
    return drift * sound


def build(call: Sound, path: Path, length_s: float, *, mono: bool) -> None:
    """Write a long call, one cycle at a time."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if mono else 2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for cycle in range(int(np.ceil(length_s / CYCLE_S))):
            sound = cycle_of(call, cycle)[:, : round((length_s - cycle * CYCLE_S) * RATE_HZ)]
            sound = sound.mean(axis=0, keepdims=True) if mono else sound
            file.writeframes(np.clip(sound.T * 32_767, -32_768, 32_767).astype("<i2").tobytes())


class Truth:
    """Who speaks in the real call, by its two channels."""

    def __init__(self, speech: Sequence[Sequence[Span]], call_s: float) -> None:
        self._speech = speech
        self._starts = [[span.start_s for span in spans] for spans in speech]
        self._last_s = call_s - TALK_S

    def __call__(self, time_s: float) -> str | None:
        """Who alone speaks at a time of the long call; None where nobody does, or both do."""
        cycle, into_s = divmod(time_s, CYCLE_S)
        if into_s >= TALK_S:
            return None
        at_s = (cycle * TALK_S) % self._last_s + into_s
        speaking = [self._inside(side, at_s) for side in range(2)]
        return SOURCES[speaking.index(True)] if sum(speaking) == 1 else None

    def _inside(self, side: int, at_s: float) -> bool:
        found = bisect_right(self._starts[side], at_s) - 1
        return found >= 0 and at_s < self._speech[side][found].end_s


def agreement(turns: Sequence[Turn], truth: Truth) -> list[float]:
    """For every hour, the share of words that are given to whoever spoke them, under the one best naming of the whole call."""
    heard = [
        (int(word.start_s // 3_600), turn.speaker, source)
        for turn in turns
        for word in turn.words
        if (source := truth((word.start_s + word.end_s) / 2))
    ]
    names = sorted({speaker for _, speaker, _ in heard})
    namings = [dict(zip(names, order, strict=False)) for order in (SOURCES, SOURCES[::-1])]
    best = max(namings, key=lambda naming: sum(naming.get(speaker) == source for _, speaker, source in heard))
    hours: dict[int, list[bool]] = {}
    for hour, speaker, source in heard:
        hours.setdefault(hour, []).append(best.get(speaker) == source)
    return [round(float(np.mean(hours[hour])), 4) for hour in sorted(hours)]


@dataclass
class Watch:
    """A progress callback: time, processor time and peak memory of every stage."""

    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    _stage: str = "opening"
    _since: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    def __call__(self, stage: str, _fraction: float = 0.0) -> None:
        if stage == self._stage:
            return
        now = time.perf_counter(), time.process_time()
        cost = self.stages.setdefault(self._stage, {"wall_s": 0.0, "cpu_s": 0.0, "peak_gb": 0.0})
        cost["wall_s"] += now[0] - self._since[0]
        cost["cpu_s"] += now[1] - self._since[1]
        cost["peak_gb"] = max(cost["peak_gb"], _peak_gb())
        self._stage, self._since = stage, now


def _peak_gb() -> float:
    """Most memory since this was last asked (Linux: proc(5), VmHWM and clear_refs)."""
    status = Path("/proc/self/status").read_text("utf-8")
    peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5", "utf-8")
    return peak_kb * 1024 / 1e9


def analysed(path: Path, call: Path) -> dict[str, object]:
    """What the analysis of a long call costs, in this process."""
    from monitor.analyze import Analyzer, Options
    from monitor.settings import Settings
    from monitor.store import Store

    watch = Watch()
    examined = Analyzer(Settings()).examine(path, Options(), watch)
    report = examined.report
    watch("saving")
    with tempfile.TemporaryDirectory() as folder, Store.open(str(Path(folder) / "long.db")) as store:
        store.save(report, content_sha256="0" * 64, waveform=examined.waveform, mentions=examined.mentions)
        watch("reading")
        store.load(report.call_id, words=False)
    watch("done")
    with decode(call) as recording:
        truth = Truth([find_speech(recording.channel(side)) for side in range(2)], recording.duration_s)
    return {
        "length_s": report.duration_s,
        "turns": len(report.turns),
        "words": sum(len(turn.words) for turn in report.turns),
        "moments": len(report.moments),
        "report_mb": len(report.to_json()) / 1e6,
        "peak_gb": max(stage["peak_gb"] for stage in watch.stages.values()),
        "wall_s": sum(stage["wall_s"] for stage in watch.stages.values()),
        "cpu_s": sum(stage["cpu_s"] for stage in watch.stages.values()),
        "agreement": agreement(report.turns, truth),
        "stages": watch.stages,
    }


def measured(call: Path, names: Sequence[str], layouts: Sequence[str]) -> Iterator[dict[str, object]]:
    """Build and analyse one call after the other, each by a process of its own."""
    with decode(call) as recording:
        sound = np.stack([recording.channel(i).read(0, recording.duration_s)[::2] for i in range(2)]).astype(np.float64)
    for layout in layouts:
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"{name}-{layout}.wav"
                build(sound, path, LENGTHS_S[name], mono=layout == "mono")
                command = [sys.executable, __file__, "--one", str(path), "--call", str(call)]
                run = subprocess.run(command, capture_output=True, text=True, check=True)
            yield {"name": name, "layout": layout, **json.loads(run.stdout)}


def told(one: dict) -> str:  # type: ignore[type-arg]
    """A row of the table, and a line of its stages."""
    worst = min(one["agreement"], default=float("nan"))
    per_hour = one["cpu_s"] / (one["length_s"] / 3_600)
    stages = ", ".join(f"{name} {cost['cpu_s']:.0f} s {cost['peak_gb']:.2f} GB" for name, cost in one["stages"].items())
    return (
        f"| {one['name']} {one['layout']} | {one['turns']} | {one['wall_s']:.0f} | {one['cpu_s']:.0f} | {per_hour:.0f} | "
        f"{one['peak_gb']:.2f} | {np.mean(one['agreement'] or [np.nan]):.3f} | {worst:.3f} |\n{'':4}{stages}"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--lengths", nargs="+", choices=LENGTHS_S, default=list(LENGTHS_S))
    parser.add_argument("--layouts", nargs="+", choices=["stereo", "mono"], default=["stereo", "mono"])
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--call", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(analysed(given.one, given.call)))
        return
    print(f"Talk is {TALK_S / CYCLE_S:.0%} of each call.\n")
    print(
        "| call | turns | seconds | processor seconds | the same for an hour of call | peak GB | words rightly given | worst hour |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    figures = []
    for one in measured(given.data / CALL, given.lengths, given.layouts):
        figures.append(one)
        print(told(one), flush=True)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
