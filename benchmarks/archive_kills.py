"""An archive of varied short calls, one in twenty broken, worked off by `heard batch` while it is killed three times.

    python benchmarks/archive_kills.py --audio fixtures/audio --audio FOLDER --calls 200 --out FOLDER

The calls are cut from the recordings in the `--audio` folders: other formats, sample rates, lengths and channels. The real models hear
them. Killed with SIGKILL are a worker, the batch, and everything at once. Afterwards every call must be accounted for: done and
in the store once, or failed with a reason; printed is what was found, and the exit code is 1 where anything is amiss.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
SUFFIXES = {".wav", ".flac", ".mp3", ".opus", ".m4a", ".ogg"}


class Format(NamedTuple):
    """How a call is written: suffix, container, codec, sample rates to choose from."""

    suffix: str
    container: str
    codec: str
    rates: tuple[int, ...]


FORMATS = (
    Format("wav", "wav", "pcm_s16le", (8000, 16000, 44100)),
    Format("wav", "wav", "pcm_mulaw", (8000,)),
    Format("wav", "wav", "pcm_alaw", (8000,)),
    Format("mp3", "mp3", "libmp3lame", (16000, 22050)),
    Format("m4a", "mp4", "aac", (16000, 44100)),
    Format("opus", "ogg", "libopus", (48000,)),
    Format("webm", "webm", "libopus", (48000,)),
    Format("flac", "flac", "flac", (8000, 16000)),
)
LENGTHS_S = (1.5, 3.0, 5.0, 8.0, 12.0, 25.0)
"""Most calls are short, so that two cores are done in minutes."""
WEIGHTS = (2, 6, 6, 4, 2, 1)


def decoded(path: Path) -> NDArray[np.int16]:
    """A recording at 48 kHz, shape (n_samples, 1 or 2)."""
    import av

    with av.open(str(path)) as container:
        channels = min(2, container.streams.audio[0].codec_context.channels)
        resampler = av.AudioResampler("s16", "stereo" if channels == 2 else "mono", 48000)
        blocks = [
            np.asarray(out.to_ndarray()).reshape(-1, channels)
            for frame in [*container.decode(audio=0), None]
            for out in resampler.resample(frame)
        ]
    return np.concatenate(blocks)


def write(path: Path, samples: NDArray[np.int16], form: Format, rate: int) -> None:
    """Encode samples at 48 kHz, shape (n_samples, channels)."""
    import av

    layout = "stereo" if samples.shape[1] == 2 else "mono"
    with av.open(str(path), "w", format=form.container) as container:
        stream = container.add_stream(form.codec, rate=rate, layout=layout)
        frame: Any = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "s16", layout)
        frame.sample_rate, frame.pts = 48000, 0
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, layout, rate, frame_size=context.frame_size or 0)
        for out in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(out))
        container.mux(stream.encode(None))


def broken(path: Path, kind: int, chance: random.Random) -> Path:
    """A file that is no recording, in one of five ways."""
    whole = path.read_bytes()
    contents = {
        "wav": b"",
        "mp3": chance.randbytes(4000),
        "txt.wav": b"The recording was deleted on request.\n",
        "ogg": whole[:4] + bytes(500),
        "m4a": bytes(4) + b"ftypM4A " + chance.randbytes(2000),
    }
    suffix, content = list(contents.items())[kind % len(contents)]
    target = path.with_suffix("." + suffix)
    path.unlink()
    target.write_bytes(content)
    return target


def build(folder: Path, audio: list[Path], calls: int, chance: random.Random) -> set[str]:
    """The archive; the sources that are broken."""
    found = sorted(path for place in audio for path in place.rglob("*") if path.suffix in SUFFIXES)
    recordings = [decoded(path) for path in found]
    bad = set()
    for number in range(calls):
        day = folder / f"2026-01-{1 + number % 28:02}"
        day.mkdir(parents=True, exist_ok=True)
        samples = recordings[number % len(recordings)]
        [length_s] = chance.choices(LENGTHS_S, WEIGHTS)
        begin = chance.randrange(max(1, len(samples) - round(length_s * 48000)))
        piece = samples[begin : begin + round(length_s * 48000)]
        if piece.shape[1] == 2 and chance.random() < 0.3:
            piece = piece.astype(np.int32).mean(axis=1, keepdims=True).astype(np.int16)
        form = FORMATS[number % len(FORMATS)]
        path = day / f"{number:04}.{form.suffix}"
        write(path, piece, form, chance.choice(form.rates))
        if number % 20 == 7:
            bad.add(str(broken(path, number // 20, chance)))
    return bad


def begin(archive: Path, store: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start the batch in a process group of its own."""
    command = [
        sys.executable,
        "-m",
        "monitor.cli",
        "batch",
        str(archive),
        "--store",
        str(store),
        "--log-json",
        str(log),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)


