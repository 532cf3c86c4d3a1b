"""µ-law, the code of telephone speech: ITU-T Recommendation G.711 (1988), section 3.

The law is 14 bits wide; here it is scaled to 16 bits, as everybody does.
"""

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
"""16-bit samples, shape (n_samples,)."""

_BIAS = 132
_LOUDEST = 32_635
"""Louder samples are coded as this one."""


def decode_mulaw(code: bytes) -> Pcm:
    """The samples that the bytes stand for, one a byte."""
    return _SAMPLES[np.frombuffer(code, dtype=np.uint8)]


def encode_mulaw(samples: Pcm) -> bytes:
    """The bytes that stand for the samples, one a sample."""
    wide = samples.astype(np.int32)
    size = np.minimum(np.abs(wide), _LOUDEST) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 15
    code = (wide < 0) * 128 | exponent << 4 | mantissa
    return bytes((~code & 255).astype(np.uint8))


def _table() -> Pcm:
    code = ~np.arange(256) & 255
    size = ((((code & 15) << 3) + _BIAS) << (code >> 4 & 7)) - _BIAS
    return np.where(code & 128, -size, size).astype(np.int16)


_SAMPLES = _table()
