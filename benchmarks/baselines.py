"""What heard is measured against: the same models, used the plain way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from audio import models
from audio.facts import Span, Word
from audio.ports import Samples, SideSpan

Runner = Callable[[Samples], Any]


def plain_segments() -> Callable[[Samples], list[tuple[Span, list[Word]]]]:
    """faster-whisper as its page shows it: one channel after the other, base, int8, beam 5, word times, VAD.

    The segments that it gives, each with its words.
    """
    models.stay_offline()
    from faster_whisper import WhisperModel

    model = WhisperModel(str(models.find_whisper("base").path), device="cpu", compute_type="int8")

    def transcribe(samples: Samples) -> list[tuple[Span, list[Word]]]:
        segments, _ = model.transcribe(
            samples, beam_size=5, word_timestamps=True, vad_filter=True, condition_on_previous_text=False
        )
        return [
            (
                Span(start_s=segment.start, end_s=segment.end),
                [
                    Word(text=word.word.strip(), start_s=word.start, end_s=word.end, confidence=word.probability)
                    for word in segment.words or ()
                ],
            )
            for segment in segments
        ]

    return transcribe


def plain_whisper() -> Callable[[Samples], list[Word]]:
    """The words of the plain segments alone."""
    transcribe = plain_segments()
    return lambda samples: [word for _, words in transcribe(samples) for word in words]


def batched_whisper() -> Callable[[Samples], list[Word]]:
    """faster-whisper's own batches, as its page shows them: base, int8, beam 5, batches of 8, word times, VAD."""
    models.stay_offline()
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    path = str(models.find_whisper("base").path)
    pipeline = BatchedInferencePipeline(
        WhisperModel(path, device="cpu", compute_type="int8", cpu_threads=models.cores())
    )

    def transcribe(samples: Samples) -> list[Word]:
        segments, _ = pipeline.transcribe(samples, batch_size=8, word_timestamps=True)
        return [
            Word(text=word.word.strip(), start_s=word.start, end_s=word.end, confidence=word.probability)
            for segment in segments
            for word in segment.words or ()
        ]

    return transcribe


def stock_pyannote() -> Callable[..., list[SideSpan]]:
    """pyannote.audio's own SpeakerDiarization with the same segmentation, embedding and clustering."""
    models.stay_offline()
    import torch
    import torchaudio.compliance.kaldi as kaldi
    from pyannote.audio import Model
    from pyannote.audio.core.inference import BaseInference
    from pyannote.audio.core.plda import PLDA
    from pyannote.audio.pipelines import speaker_diarization

    from audio.diarization import CLUSTERING, FEWEST_FRAMES, SMALLEST, SpeakerEmbedding

    class NoPLDA(PLDA):  # type: ignore[misc]
        """The pipeline asks for one, and agglomerative clustering never calls it."""

        def __init__(self) -> None:
            pass

    class Embedding(BaseInference):  # type: ignore[misc]
        """CAM++ as pyannote wants its embeddings: batches of windows, and masks of who speaks."""

        sample_rate, dimension, metric, min_num_samples = 16_000, SpeakerEmbedding.dimension, "cosine", 6_400

        def __init__(self, *_: Any, **__: Any) -> None:
            self._network = SpeakerEmbedding().network

        def to(self, _: Any) -> Embedding:
            return self

        def __call__(self, waveforms: Any, masks: Any = None) -> Any:
            found = np.full((len(waveforms), self.dimension), np.nan)
            for i, waveform in enumerate(waveforms):
                features = kaldi.fbank(waveform * 32_768, num_mel_bins=80, sample_frequency=16_000, dither=0.0)
                if masks is not None:
                    at = ((np.arange(len(features)) + 0.5) * masks.shape[1] / len(features)).astype(int)
                    features = features[masks[i][at] > 0.5]
                if len(features) >= FEWEST_FRAMES:
                    with torch.inference_mode():
                        found[i] = self._network((features - features.mean(dim=0))[None])[0].numpy()
            return found

    speaker_diarization.PretrainedSpeakerEmbedding = Embedding
    pipeline = speaker_diarization.SpeakerDiarization(
        segmentation=Model.from_pretrained(models.find_packaged(models.SEGMENTATION)),
        embedding="campplus",
        embedding_exclude_overlap=True,
        plda=NoPLDA(),
        clustering="AgglomerativeClustering",
    )
    pipeline.instantiate(
        {"segmentation": {"min_duration_off": 0.0}, "clustering": CLUSTERING | {"min_cluster_size": SMALLEST}}
    )

    def diarize(samples: Samples, speakers: int | None = None) -> list[SideSpan]:
        file = {"waveform": torch.from_numpy(samples)[None], "sample_rate": 16_000, "uri": "call"}
        # heard, in the same process, has one thread in each operation and several operations at once.
        threads = torch.get_num_threads()
        torch.set_num_threads(models.cores())
        output = pipeline.apply(file, num_speakers=speakers)
        torch.set_num_threads(threads)
        return [
            SideSpan(side=str(label), start_s=segment.start, end_s=segment.end)
            for segment, _, label in output.exclusive_speaker_diarization.itertracks(yield_label=True)
        ]

    return diarize


def word_errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Words inserted, left out or replaced (Levenshtein distance)."""
    row = list(range(len(heard) + 1))
    for i, expected in enumerate(reference, 1):
        previous, row = row, [i]
        for j, word in enumerate(heard, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (word != expected)))
    return row[-1]
