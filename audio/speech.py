"""Where somebody speaks: voice activity by Silero VAD v6, streaming, in bounded memory.

The model is the ONNX file bundled with faster-whisper (MIT licence, github.com/snakers4/silero-vad). It gives one
probability for each 32 ms window, from the window, the 4 ms before it and a recurrent state. The state is carried from
block to block, so that results do not depend on how a call is cut up.
"""

import importlib.util
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.errors import ModelMissing
from audio.facts import Span
from audio.levels import RATE_HZ, frame_levels_db, loud_db
from audio.ports import AudioReader, Samples

_WINDOW = 512
"""Samples in a window, 32 ms: the only size that the model takes at 16 kHz."""
_CONTEXT = 64
"""Samples before the window that the model also sees."""
_BLOCK_WINDOWS = 1_024
"""Windows read and scored at once: 32.8 s, some 20 MB inside the model."""

WINDOW_S = _WINDOW / RATE_HZ

LOUD_DB = -36.0
"""Each channel is brought to where its loudest syllables have this level: the model then misses fewer words of telephone
speech than at full level, and takes less loud noise and less soft music for speech."""
MOST_GAIN_DB = 20.0
"""A softer channel than this can mend holds no voice; its noise is not raised further."""
ON = 0.3
"""Probability that starts a stretch of speech."""
OFF = 0.1
"""Probability below which a stretch may end."""
SURE = 0.5
"""Probability that a stretch must reach somewhere."""
SHORTEST_WINDOWS = 3
"""Windows of a stretch that must reach `ON`, 0.1 s in all. A telephone "yeah" lasts 0.15 s and more (Silero's own limit
of 0.25 s loses it); the struck notes of hold music reach `ON` in one or two windows.

Silero's defaults (full level, on 0.5, off 0.35) cover 90 to 96 % of the words that Whisper is sure of in three
narrow-band calls, and report speech in loud white noise. The values here cover 93 to 98 %, and find nothing in white,
pink and brown noise, in ringing tones and in synthesised hold music.
"""
PAUSE_S = 0.3
"""A pause of this length ends a stretch; shorter ones are inside words and between them."""
PAD_S = 0.1
"""Added at both ends: the model is late by up to three windows at soft consonants, which band limits make softer."""

_SILENCE_PEAK = 16.5 / 32_768
"""Windows that never leave this range are digital silence: A-law and µ-law code zero as up to 8 steps of 16 bits."""
_SILENCE_WINDOWS = 31
"""After one second of digital silence the model is left out and forgets what came before."""


def find_speech(reader: AudioReader, *, progress: Callable[[float, float], None] | None = None) -> tuple[Span, ...]:
    """The stretches of one channel in which somebody speaks, in time order, not overlapping.

    Parameters
    ----------
    reader:
        The channel, 16 kHz.
    progress:
        Told the seconds done and the seconds in all, about every half minute of sound.

    Raises
    ------
    ModelMissing
        faster-whisper, which the model comes with, is not installed.
    """
    probabilities = []
    for done_s, block in speech_probabilities(reader):
        probabilities.append(block)
        if progress:
            progress(min(done_s, reader.duration_s), reader.duration_s)
    if not probabilities:
        return ()
    return spans_of(np.concatenate(probabilities), duration_s=reader.duration_s)


def speech_probabilities(
    reader: AudioReader, *, block_windows: int = _BLOCK_WINDOWS
) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """Yield, block by block, the time reached and the probability of speech of each window, shape (windows,)."""
    detector = Detector(gain=_gain(reader))
    step_s = block_windows * WINDOW_S
    blocks = int(np.ceil(reader.duration_s / step_s))
    for block in range(blocks):
        samples = reader.read(block * step_s, (block + 1) * step_s)
        if samples.size:
            yield (block + 1) * step_s, detector.score(samples)


