"""Who speaks when in one channel: pyannote.audio's parts on segmentation-3.0 and CAM++ speaker embeddings.

    windows of 10 s -> up to 3 speakers in each -> an embedding of each -> clusters over the call -> stitched together

This is the order of pyannote's own SpeakerDiarization, and its inference, clustering and stitching are used. Reading and
embedding are done here: the call is read piece by piece, silence costs nothing, and only frames in which one speaker
speaks alone reach an embedding.

Imports torch and pyannote.audio: import this module only when one channel must be told apart.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from math import ceil
from typing import Any

from audio import models

models.stay_offline()
# torch keeps a plan of every layer for each length of speech that it meets, up to a thousand of them: in a long call hundreds of
# megabytes, and no faster, since hardly a length comes twice before it is forgotten.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

import numpy as np
import torch
import torchaudio.compliance.kaldi as kaldi
from numpy.typing import NDArray
from pyannote.audio import Inference, Model
from pyannote.audio.pipelines.clustering import AgglomerativeClustering
from pyannote.audio.pipelines.utils import SpeakerDiarizationMixin
from pyannote.core import SlidingWindow, SlidingWindowFeature

from audio.memory import give_back_freed_memory
from audio.ports import AudioReader, Samples, SideSpan
from audio.stitching import (
    INACTIVE,
    WINDOW_S,
    Activity,
    Assignment,
    carried,
    chosen_windows,
    step_of,
    stitched,
    window_starts,
)

SAMPLE_RATE = 16_000
CLUSTERING = {"method": "centroid", "threshold": 0.7}
SMALLEST = 12
"""Windows, a second apart, in which somebody must be heard to count as a speaker of the call."""
SAME_VOICE = 0.2
"""Two clusters whose mean voices are closer (cosine distance) are one speaker. Halves of one voice were 0.07 to 0.18 apart in
four one-sided tracks, the two voices of two calls 0.42 and 0.45."""
FEWEST_FRAMES = 40
"""Speech frames (of 10 ms) below which an embedding says nothing about the speaker."""
MOST_FRAMES = 300
"""Speech frames that an embedding hears in a recording with windows to spare: CAM++ was trained on stretches of 3 s."""
MOST_CLUSTERED = 3_000
"""Embeddings that are clustered; those of longer calls are thinned out evenly and the rest join the nearest cluster."""
SECTION = 1_440
"""Windows that are put together at once, an hour of them: pyannote's sums over all windows of ten hours take half a gigabyte."""
LONG = 240
"""From so many windows on, ten minutes, memory matters more than the time to ask for it anew."""
_BATCH = 8
_SEGMENTATION_SHARE = 0.2
_MELS = 80
_FBANK_PER_S = 100


