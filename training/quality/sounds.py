"""Distress behind the caller, and what may be taken for it: staged scenes over a real caller, and real calls."""

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.sounds import DISTRESS, DistressTagger
from monitor.evaluate.statistics import auc, grouped_interval, mean_interval
from training.quality.results import Beside, Result, Row
from training.sounds_measure import Channel, Scene, Score, band_energy, evaluation_clips, stage, tagged
from training.sounds_mix import FRAME_HOP, HELD_OUT, Clip, cries, groups, speech
from training.sounds_synth import RATE

CALLER = "auto-repairs-40.stereo-8k/1"
CRIES = {0: (0.99, 0.95), 10: (0.97, 0.90), 20: (0.92, 0.75)}
"""By how far below the caller: the targets of the area and of the recall of cries of 3 s and more."""
LONG_S = 3.0
ADULTS = ("crying", "screaming")
MOST_TAKEN = 0.05
MOST_AN_HOUR = 0.5


def sounds(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Child crying by level, adults, look-alikes, and false alarms on real calls."""
    data, tagger = shared / "data", DistressTagger()
    talking = speech(data)
    caller = next(clip for clip in talking if clip.source == CALLER)
    held_out = held_out_children(data)
    look_alikes, table = taken(data, caller, tagger)
    return Result(
        part="sounds",
        title="Sounds behind the caller",
        data="Donate-a-cry (ODbL), children that the weights never heard; adults and look-alikes (CC BY-NC-ND, CC BY-NC) measure alone; "
        "laid over the caller of auto-repairs-40, sent through G.711.",
        rows=[*child_rows(held_out, caller, tagger), *adult_rows(data, caller, tagger), look_alikes, false_row(talking, tagger)],
        notes=[
            f"{len({clip.source for clip in held_out})} children, every third, are kept from the weights, and so is the caller.",
            "Adult crying and screaming were never heard in training as people produce them.",
            "Intervals are over clips. The real calls and speech samples, most of them, taught the network what speech without distress is.",
        ],
        tables={"Clips taken for distress, each as loud as the caller": table},
    )  # fmt: skip


def held_out_children(data: Path) -> list[Clip]:
    """Cries of the children that the shipped weights never heard (see audio/sounds.json)."""
    return groups(cries(data / "events/child_crying"))[HELD_OUT]


def child_rows(clips: list[Clip], caller: Clip, tagger: DistressTagger) -> list[Row]:
    """By the second, everywhere and in the caller's pauses; and cries of 3 s and more by the event."""
    long = np.array([sum(clip.active == 1) * FRAME_HOP / RATE >= LONG_S for clip in clips])
    rows = []
    for below, (area_reach, recall_reach) in CRIES.items():
        scene = stage(caller, clips, below)
        score = tagged(tagger, "child_crying")
        hits = np.array(found(scene, tagger))[long].astype(float)
        on = f"{below} dB below the caller ({len(clips)} clips)"
        rows += [
            Row("child crying", on, "AUC by the second", *area(scene, score), beside=[Beside("band energy", *area(scene, band_energy))],
                reach=area_reach),
            Row("the same in the caller's pauses", on, "AUC by the second", *area(scene, score, scene.paused)),
            Row("cries of 3 s and more found", f"{below} dB below the caller ({len(hits)} cries)", "recall", float(hits.mean()),
                mean_interval(hits.tolist()), reach=recall_reach),
        ]  # fmt: skip
    return rows


def adult_rows(data: Path, caller: Clip, tagger: DistressTagger) -> list[Row]:
    """Adult crying and screaming, as loud as the caller."""
    rows = []
    for name in ADULTS:
        clips = evaluation_clips(data / "events_evaluation_only/vocal" / name)
        scene = stage(caller, clips, 0.0)
        ours = area(scene, tagged(tagger, "distress"))
        rows.append(
            Row(f"adult {name}", f"0 dB ({len(clips)} clips)", "AUC by the second", *ours,
                beside=[Beside("band energy", *area(scene, band_energy))], reach=0.95)
        )  # fmt: skip
    return rows


def taken(data: Path, caller: Clip, tagger: DistressTagger) -> tuple[Row, list[list[str]]]:
    """How many clips of other sounds become an event of distress, in all and by kind."""
    folders = [*sorted((data / "events_evaluation_only/vocal").iterdir()), data / "events_evaluation_only/noise"]
    hits: list[float] = []
    table = [["sound", "clips", "taken for distress"]]
    for folder in folders:
        if folder.name in ADULTS:
            continue
        own = found(stage(caller, evaluation_clips(folder), 0.0), tagger)
        hits += [float(hit) for hit in own]
        table.append([folder.name, str(len(own)), str(sum(own))])
    row = Row("look-alikes taken for distress", f"{len(hits)} clips as loud as the caller", "share", float(np.mean(hits)),
              mean_interval(hits), reach=MOST_TAKEN, lower=True)  # fmt: skip
    return row, table


def found(scene: Scene, tagger: DistressTagger) -> list[bool]:
    """For each clip, whether an event of distress overlaps it; a siren is an event of its own, and no distress."""
    events = [event for event in tagger.tag(scene.channel, ()) if event.label in DISTRESS]
    return [any(event.start_s < end and event.end_s > start for event in events) for start, end in scene.spans]


def false_row(talking: list[Clip], tagger: DistressTagger) -> Row:
    """Events of distress in real speech that holds none."""
    channels = [Channel(0.06 * clip.samples) for clip in talking]
    events = [sum(sound.label in DISTRESS for sound in tagger.tag(channel, ())) for channel in channels]
    hours = sum(channel.duration_s for channel in channels) / 3600
    return Row("false distress", f"{len(channels)} sides of real calls and speech, {hours * 60:.0f} min", "an hour", sum(events) / hours,
               reach=MOST_AN_HOUR, lower=True)  # fmt: skip


def area(
    scene: Scene, score: Score, where: NDArray[np.bool_] | None = None
) -> tuple[float, tuple[float, float] | None]:
    """Area under the curve over the seconds with a clip's sound and those without a clip, and its interval over clips."""
    values = score(scene.channel)[: len(scene.truth)]
    truth = scene.truth[: len(values)]
    chosen = (truth >= 0) & (True if where is None else where[: len(values)])
    rows = np.column_stack([truth, values])
    starts = [0, *(int(start) for start, _ in scene.spans[1:]), len(values)]
    groups = [rows[a:b][chosen[a:b]] for a, b in pairwise(starts)]
    return auc(rows[chosen]) or 0.0, grouped_interval(auc, groups)