def settled(store: Path) -> int:
    """How many calls are done or failed."""
    import sqlite3

    if not store.exists():
        return 0
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        try:
            query = "SELECT count(*) FROM jobs WHERE state IN ('done', 'failed', 'quarantined')"
            return int(connection.execute(query).fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def wait_for(n: int, store: Path, batch: subprocess.Popen[bytes]) -> None:
    """Until so many calls are settled."""
    while settled(store) < n:
        if batch.poll() is not None:
            raise SystemExit(f"The batch ended too early, with code {batch.returncode}.")
        time.sleep(0.2)


def children(process: int) -> list[int]:
    """The workers of a batch."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return [int(pid) for pid in listed if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def check(store_path: Path, archive: Path, bad: set[str]) -> dict[str, Any]:
    """Whether every call is accounted for."""
    from monitor.store import Store, runs
    from monitor.store.jobs import counts, lines

    files = {str(path.resolve()) for path in archive.rglob("*") if path.is_file()}
    with Store.open(str(store_path), create=False) as store:
        stored = Counter(call.source for call in store.list())
        failed = {line.source: line.reason for line in lines(store, ("failed", "quarantined"))}
        analysed = Counter(run.source for run in runs(store, outcome="analysed", size=100_000).rows)
        done = {line.source for line in lines(store, ("done",))}
        states = counts(store)
    return {
        "states": {state: n for state, n in states.items() if n},
        "lost": sorted(files - done - failed.keys()),
        "done_but_not_stored": sorted(done - stored.keys()),
        "stored_twice": [source for source, n in stored.items() if n > 1],
        "saved_twice": [source for source, n in analysed.items() if n > 1],
        "broken_but_not_failed": sorted(bad - failed.keys()),
        "failed_but_not_broken": {source: reason for source, reason in failed.items() if source not in bad},
        "failed_without_reason": [source for source, reason in failed.items() if not reason],
    }


def main() -> int:
    """Build, run, kill, check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audio", action="append", type=Path, required=True, help="folder of recordings to cut from")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--out", type=Path, required=True, help="folder for the archive, the store and the log")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    archive, store, log = given.out / "archive", given.out / "heard.db", given.out / "log.jsonl"
    bad = build(archive.resolve(), given.audio, given.calls, random.Random(1))
    began = time.monotonic()
    batch = begin(archive, store, log)
    for share, victim in ((0.25, "worker"), (0.5, "batch"), (0.75, "everything")):
        wait_for(round(given.calls * share), store, batch)
        if victim == "worker":
            os.kill(children(batch.pid)[0], signal.SIGKILL)
        elif victim == "batch":
            batch.kill()
        else:
            os.killpg(batch.pid, signal.SIGKILL)
        print(
            f"{time.monotonic() - began:6.0f} s  {settled(store):4} of {given.calls} settled: killed {'everything' if victim == 'everything' else 'the ' + victim}",
            flush=True,
        )
        if victim != "worker":
            batch.wait()
            batch = begin(archive, store, log)
    code = batch.wait()
    found = check(store, archive, bad) | {"exit_code": code, "took_s": round(time.monotonic() - began)}
    print(json.dumps(found, indent=2, ensure_ascii=False))
    amiss = [name for name, content in found.items() if name not in ("states", "exit_code", "took_s") and content]
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main())
