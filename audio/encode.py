"""Samples -> a small file that every browser plays and seeks in: AAC in MP4, its index in front."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.spool import RATE_HZ

BITS_PER_CHANNEL = 32_000
"""Bits a second; speech of 8 kHz bandwidth is transparent well below this."""


def write_m4a(path: Path, blocks: Iterable[NDArray[np.int16]], channels: int) -> None:
    """Encode blocks of 16-bit samples, each of shape (n_samples, channels) with one or two channels, at 16 kHz.

    Raises OSError where the file cannot be written.
    """
    import av

    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        layout = "stereo" if channels == 2 else "mono"
        stream = container.add_stream("aac", rate=RATE_HZ, layout=layout)
        stream.bit_rate = BITS_PER_CHANNEL * channels
        done = 0
        for block in blocks:
            frame: Any = av.AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), "s16", layout)
            frame.sample_rate, frame.pts = RATE_HZ, done
            done += len(block)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
