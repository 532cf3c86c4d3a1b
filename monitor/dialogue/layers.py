"""The transformer layers of Gemma 3 in numpy, one stretch of tokens at a time with what came before kept.

Source of the architecture: Gemma Team, "Gemma 3 Technical Report", arXiv:2503.19786; the sizes are those of the 270M
model: width 640, 4 query heads of 256 sharing one key and value head, hidden layer 2048, five layers of local
attention (512 tokens) to one of global.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

HEADS, HEAD_WIDTH = 4, 256
LOCAL_WINDOW = 512
GLOBAL_WINDOW = 2048
"""The model allows 32,768; a bound keeps long calls in bounded memory, and earlier turns say little about this one."""
SLACK = 256
"""So many tokens more than the window are kept, so that the latest ones can be taken back; they are not attended to."""
_GLOBAL_EVERY = 6
_ROPE_LOCAL, _ROPE_GLOBAL = 10_000.0, 1_000_000.0
_EPSILON = 1e-6


class Layer:
    """One layer and the keys and values of the tokens that it has seen."""

    def __init__(self, weights: Mapping[str, Array], number: int) -> None:
        is_global = (number + 1) % _GLOBAL_EVERY == 0
        self.weights = weights
        self.window = GLOBAL_WINDOW if is_global else LOCAL_WINDOW
        self.rope = _ROPE_GLOBAL if is_global else _ROPE_LOCAL
        self.keys: Array = np.zeros((0, HEAD_WIDTH), np.float32)
        self.values: Array = np.zeros((0, HEAD_WIDTH), np.float32)

    def hear(self, x: Array, start: int) -> Array:
        """The next tokens' states, shape (n, 640) to (n, 640); `start` is the first one's place in the call."""
        w = self.weights
        attended = self._attend(rms_norm(x, w["attn_norm"]), start)
        x = x + rms_norm(attended @ w["attn_output"], w["post_attention_norm"])
        h = rms_norm(x, w["ffn_norm"])
        h = (gelu(h @ w["ffn_gate"]) * (h @ w["ffn_up"])) @ w["ffn_down"]
        return x + rms_norm(h, w["post_ffw_norm"])

    def forget(self, count: int) -> None:
        """Take back the latest tokens."""
        left = max(0, len(self.keys) - count)
        self.keys, self.values = self.keys[:left], self.values[:left]

    def _attend(self, h: Array, start: int) -> Array:
        w = self.weights
        n = len(h)
        places = np.arange(start, start + n)
        queries = rms_norm((h @ w["attn_q"]).reshape(n, HEADS, HEAD_WIDTH), w["attn_q_norm"])
        queries = rotate(queries, places[:, None], self.rope)
        keys = rotate(rms_norm(h @ w["attn_k"], w["attn_k_norm"]), places, self.rope)
        self.keys = np.concatenate([self.keys, keys])
        self.values = np.concatenate([self.values, h @ w["attn_v"]])
        first = start + n - len(self.keys)
        distance = places[:, None] - np.arange(first, start + n)[None, :]
        hidden = (distance < 0) | (distance >= self.window)
        scores = np.einsum("nhd,md->hnm", queries, self.keys, optimize=True) * np.float32(HEAD_WIDTH**-0.5)
        scores[:, hidden] = -np.inf
        out = np.einsum("hnm,md->nhd", softmax(scores), self.values, optimize=True)
        kept = self.window + SLACK
        self.keys, self.values = self.keys[-kept:], self.values[-kept:]
        return np.asarray(out, np.float32).reshape(n, HEADS * HEAD_WIDTH)


def rms_norm(x: Array, gain: Array) -> Array:
    """Root-mean-square normalisation over the last axis (Zhang and Sennrich 2019)."""
    power = np.mean(x * x, axis=-1, keepdims=True) + np.float32(_EPSILON)
    return np.asarray(x / np.sqrt(power) * gain, np.float32)


def gelu(x: Array) -> Array:
    """Gaussian error linear unit in its tanh form (Hendrycks and Gimpel 2016)."""
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.asarray(np.float32(0.5) * x * (1 + np.tanh(inner)), np.float32)


def softmax(x: Array) -> Array:
    """Softmax over the last axis."""
    e: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), np.float32)


def rotate(x: Array, places: NDArray[np.int_], base: float) -> Array:
    """Rotary position embedding (Su et al. 2021), halves rotated against each other; `places` broadcasts over `x`."""
    half = x.shape[-1] // 2
    angles = places[..., None] * base ** (-np.arange(half) / half)
    cos, sin = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)
