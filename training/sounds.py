"""Fits the sound tagger's network and measures it, cross-validated by child and by call.

    python -m training.sounds ../shared/data               fit; writes audio/sounds.npz and audio/sounds.json
    python -m training.sounds ../shared/data --evaluate    measure the shipped weights on the sounds that only measure

Every segment draws its children and its speakers from one of FOLDS groups, so that leaving a group out of training
leaves its children and calls out. The caller of the staged scenes is in no group: it trains the final weights alone.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from audio import sounds
from audio.logmel import BANDS, log_mel
from audio.sounds import DistressTagger
from training.sounds_measure import Channel, Scores, child_crying, exam
from training.sounds_mix import CLASSES, STEP_FRAMES, STEPS, Clip, Mixer, cries, speech, surely_crying, synthesised
from training.sounds_net import Net, fit, weights
from training.sounds_talk import monologue

FOLDS = 3
CALLER = "auto-repairs-40.stereo-8k/1"
MADE_EACH = 50
MACHINES = 72
Segments = tuple[NDArray[np.float16], NDArray[np.float32]]


def groups(clips: list[Clip]) -> list[list[Clip]]:
    """Deal clips into FOLDS groups, all of one source (a child, a recording) into the same."""
    sources = sorted({clip.source.partition("/")[0] for clip in clips})
    where = {source: n % FOLDS for n, source in enumerate(sources)}
    return [[clip for clip in clips if where[clip.source.partition("/")[0]] == fold] for fold in range(FOLDS)]


def segments(mixer: Mixer, count: int) -> Segments:
    """Log-mels, shape (count, frames, bands), and targets, shape (count, steps, classes)."""
    frames = np.zeros((count, STEPS * STEP_FRAMES, BANDS), np.float16)
    targets = np.zeros((count, STEPS, len(CLASSES)), np.float32)
    for n in range(count):
        sound, targets[n] = mixer.segment()
        frames[n] = log_mel(np.pad(sound, (0, 96)))
        if n % 500 == 0:
            print(f"  {n} of {count} segments mixed", flush=True)
    return frames, targets


def joined(parts: list[Segments]) -> Segments:
    """Several lots of segments as one."""
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def false_distress(tagger: DistressTagger, calls: list[Clip]) -> tuple[int, float]:
    """Events found in calls that hold none, and for how many hours was listened."""
    channels = [Channel(0.06 * call.samples) for call in calls]
    return sum(len(tagger.tag(channel, ())) for channel in channels), sum(c.duration_s for c in channels) / 3600


def save(net: Net, path: Path) -> DistressTagger:
    """Write the weights; the tagger that uses them."""
    np.savez_compressed(path, **weights(net))
    return DistressTagger(path)


def train(data: Path, count: int, epochs: int, seed: int, scratch: Path) -> dict[str, object]:
    """Cross-validate, then fit on everything and write the weights; the cross-validated figures."""
    rng = np.random.default_rng(seed)
    children, talking = groups(cries(data / "events/child_crying")), speech(data)
    caller = next(clip for clip in talking if clip.source == CALLER)
    calls = groups([clip for clip in talking if clip is not caller])
    machines = groups([Clip.of(f"machine {n}", monologue(rng), on_db=25, off_db=35) for n in range(MACHINES)])
    made = [synthesised(rng, MADE_EACH, 8.0) for _ in range(FOLDS)]
    parts = [
        segments(
            Mixer(rng, [surely_crying(clip) for clip in children[k]], calls[k] + machines[k], made[k]), count // FOLDS
        )
        for k in range(FOLDS)
    ]
    figures: list[dict[str, Scores]] = []
    false, hours = 0, 0.0
    for fold in range(FOLDS):
        print(f"fold {fold + 1} of {FOLDS}")
        net = fit(*joined([part for k, part in enumerate(parts) if k != fold]), epochs=epochs, seed=seed)
        tagger = save(net, scratch / f"fold{fold}.npz")
        figures.append(child_crying(children[fold], caller, tagger))
        more, longer = false_distress(tagger, [caller, *calls[fold]])
        false, hours = false + more, hours + longer
        print(json.dumps(figures[-1], indent=1), more, "false", flush=True)
    parts.append(
        segments(
            Mixer(rng, [surely_crying(clip) for group in children for clip in group], [caller], made[0]), count // 10
        )
    )
    save(fit(*joined(parts), epochs=epochs, seed=seed), sounds.WEIGHTS)
    return {
        "child_crying": {level: averaged([part[level] for part in figures]) for level in figures[0]},
        "false_distress_per_hour": round(false / hours, 2),
        "hours_of_calls": round(hours, 2),
        "segments": count,
        "epochs": epochs,
        "seed": seed,
    }


def averaged(parts: list[Scores]) -> Scores:
    """The mean of each figure over folds; counts are summed."""
    return {
        name: sum(int(part[name] or 0) for part in parts)
        if isinstance(parts[0][name], int)
        else round(float(np.mean([part[name] for part in parts])), 4)
        for name in parts[0]
    }


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds events/, recordings/, languages/ and diarization/")
    parser.add_argument("--evaluate", action="store_true", help="measure the shipped weights instead of fitting")
    parser.add_argument("--segments", type=int, default=9000)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=Path("build"), help="where the folds' weights go")
    options = parser.parse_args()
    torch.set_num_threads(1)
    report = sounds.WEIGHTS.with_suffix(".json")
    if options.evaluate:
        caller = next(clip for clip in speech(options.data) if clip.source == CALLER)
        figures = json.loads(report.read_text()) | {"evaluation_only": exam(options.data, caller, DistressTagger())}
    else:
        options.scratch.mkdir(parents=True, exist_ok=True)
        figures = train(options.data, options.segments, options.epochs, options.seed, options.scratch)
    report.write_text(json.dumps(figures, indent=2) + "\n")
    print(report.read_text())


if __name__ == "__main__":
    main()
