"""Real speech for the tests, and recordings of it in every format: made here, so that none has to be kept."""

import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8_000
"""Sample rate of the real call in fixtures/."""

EXCERPT = Path(__file__).parents[1] / "fixtures" / "audio" / "repair-excerpt.flac"


@lru_cache
def real_call(start_s: float = 0.0, length_s: float = 20.0) -> NDArray[np.int16]:
    """A stretch of a real two-party call, shape (2, n_samples), 8 kHz, 16 bit."""
    with av.open(str(EXCERPT)) as container:
        frames = [frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)]
    samples = np.concatenate(frames).T
    return samples[:, round(start_s * RATE_HZ) : round((start_s + length_s) * RATE_HZ)]


def write(
    path: Path,
    samples: NDArray[Any],
    codec: str = "pcm_s16le",
    *,
    rate_hz: int = RATE_HZ,
    bit_rate: int | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Encode 8 kHz samples, shape (n_channels, n_samples), to a file whose name tells the container."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(samples)]
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream: Any = container.add_stream(codec, rate=rate_hz, layout=layout)
        if bit_rate:
            stream.bit_rate = bit_rate
        pcm = np.clip(samples, -32_768, 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T.reshape(1, -1)), format="s16", layout=layout)
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def damage(path: Path, *, at: float = 0.5, share: float = 0.03, cut: bool = False) -> Path:
    """Overwrite a share of a file with noise from a point on (0 to 1), or cut it off there."""
    data = bytearray(path.read_bytes())
    first = round(at * len(data))
    if cut:
        del data[first:]
    else:
        length = round(share * len(data))
        data[first : first + length] = random.Random(0).randbytes(length)
    path.write_bytes(data)
    return path


def lag_s(expected: NDArray[Any], heard: NDArray[Any], rate_hz: int) -> tuple[float, float]:
    """By how much `heard` comes later than `expected`, and how alike they then are (0 to 1)."""
    n = min(expected.size, heard.size)
    a, b = expected[:n].astype(np.float64), heard[:n].astype(np.float64)
    size = 2 * n
    correlation = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    peak = int(np.argmax(correlation))
    likeness = correlation[peak] / np.sqrt((a**2).sum() * (b**2).sum())
    return (peak if peak < n else peak - size) / rate_hz, float(likeness)