class CallDiarization:
    """The models, loaded; `diarize` may be called for many calls."""

    def __init__(self, *, threads: int) -> None:
        # One thread in each operation and several operations at once: threads inside an operation wait for each other,
        # and on a busy machine they wait long.
        torch.set_num_threads(1)
        self._threads = threads
        self._segment = Inference(
            Model.from_pretrained(models.find_packaged(models.SEGMENTATION)), duration=WINDOW_S, skip_aggregation=True
        )
        self._embed = SpeakerEmbedding()
        self._frames: SlidingWindow = self._segment.model.receptive_field
        self._shape = (
            self._segment.model.num_frames(int(WINDOW_S * SAMPLE_RATE)),
            len(self._segment.model.specifications.classes),
        )

    def diarize(
        self,
        channel: AudioReader,
        *,
        speakers: int | None,
        progress: Callable[[float], None] | None = None,
    ) -> list[SideSpan]:
        """Who speaks when, one at a time, in time order; each side is the number of a cluster."""
        starts, step_s = window_starts(channel.duration_s), step_of(channel.duration_s)
        activity = self._activity(channel, starts, progress)
        if not activity.any():
            return []
        if len(starts) >= LONG:
            give_back_freed_memory()  # what comes next needs other memory: kept, both together are the peak of a long call
        chosen = chosen_windows(len(starts), step_s)
        most_frames = None if len(chosen) == len(starts) else MOST_FRAMES
        embeddings = self._embeddings(channel, starts[chosen], activity[chosen], most_frames, progress)
        if len(starts) >= LONG:
            give_back_freed_memory()
        smallest = max(1, int(SMALLEST * len(chosen) / (len(starts) * step_s)))
        local = _cluster(embeddings, _sliding(activity[chosen], step_s), speakers, smallest=smallest)
        assigned = carried(activity, chosen, local, step_s)
        spans: list[SideSpan] = []
        for first in range(0, len(starts), SECTION):
            last = min(first + SECTION, len(starts))
            until_s = channel.duration_s if last == len(starts) else float(starts[last])
            before = max(0, first - ceil(WINDOW_S / step_s))  # the windows that reach into the section
            found = self._spans(activity[before:last], assigned[before:last], float(starts[before]), step_s)
            spans += [part for span in found if (part := _within(span, float(starts[first]), until_s))]
        return spans

    def _spans(
        self, activity: Activity, assigned: Assignment, start_s: float, step_s: float
    ) -> Iterator[tuple[float, float, str]]:
        """Who speaks when in some windows, one at a time: from, to, and the number of the speaker."""
        if (assigned == INACTIVE).all():
            return
        windows = _sliding(activity.astype(np.float32), step_s, start_s)
        count = SpeakerDiarizationMixin.speaker_count(windows, self._frames, warm_up=(0.0, 0.0))
        count.data = np.minimum(count.data, 1).astype(np.int8)
        by_speaker = _sliding(stitched(activity, assigned), step_s, start_s)
        annotation = SpeakerDiarizationMixin.to_annotation(SpeakerDiarizationMixin.to_diarization(by_speaker, count))
        for segment, _, label in annotation.itertracks(yield_label=True):
            yield float(segment.start), float(segment.end), str(label)

    def _activity(
        self, channel: AudioReader, starts: NDArray[np.float64], progress: Callable[[float], None] | None
    ) -> Activity:
        """Local speakers of every window; digital silence is passed over."""
        batches = [range(at, min(at + _BATCH, len(starts))) for at in range(0, len(starts), _BATCH)]
        activity = np.zeros((len(starts), *self._shape), dtype=np.uint8)

        def segment(batch: range) -> None:
            sounds = [(i, _read(channel, starts[i])) for i in batch]
            audible = [(i, sound) for i, sound in sounds if sound.any()]
            if audible:
                waveforms = np.stack([sound for _, sound in audible])[:, np.newaxis]
                activity[[i for i, _ in audible]] = self._segment.infer(torch.from_numpy(waveforms))

        with ThreadPoolExecutor(self._threads) as pool:
            for done, _ in enumerate(pool.map(segment, batches), 1):
                if progress:
                    progress(_SEGMENTATION_SHARE * done / len(batches))
        return activity

    def _embeddings(
        self,
        channel: AudioReader,
        starts: NDArray[np.float64],
        activity: Activity,
        most_frames: int | None,
        progress: Callable[[float], None] | None,
    ) -> NDArray[np.float32]:
        """One embedding for each speaker of each window, NaN where too little is said alone."""
        windows, _, local = activity.shape

        def embed(i: int) -> NDArray[np.float32]:
            active = activity[i]
            if not active.any():
                return np.full((local, self._embed.dimension), np.nan, dtype=np.float32)
            alone = active * (active.sum(axis=1, keepdims=True) < 2)
            return self._embed(_read(channel, starts[i]), np.where(_enough(alone), alone, active), most_frames)

        embeddings = []
        with ThreadPoolExecutor(self._threads) as pool:
            for embedding in pool.map(embed, range(windows)):
                embeddings.append(embedding)
                if progress:
                    progress(_SEGMENTATION_SHARE + (1 - _SEGMENTATION_SHARE) * len(embeddings) / windows)
        return np.stack(embeddings)


