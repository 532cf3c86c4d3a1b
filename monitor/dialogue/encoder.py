"""What a turn means in the call so far: the middle layer of a language model that reads along."""

from functools import cached_property

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
    dimension = 640

    def begin(self) -> "Dialogue":
        """A new call, of which nothing has been said."""
        return Dialogue(self)

    @cached_property
    def weights(self) -> Weights:
        """The model's weights; raises ModelMissing."""
        return load_weights()

    def tokens(self, text: str) -> list[int]:
        """The numbers of the pieces that a text is made of."""
        return list(self._pieces.encode(text))

    def embed(self, tokens: list[int]) -> NDArray[np.float32]:
        """The states that enter the first layer, shape (n_tokens, 640)."""
        rows = np.ascontiguousarray(self.weights.embedding[tokens]).reshape(len(tokens), -1, _Q8_BLOCK)
        scales = rows[..., :2].copy().view(np.float16).astype(np.float32)
        values = rows[..., 2:].view(np.int8).astype(np.float32)
        return (values * scales).reshape(len(tokens), self.dimension) * np.float32(np.sqrt(self.dimension))

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
        self._states([2, *encoder.tokens(_OPENING)])

    def hear(self, speaker: str, text: str) -> NDArray[np.float32]:
        """What the next turn means here: the mean state of its tokens, shape (640,).

        It depends on this turn and the earlier ones alone, so a live call and its recording give the same.
        """
        self._states(self._encoder.tokens(_NAMES[speaker]))
        return np.asarray(self._states(self._encoder.tokens(text + "\n")), np.float32)

    def _states(self, tokens: list[int]) -> NDArray[np.float64]:
        total = np.zeros(self._encoder.dimension)
        for begin in range(0, len(tokens), _CHUNK):
            x = self._encoder.embed(tokens[begin : begin + _CHUNK])
            for layer in self._layers:
                x = layer.hear(x, self._read)
            self._read += len(x)
            total += x.sum(axis=0, dtype=np.float64)
        return total / max(1, len(tokens))
