"""How well the sound tagger hears: staged scenes over a real caller, scored by the second and by the event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly
from sklearn.metrics import roc_auc_score

from audio.sounds import DistressTagger
from training.sounds_line import coded
from training.sounds_mix import FRAME_HOP, Clip, Samples, read
from training.sounds_synth import RATE

Scores = dict[str, float | int | None]
GAP_S = 9
"""From one sound to the next, whole seconds: long enough for the tagger to have forgotten the last."""
Score = Callable[["Channel"], NDArray[np.float64]]


class Channel:
    """An AudioReader over samples at 8 kHz."""

    def __init__(self, samples: Samples) -> None:
        self.narrow = samples
        self._wide = resample_poly(samples, 2, 1).astype(np.float32)
        self.duration_s = len(samples) / RATE

    def read(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        """Samples at 16 kHz."""
        return self._wide[round(start_s * 2 * RATE) : round(end_s * 2 * RATE)]


@dataclass(frozen=True)
class Scene:
    """A caller with clips behind; which seconds hold a clip, and which of them its sound."""

    channel: Channel
    spans: list[tuple[float, float]]
    """Where each clip lies, seconds."""
    truth: NDArray[np.float64]
    """Shape (seconds,): 1 where a clip is active for half of it, 0 where there is none, -1 elsewhere."""
    paused: NDArray[np.bool_]
    """Shape (seconds,): where the caller hardly speaks."""


def stage(caller: Clip, clips: Sequence[Clip], below_db: float, seed: int = 0) -> Scene:
    """Lay clips over a repeated caller, `below_db` below the caller's active level, and send it all through mu-law."""
    rng = np.random.default_rng(seed)
    lengths = [int(np.ceil(len(clip.samples) / RATE)) for clip in clips]
    seconds = sum(lengths) + GAP_S * (len(clips) + 1)
    repeats = seconds * RATE // len(caller.samples) + 1
    sound = np.tile(caller.samples, repeats)[: seconds * RATE].copy()
    speaking = np.tile(caller.active == 1, repeats)[: seconds * RATE // FRAME_HOP]
    speaking = np.pad(speaking, (0, seconds * RATE // FRAME_HOP - len(speaking)))
    truth, spans, at = np.zeros(seconds), [], GAP_S
    for clip, length in zip(clips, lengths, strict=True):
        start = at * RATE + int(rng.integers(0, RATE // 2))
        piece = clip.samples[: len(sound) - start]
        sound[start : start + len(piece)] += piece * 10 ** (-below_db / 20)
        spans.append((start / RATE, (start + len(piece)) / RATE))
        truth[at : at + length + 1] = -1
        for second in range(at, at + length + 1):
            frames = np.arange(second * 50, second * 50 + 50) - start // FRAME_HOP
            inside = frames[(frames >= 0) & (frames < len(clip.active))]
            if len(inside) >= 25 and (clip.active[inside] == 1).sum() >= 25:
                truth[second] = 1
        at += length + GAP_S
    paused = speaking.reshape(seconds, 50).mean(axis=1) < 0.1
    return Scene(Channel(coded(0.06 * sound, "mu-law", rng)), spans, truth, paused)


def band_energy(channel: Channel) -> NDArray[np.float64]:
    """The baseline: level of 1 to 3 kHz, where crying is strong, by the second, in dB."""
    seconds = int(channel.duration_s)
    spectra = np.abs(np.fft.rfft(channel.narrow[: seconds * RATE].reshape(seconds, RATE), axis=1)) ** 2
    return np.asarray(10 * np.log10(spectra[:, 1000:3000].sum(axis=1) + 1e-9))


def tagged(tagger: DistressTagger, label: str) -> Score:
    """The tagger's score for one label, by the second."""
    return lambda channel: np.array([row[label] for row in tagger.scores(channel)])


def auc(scene: Scene, scores: NDArray[np.float64], *, where: NDArray[np.bool_] | None = None) -> float:
    """Area under the curve of scores by the second: those with a clip's sound against those without a clip."""
    values = scores[: len(scene.truth)]
    chosen = (scene.truth[: len(values)] >= 0) & (True if where is None else where[: len(values)])
    return float(roc_auc_score(scene.truth[: len(values)][chosen], values[chosen]))


def found(scene: Scene, tagger: DistressTagger) -> list[bool]:
    """For each clip, whether an event of distress overlaps it."""
    events = tagger.tag(scene.channel, ())
    return [any(event.start_s < end and event.end_s > start for event in events) for start, end in scene.spans]


def evaluation_clips(folder: Path) -> list[Clip]:
    """The clips of one folder of sounds that only measure."""
    return [Clip.of(folder.name, read(path)[0], on_db=20, off_db=30) for path in sorted(folder.glob("*.flac"))]


def exam(data: Path, caller: Clip, tagger: DistressTagger) -> dict[str, Scores]:
    """Adult crying and screaming, and what may be taken for them, each clip at the caller's own level."""
    figures: dict[str, Scores] = {}
    folders = [*sorted((data / "events_evaluation_only/vocal").iterdir()), data / "events_evaluation_only/noise"]
    for folder in folders:
        scene = stage(caller, evaluation_clips(folder), 0.0)
        hits = found(scene, tagger)
        figures[folder.name] = {"clips": len(hits), "taken_for_distress": round(sum(hits) / len(hits), 3)}
        if folder.name in ("crying", "screaming"):
            figures[folder.name] |= {
                "auc": round(auc(scene, tagged(tagger, "distress")(scene.channel)), 3),
                "auc_band_energy": round(auc(scene, band_energy(scene.channel)), 3),
            }
    return figures


def child_crying(clips: Sequence[Clip], caller: Clip, tagger: DistressTagger) -> dict[str, Scores]:
    """Held-out children under a caller at three levels: by the second, and cries of 3 s or more by the event."""
    figures: dict[str, Scores] = {}
    long = [sum(clip.active == 1) * FRAME_HOP / RATE >= 3 for clip in clips]
    for below in (0, 10, 20):
        scene = stage(caller, clips, below)
        scores = tagged(tagger, "child_crying")(scene.channel)
        hits = np.array(found(scene, tagger))[long]
        figures[f"{below} dB below"] = {
            "auc": round(auc(scene, scores), 4),
            "auc_in_pauses": round(auc(scene, scores, where=scene.paused), 4),
            "auc_band_energy": round(auc(scene, band_energy(scene.channel)), 4),
            "recall": round(float(hits.mean()), 3),
            "cries": int(sum(long)),
        }
    return figures