class SpeakerEmbedding:
    """CAM++ (Wang et al. 2023), trained by 3D-Speaker on 200,000 Mandarin and English speakers."""

    dimension = 192

    def __init__(self) -> None:
        code = models.find_package_file(*models.SPEAKER_EMBEDDING_CODE)
        spec = spec_from_file_location("heard_camplusplus", code)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self.network: Any = module.CAMPPlus(feat_dim=_MELS, embedding_size=self.dimension)
        weights = torch.load(models.find_packaged(models.SPEAKER_EMBEDDING), map_location="cpu", weights_only=True)
        self.network.load_state_dict(weights)
        self.network.eval()

    def __call__(
        self, samples: Samples, masks: NDArray[np.float32], most_frames: int | None = None
    ) -> NDArray[np.float32]:
        """Embeddings of the speakers of one window, shape (speakers, 192), NaN for those that say too little.

        samples: sound of the window, shape (n_samples,)
        masks: who speaks, shape (frames, speakers)
        most_frames: how much of a speaker's speech is heard, from its middle; all of it if None
        """
        features = kaldi.fbank(
            torch.from_numpy(samples)[np.newaxis] * 32_768,
            num_mel_bins=_MELS,
            sample_frequency=SAMPLE_RATE,
            dither=0.0,
        )
        at = (np.arange(len(features)) + 0.5) * len(masks) / len(features)
        spoken = torch.from_numpy(masks[at.astype(int)] > 0.5)
        embeddings = np.full((masks.shape[1], self.dimension), np.nan, dtype=np.float32)
        with torch.inference_mode():
            for speaker in range(masks.shape[1]):
                own = features[spoken[:, speaker]]
                if len(own) >= FEWEST_FRAMES:
                    heard = _middle(own - own.mean(dim=0), most_frames)
                    embeddings[speaker] = self.network(heard[np.newaxis])[0].numpy()
        return embeddings


def _middle(frames: torch.Tensor, most: int | None) -> torch.Tensor:
    first = 0 if most is None else max(0, (len(frames) - most) // 2)
    return frames[first : len(frames) - first]


def _read(channel: AudioReader, start_s: float) -> Samples:
    """One window of sound, filled up with silence after the end of the call."""
    samples = channel.read(start_s, start_s + WINDOW_S)[: int(WINDOW_S * SAMPLE_RATE)]
    return np.pad(samples, (0, int(WINDOW_S * SAMPLE_RATE) - len(samples)))


def _enough(alone: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which speakers say enough alone, shape (1, speakers)."""
    enough: NDArray[np.bool_] = alone.sum(axis=0, keepdims=True) * WINDOW_S / len(alone) * _FBANK_PER_S >= FEWEST_FRAMES
    return enough


def _sliding(data: NDArray[Any], step_s: float, start_s: float = 0.0) -> SlidingWindowFeature:
    return SlidingWindowFeature(data, SlidingWindow(start=start_s, duration=WINDOW_S, step=step_s))


def _within(span: tuple[float, float, str], start_s: float, end_s: float) -> SideSpan | None:
    """What of it lies between two times."""
    start_s, end_s = max(start_s, span[0]), min(end_s, span[1])
    return SideSpan(side=span[2], start_s=start_s, end_s=end_s) if start_s < end_s else None


class _Clustering(AgglomerativeClustering):  # type: ignore[misc]
    """pyannote's clustering, on no more embeddings than it can compare with each other."""

    def filter_embeddings(self, embeddings: Any, segmentations: Any = None, min_active_ratio: float = 0.2) -> Any:
        found = super().filter_embeddings(embeddings, segmentations, min_active_ratio)
        if len(found[0]) <= MOST_CLUSTERED:
            return found
        kept = np.linspace(0, len(found[0]) - 1, MOST_CLUSTERED).astype(int)
        return tuple(part[kept] for part in found)


def _cluster(
    embeddings: NDArray[np.float32], activity: SlidingWindowFeature, speakers: int | None, *, smallest: int
) -> Assignment:
    """The speaker of the call that each local speaker is; fewer than `speakers` where voices are the same.

    smallest: how many embeddings make a speaker where the number of speakers is not known
    """
    clustering = _Clustering(metric="cosine").instantiate(CLUSTERING | {"min_cluster_size": smallest})
    clusters, _, centroids = clustering(embeddings=embeddings, segmentations=activity, num_clusters=speakers)
    assigned = np.array(clusters, dtype=np.int64)
    units = centroids / np.linalg.norm(centroids, axis=1, keepdims=True)
    for one in range(len(units)):
        for other in range(one):
            if 1 - units[one] @ units[other] < SAME_VOICE:
                assigned[assigned == one] = other
    return assigned
