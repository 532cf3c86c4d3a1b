"""What a turn means in the call so far: the middle layer of a language model that reads along."""

from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from monitor.dialogue.layers import Layer
from monitor.dialogue.weights import LAYERS, Weights, load_weights

_OPENING = "Customer service call transcript.\n"
_NAMES = {"agent": "Agent: ", "customer": "Customer: "}
_CHUNK = 512
"""Tokens that are computed at a time, so that one very long turn needs no more memory than a short one."""
_Q8_BLOCK = 34
"""Bytes of a Q8_0 block: a float16 scale and 32 signed bytes."""


class DialogueEncoder:
    """Gemma 3 270M, frozen, up to its ninth layer; loaded when the first call begins."""

    name = f"gemma3-270m-layer{LAYERS}"
    width = 640
    """Values of one state."""
    dimension = 2 * width
    """Values that say what a turn means: its mean state, then the state after its last token."""

    def begin(self) -> "Dialogue":
        """A new call, of which nothing has been said."""
        return Dialogue(self)

    def __init__(self) -> None:
        self._loading = Lock()

    def prepare(self) -> None:
        """Load the model now, so that the first call need not wait; may be called from a thread. Raises ModelMissing."""
        _ = self.weights, self._pieces

    @property
    def weights(self) -> Weights:
        """The model's weights; raises ModelMissing."""
        with self._loading:
            return self._weights

    @cached_property
    def _weights(self) -> Weights:
        return load_weights()

    def tokens(self, text: str) -> list[int]:
        """The numbers of the pieces that a text is made of."""
        return list(self._pieces.encode(text))

    def embed(self, tokens: list[int]) -> NDArray[np.float32]:
        """The states that enter the first layer, shape (n_tokens, 640)."""
        rows = np.ascontiguousarray(self.weights.embedding[tokens]).reshape(len(tokens), -1, _Q8_BLOCK)
        scales = rows[..., :2].copy().view(np.float16).astype(np.float32)
        values = rows[..., 2:].view(np.int8).astype(np.float32)
        return (values * scales).reshape(len(tokens), self.width) * np.float32(np.sqrt(self.width))

    @cached_property
    def _pieces(self):  # type: ignore[no-untyped-def]
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_proto=self.weights.vocabulary)


class Dialogue:
    """One call as the model has read it so far."""

    def __init__(self, encoder: DialogueEncoder) -> None:
        self._encoder = encoder
        self._layers = [Layer(weights, number) for number, weights in enumerate(encoder.weights.layers)]
        self._read = 0
        self._lengths: list[int] = []
        self._read_on([2, *encoder.tokens(_OPENING)], 0)

    def hear(self, speaker: str, text: str) -> NDArray[np.float32]:
        """What the next turn means here: the mean state of its tokens, and the last one's, shape (1280,).

        It depends on this turn and the earlier ones alone, so a live call and its recording give the same.
        """
        name = self._encoder.tokens(_NAMES[speaker])
        tokens = [*name, *self._encoder.tokens(text + "\n")]
        self._lengths.append(len(tokens))
        return self._read_on(tokens, len(name))

    def unhear(self) -> None:
        """Take back the latest turn. Of calls longer than the model's window, it takes back the turns of a few minutes exactly."""
        length = self._lengths.pop()
        self._read -= length
        for layer in self._layers:
            layer.forget(length)

    def _read_on(self, tokens: list[int], name_length: int) -> NDArray[np.float32]:
        """Reads more tokens; the first ones, which name the speaker, count in no mean."""
        total = np.zeros(self._encoder.width)
        last = np.zeros(self._encoder.width, np.float32)
        for begin in range(0, len(tokens), _CHUNK):
            x = self._encoder.embed(tokens[begin : begin + _CHUNK])
            for layer in self._layers:
                x = layer.hear(x, self._read)
            self._read += len(x)
            total += x[max(0, name_length - begin) :].sum(axis=0, dtype=np.float64)
            last = x[-1]
        return np.concatenate([total / max(1, len(tokens) - name_length), last]).astype(np.float32)