def spans_of(probabilities: NDArray[np.float32], *, duration_s: float) -> tuple[Span, ...]:
    """Turn probabilities, one a window, into padded spans by the thresholds above."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    below: int | None = None
    pause = round(PAUSE_S / WINDOW_S)
    for index, probability in enumerate(probabilities):
        if start is None:
            if probability >= ON:
                start = index
        elif probability >= OFF:
            below = None
        else:
            below = index if below is None else below
            if index - below + 1 >= pause:
                runs.append((start, below))
                start = below = None
    if start is not None:
        runs.append((start, len(probabilities) if below is None else below))
    kept = [(a, b) for a, b in runs if _is_speech(probabilities[a:b])]
    return tuple(_padded([(a * WINDOW_S, b * WINDOW_S) for a, b in kept], duration_s))


def _is_speech(probabilities: NDArray[np.float32]) -> bool:
    return bool(probabilities.max() >= SURE and (probabilities >= ON).sum() >= SHORTEST_WINDOWS)


def _padded(spans: list[tuple[float, float]], duration_s: float) -> Iterator[Span]:
    """Widen the spans; neighbours share the pause between them."""
    for index, (start_s, end_s) in enumerate(spans):
        before_s = spans[index - 1][1] if index else -PAD_S
        after_s = spans[index + 1][0] if index + 1 < len(spans) else duration_s + PAD_S
        yield Span(
            start_s=max(0.0, start_s - min(PAD_S, (start_s - before_s) / 2)),
            end_s=min(duration_s, end_s + min(PAD_S, (after_s - end_s) / 2)),
        )


def _gain(reader: AudioReader) -> float:
    gain_db = LOUD_DB - loud_db(frame_levels_db(reader))
    return float(10 ** (min(gain_db, MOST_GAIN_DB) / 20))


class Detector:
    """The model and what it remembers of the sound so far."""

    def __init__(self, *, gain: float) -> None:
        self.gain = gain
        """By what the sound is multiplied before it is scored; a call that is still growing changes it as it learns."""
        self._session = _session()
        self._silent_windows = 0
        self._forget()

    def _forget(self) -> None:
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)
        self._context = np.zeros(_CONTEXT, dtype=np.float32)

    def score(self, samples: Samples) -> NDArray[np.float32]:
        """Probability of speech of each window; the last one is filled up with zeros.

        All blocks but the last must hold whole windows.
        """
        windows = np.pad(samples, (0, -samples.size % _WINDOW)).reshape(-1, _WINDOW)
        scores = np.zeros(len(windows), dtype=np.float32)
        silent = np.abs(windows).max(axis=1) <= _SILENCE_PEAK
        for first, last in self._audible(silent):
            scores[first:last] = self._run(windows[first:last])
        return scores

    def _audible(self, silent: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """Runs of windows worth scoring: all but those after a second of digital silence."""
        first = 0
        for index, is_silent in enumerate(silent):
            self._silent_windows = self._silent_windows + 1 if is_silent else 0
            if self._silent_windows == _SILENCE_WINDOWS + 1:
                if index > first:
                    yield first, index
                self._forget()
            if self._silent_windows > _SILENCE_WINDOWS:
                first = index + 1
        if first < len(silent):
            yield first, len(silent)

    def _run(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        before = np.vstack([self._context, windows[:-1, -_CONTEXT:]])
        self._context = windows[-1, -_CONTEXT:].copy()
        scores, self._h, self._c = self._session.run(
            None, {"input": np.float32(self.gain) * np.hstack([before, windows]), "h": self._h, "c": self._c}
        )
        return np.asarray(scores, dtype=np.float32).reshape(-1)


@lru_cache(maxsize=1)
def _session() -> Any:
    import onnxruntime

    package = importlib.util.find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise ModelMissing("Voice activity detection needs its model; install the package faster-whisper.")
    model = Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
    if not model.is_file():
        raise ModelMissing(f"{model} is missing; install faster-whisper 1.2 or later.")
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"], sess_options=options)
