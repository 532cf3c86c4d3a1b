"""Throughput of an archive, as ratios to the obvious alternatives over the same calls. See README.md beside this file.

heard            the work of a batch worker: fetched, heard, judged, redacted and saved
loop             faster-whisper in batches over the mixed channels, then pyannote's stock pipeline
loop, channels   for stereo calls, faster-whisper in batches over each channel by itself
WhisperX         where --whisperx names the Python of an environment that has it
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from baselines import batched_whisper, stock_pyannote

from audio import models
from audio.decode import decode
from monitor.analyze import Analyzer
from monitor.archive.make import make_of
from monitor.archive.work import carry_out
from monitor.settings import Settings
from monitor.store import Store
from monitor.store.job_records import Item
from monitor.store.jobs import claim, enqueue

FIXTURES = Path(__file__).parent.parent / "fixtures" / "audio"
STEREO = "recordings/auto-repairs-40.stereo-8k.flac"
MONO = "recordings/auto-dealer-oil-light.mono-8bit-8k.wav"
BUNDLED_STEREO, BUNDLED_MONO = "wifi-missed.opus", "wifi-handled.mp3"
BOUNDS = {"stereo": 1.0, "mono": 0.6}

Work = Callable[[Path], object]


def worker(store: Store) -> Work:
    """One call as a worker of `heard batch` does it, saved to a store."""
    analyzer = Analyzer(Settings())
    make = make_of(analyzer.settings, analyzer.rules)

    def work(path: Path) -> None:
        enqueue(store, [Item(source=str(path.resolve()))], make)
        job = claim(store, "benchmark", make)
        assert job is not None
        outcome = carry_out(job, analyzer, store)
        if outcome.ended != "done":
            sys.exit(f"{path}: {outcome.ended}, {outcome.reason}")

    return work


def loop(*, each_channel: bool) -> Work:
    """One call as a script of twenty lines does it."""
    from faster_whisper import decode_audio

    transcribe, diarize = batched_whisper(), stock_pyannote()

    def work(path: Path) -> None:
        if each_channel:
            for channel in decode_audio(str(path), split_stereo=True):
                transcribe(channel)
        else:
            sound = decode_audio(str(path))
            transcribe(sound)
            diarize(sound, 2)

    return work


def seconds(work: Work, paths: Sequence[Path]) -> tuple[float, float]:
    """For all calls, by the wall clock and of processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    for path in paths:
        work(path)
    return time.perf_counter() - wall, time.process_time() - cpu


def whisperx(python: str, paths: Sequence[Path]) -> dict[str, tuple[float, float]]:
    """Seconds that WhisperX needs for the same calls, models loaded and warm."""
    with tempfile.TemporaryDirectory() as folder:
        sounds = []
        for number, path in enumerate(paths):
            with decode(path) as recording:
                mixed = np.mean(
                    [recording.channel(i).read(0, recording.duration_s) for i in range(recording.channels)], axis=0
                )
            sounds.append(f"{folder}/{number}.npy")
            np.save(sounds[-1], mixed.astype(np.float32))
        script, model = Path(__file__).with_name("whisperx_calls.py"), models.find_whisper("base").path
        command = [python, str(script), str(model), str(models.cores()), *sounds]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(run.stdout.strip().splitlines()[-1])
    text, times = (np.sum([call[stage] for call in told["calls"]], axis=0) for stage in ("text", "times"))
    name = f"WhisperX {told['version']}"
    return {f"{name}, text": tuple(text), f"{name}, text and word times": tuple(text + times)}


def beginning(path: Path, folder: Path) -> Path:
    """The first 12 s of a call as a file, to warm up with."""
    from analyze_speed import WARM_UP_S, write_beginning

    target = folder / f"{path.stem}-beginning.wav"
    write_beginning(path, target, WARM_UP_S)
    return target


def table(layout: str, paths: Sequence[Path], spent: dict[str, tuple[float, float]]) -> None:
    """Print the seconds of each side, and heard's as a share of them."""
    total_s = 0.0
    for path in paths:
        with decode(path) as recording:
            total_s += recording.duration_s
    print(f"\n{layout}: {', '.join(path.name for path in paths)}, {total_s:.0f} s of call\n")
    print(
        "| | seconds | times real time | heard takes of it | processor seconds | heard takes of them |\n|---|---|---|---|---|---|"
    )
    for name, (wall_s, cpu_s) in spent.items():
        shares = spent["heard"][0] / wall_s, spent["heard"][1] / cpu_s
        print(
            f"| {name} | {wall_s:.1f} | {total_s / wall_s:.1f} | {shares[0]:.2f} | {cpu_s:.1f} | {shares[1]:.2f} |",
            flush=True,
        )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", choices=list(BOUNDS))
    parser.add_argument("--bundled", action="store_true", help="the bundled calls alone")
    parser.add_argument("--whisperx", metavar="PYTHON", help="the interpreter of an environment that has whisperx")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    given = parser.parse_args()
    calls = [FIXTURES / BUNDLED_STEREO], [FIXTURES / BUNDLED_MONO]
    if not given.bundled:
        calls = [given.data / STEREO], [given.data / MONO]
    sets = dict(zip(BOUNDS, calls, strict=True))
    figures: dict[str, dict[str, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name, Store.open(f"{name}/archive.db") as store:
        sides: dict[str, Work] = {"heard": worker(store), "loop": loop(each_channel=False)}
        for layout, paths in sets.items():
            if given.only not in (None, layout):
                continue
            own = sides | ({"loop, channels": loop(each_channel=True)} if layout == "stereo" else {})
            warm = beginning(paths[0], Path(name))
            for work in own.values():
                work(warm)
            spent = {side: seconds(work, paths) for side, work in own.items()}
            figures[layout] = spent
            table(layout, paths, spent)
            print(f"\nheard / loop: {spent['heard'][0] / spent['loop'][0]:.2f}, at most {BOUNDS[layout]}", flush=True)
    if given.whisperx:
        for layout, spent in figures.items():
            spent |= whisperx(given.whisperx, sets[layout])
            table(layout, sets[layout], spent)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
