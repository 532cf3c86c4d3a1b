"""Speed of a whole analysis, as ratios to the plain use of the same models. See README.md beside this file."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from baselines import plain_whisper, stock_pyannote

from audio.decode import decode
from audio.models import cores
from audio.ports import Samples
from monitor.analyze import Analyzer, Options
from monitor.settings import Settings

STEREO = "recordings/auto-repairs-40.stereo-8k.flac"
MONO = "recordings/auto-dealer-oil-light.mono-8bit-8k.wav"
WARM_UP_S = 12.0


@dataclass
class Cost:
    """Seconds by the wall clock and of processor time."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


@dataclass
class Stages:
    """A progress callback that bills the time since its last call to the stage that is then in progress."""

    costs: dict[str, Cost] = field(default_factory=dict)
    _stage: str = "opening"
    _since: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    def __call__(self, stage: str, _fraction: float = 0.0) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        spent = Cost(wall - self._since[0], cpu - self._since[1])
        self.costs[self._stage] = self.costs.get(self._stage, Cost()) + spent
        self._stage, self._since = stage, (wall, cpu)


def timed(work: Callable[[], object]) -> Cost:
    """What a piece of work costs."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def analysed(analyzer: Analyzer, path: Path) -> dict[str, Cost]:
    """What each stage of heard's analysis costs."""
    stages = Stages()
    analyzer.analyze(path, Options(), stages)
    stages("done")
    return stages.costs


def channels(path: Path) -> list[Samples]:
    """The channels of a recording, in memory, 16 kHz."""
    with decode(path) as recording:
        return [recording.channel(i).read(0, recording.duration_s) for i in range(recording.channels)]


def peak_memory_gb(path: Path) -> float:
    """Peak memory of `heard analyze` on one call."""
    heard = Path(sys.executable).with_name("heard")
    code = f"""
import resource, subprocess
subprocess.run([{str(heard)!r}, "analyze", "--quiet", "--no-store", {str(path)!r}], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout.split()[-1])


def rounds(count: int, analyzer: Analyzer, path: Path, baseline: Callable[[], object]) -> Iterator[dict[str, object]]:
    """Both sides in turn, so that a busy machine is busy for both."""
    for _ in range(count):
        stages = analysed(analyzer, path)
        plain = timed(baseline)
        heard = sum(stages.values(), Cost())
        yield {
            "heard": vars(heard),
            "plain": vars(plain),
            "ratio_wall": heard.wall_s / plain.wall_s,
            "ratio_cpu": heard.cpu_s / plain.cpu_s,
            "stages": {name: vars(cost) for name, cost in stages.items()},
        }


def report(name: str, measured: list[dict[str, object]]) -> None:
    """Print a table of stages, and the ratios of all rounds."""
    best: dict = min(measured, key=lambda one: one["heard"]["cpu_s"])  # type: ignore[index]
    print(f"\n{name}\n\n| stage | seconds | processor seconds |\n|---|---|---|")
    for stage, cost in best["stages"].items():
        print(f"| {stage} | {cost['wall_s']:.1f} | {cost['cpu_s']:.1f} |")
    for side in ("heard", "plain"):
        print(f"| **{side}, whole** | {best[side]['wall_s']:.1f} | {best[side]['cpu_s']:.1f} |")
    ratios = ", ".join(f"{one['ratio_wall']:.2f} (processor {one['ratio_cpu']:.2f})" for one in measured)
    print(f"\nheard / plain: {ratios}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=["stereo", "mono"])
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()

    analyzer = Analyzer(Settings())
    transcribe = plain_whisper()
    figures: dict[str, object] = {"cores": cores()}

    if options.only != "mono":
        path = options.data / STEREO
        left, right = channels(path)
        warm_up(analyzer, path)
        transcribe(left[: int(WARM_UP_S * 16_000)])
        measured = list(rounds(options.rounds, analyzer, path, lambda: [transcribe(left), transcribe(right)]))
        report("stereo: auto-repairs-40", measured)
        peak = peak_memory_gb(path)
        print(f"peak memory of `heard analyze` on it: {peak:.2f} GB")
        figures["stereo"] = {"rounds": measured, "peak_gb": peak}

    if options.only != "stereo":
        path = options.data / MONO
        [both] = channels(path)
        diarize = stock_pyannote()
        warm_up(analyzer, path)
        transcribe(both[: int(WARM_UP_S * 16_000)])
        diarize(both[: int(WARM_UP_S * 16_000)])
        measured = list(rounds(options.rounds, analyzer, path, lambda: [transcribe(both), diarize(both, 2)]))
        report("mono: auto-dealer-oil-light", measured)
        figures["mono"] = {"rounds": measured}

    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), "utf-8")


def warm_up(analyzer: Analyzer, path: Path) -> None:
    """Load every model, by the analysis of the beginning of a call."""
    with tempfile.TemporaryDirectory() as folder:
        beginning = Path(folder) / "beginning.wav"
        write_beginning(path, beginning, WARM_UP_S)
        analyzer.analyze(beginning, Options())


def write_beginning(path: Path, target: Path, length_s: float) -> None:
    """The first seconds of a call as a WAV file, 16 kHz."""
    with decode(path) as recording:
        sound = np.stack([recording.channel(i).read(0, length_s) for i in range(recording.channels)])
    with wave.open(str(target), "wb") as file:
        file.setnchannels(len(sound))
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((sound.T * 32_767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
