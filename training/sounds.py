"""Fits the sound tagger's network and measures it on children and calls that it never heard.

    python -m training.sounds ../shared/data               fit; writes audio/sounds.npz and audio/sounds.json
    python -m training.sounds ../shared/data --evaluate    measure the shipped weights again

Children and calls are dealt into FOLDS groups; one is left out of training and measured. HELD_OUT is the group left out
of the weights that ship; `--fold` leaves another out, to cross-validate, and writes to the folder of `--scratch` alone.
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
from training.sounds_measure import Channel, child_crying, exam
from training.sounds_mix import (
    CLASSES,
    FOLDS,
    HELD_OUT,
    STEP_FRAMES,
    STEPS,
    Clip,
    Mixer,
    borrowed,
    cries,
    groups,
    read,
    speech,
    surely_crying,
    synthesised,
)
from training.sounds_net import Net, fit, weights
from training.sounds_talk import monologue

CALLER = "auto-repairs-40.stereo-8k/1"
"""Who the scenes that measure are laid over; never in training."""
MADE_EACH = 50
MACHINES = 48
Segments = tuple[NDArray[np.float16], NDArray[np.float32]]


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


def staged(clip: Clip) -> bool:
    """Whether a clip is of the call that the scenes are laid over."""
    return clip.source.partition("/")[0] == CALLER.partition("/")[0]


def mixed(data: Path, fold: int, count: int, rng: np.random.Generator) -> Segments:
    """Segments of everything but the children and calls of one group."""
    children = groups(cries(data / "events/child_crying"))
    calls = groups(speech(data))
    crying = [surely_crying(clip) for n, group in enumerate(children) if n != fold for clip in group]
    talking = [clip for n, group in enumerate(calls) if n != fold for clip in group if not staged(clip)]
    talking += [Clip.of(f"machine {n}", monologue(rng), on_db=25, off_db=35) for n in range(MACHINES)]
    made = synthesised(rng, MADE_EACH, 8.0)
    for name, clips in borrowed(rng, talking, MADE_EACH, 8.0).items():
        made[name] = made.get(name, []) + clips
    return segments(Mixer(rng, crying, talking, made), count)


def save(net: Net, path: Path) -> DistressTagger:
    """Write the weights; the tagger that uses them."""
    np.savez_compressed(path, allow_pickle=False, **weights(net))
    return DistressTagger(path)


def measured(data: Path, fold: int, tagger: DistressTagger) -> dict[str, object]:
    """The figures on one group of children and calls, and on the sounds that never train."""
    talking = speech(data)
    caller = next(clip for clip in talking if clip.source == CALLER)
    unheard = groups(talking)[fold]
    calls = {clip.source: clip.samples for clip in talking if staged(clip) or any(clip is one for one in unheard)}
    calls["notification-emails"] = read(data / "recordings/notification-emails.mono-8k.wav")[0]
    channels = [Channel(0.06 * Clip.of(name, call, on_db=25, off_db=35).samples) for name, call in calls.items()]
    return {
        "child_crying": child_crying(groups(cries(data / "events/child_crying"))[fold], caller, tagger),
        "false_distress_events": sum(len(tagger.tag(channel, ())) for channel in channels),
        "hours_of_calls": round(sum(channel.duration_s for channel in channels) / 3600, 3),
        "evaluation_only": exam(data, caller, tagger),
    }


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds events/, recordings/, languages/ and diarization/")
    parser.add_argument("--evaluate", action="store_true", help="measure the shipped weights instead of fitting")
    parser.add_argument("--fold", type=int, default=HELD_OUT, choices=range(FOLDS), help="the group that is left out")
    parser.add_argument("--segments", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=Path("build"), help="where a cross-validated group's files go")
    options = parser.parse_args()
    torch.set_num_threads(1)
    ships = options.fold == HELD_OUT
    target = sounds.WEIGHTS if ships else options.scratch / f"sounds-{options.fold}.npz"
    target.parent.mkdir(parents=True, exist_ok=True)
    report = target.with_suffix(".json")
    if options.evaluate:
        known = json.loads(report.read_text())
        fitted = {name: known[name] for name in ("segments", "epochs", "seed", "held_out")}
    else:
        rng = np.random.default_rng(options.seed)
        parts = mixed(options.data, options.fold, options.segments, rng)
        save(fit(*parts, epochs=options.epochs, seed=options.seed), target)
        fitted = {name: getattr(options, name) for name in ("segments", "epochs", "seed")}
        fitted["held_out"] = f"children and calls of group {options.fold + 1} of {FOLDS}, both sides of auto-repairs-40"
    figures = measured(options.data, options.fold, DistressTagger(target)) | fitted
    report.write_text(json.dumps(figures, indent=2) + "\n")
    print(report.read_text())


if __name__ == "__main__":
    main()
