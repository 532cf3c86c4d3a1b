"""The telephone line: what codecs leave of a sound."""

import io

import av
import numpy as np
from scipy.signal import fftconvolve

from training.sounds_synth import RATE, Rng, Samples

CODECS = ("none", "mu-law", "a-law", "amr", "opus", "mp3")
CODEC_SHARES = (0.25, 0.5, 0.13, 0.06, 0.04, 0.02)


def coded(sound: Samples, codec: str, rng: Rng) -> Samples:
    """What is left of a sound after a codec, of the same length."""
    if codec == "none":
        return sound
    if codec == "mu-law":
        squeezed = np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256)
        squeezed = np.round(squeezed * 127) / 127
        return np.asarray(np.sign(squeezed) * (256 ** np.abs(squeezed) - 1) / 255)
    if codec == "a-law":
        size = 87.6 * np.abs(sound)
        squeezed = np.where(size < 1, size, 1 + np.log(np.maximum(size, 1))) / (1 + np.log(87.6))
        squeezed = np.round(squeezed * 127) / 127 * (1 + np.log(87.6))
        return np.asarray(np.sign(sound) * np.where(squeezed < 1, squeezed, np.exp(np.maximum(squeezed, 1) - 1)) / 87.6)
    name, kind, rates = {
        "amr": ("libopencore_amrnb", "3gp", (4750, 6700, 7950, 12200)),
        "opus": ("libopus", "ogg", (8000, 12000, 16000)),
        "mp3": ("libmp3lame", "mp3", (16000, 24000)),
    }[codec]
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(name, rate=RATE, layout="mono")
        stream.bit_rate = int(rng.choice(rates))
        frame = av.AudioFrame.from_ndarray((sound[None] * 32767).astype(np.int16), format="s16", layout="mono")
        frame.rate = RATE
        resampler = av.AudioResampler(stream.format, "mono", RATE, frame_size=stream.codec_context.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as back:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        parts = [p.to_ndarray()[0] for f in back.decode(audio=0) for p in resampler.resample(f)]
    heard = np.concatenate(parts) if parts else np.zeros(0)
    late = _delay(sound, heard)
    return np.pad(heard[late : late + len(sound)], (0, max(0, len(sound) - len(heard) + late))).astype(np.float64)


def _delay(sound: Samples, heard: Samples) -> int:
    """By how many samples a codec delays."""
    if not len(heard):
        return 0
    lags = fftconvolve(heard[: len(sound)], sound[: len(heard)][::-1])
    middle = min(len(sound), len(heard)) - 1
    return int(np.argmax(lags[middle : middle + 2000]))
