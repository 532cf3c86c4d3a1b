"""Sound to what Whisper's decoder reads: log-mel features, and the encoder's output for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audio.packing import WINDOW_S
from audio.ports import Samples

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

TAIL_S = 2.0
"""Silence that the network sees after a window's sound. Whisper was trained on windows filled up to 30 s, but hears as
well, and in proportion to the sound, with a short tail."""
FRAMES_PER_S = 100


def features_of(model: WhisperModel, sounds: Sequence[Samples]) -> Any:
    """Log-mel features, shape (sounds, n_mels, frames): as long as the longest sound and a tail, 30 s at the most."""
    from faster_whisper.audio import pad_or_trim

    features = [model.feature_extractor(sound)[..., :-1] for sound in sounds]
    frames = max(feature.shape[-1] for feature in features) + int(TAIL_S * FRAMES_PER_S)
    frames = min(frames + frames % 2, int(WINDOW_S * FRAMES_PER_S))
    return np.stack([pad_or_trim(feature, frames) for feature in features])


def encoded(model: WhisperModel, features: Any) -> Any:
    """The encoder's output for features of shape (sounds, n_mels, frames).

    A processor encodes one sound at a time as fast, to the same numbers, and in 0.1 GB where four together take 0.4: the
    attention between all frames of a window is what fills memory.
    """
    if model.model.device != "cpu":
        return model.encode(features)
    import ctranslate2

    outputs = [np.array(model.encode(one[np.newaxis])) for one in features]
    return ctranslate2.StorageView.from_array(np.concatenate(outputs))
