"""The dialogue vectors of labelled calls, computed once and kept in a file: reading a hundred calls takes minutes."""

from pathlib import Path

import numpy as np

from monitor.dialogue import DialogueEncoder
from training.calls import Call


def dialogue_vectors(calls: list[Call], cache: Path | None = None) -> dict[str, np.ndarray]:
    """Vectors of every turn of every call by call id, each of shape (n_turns, dimension).

    Args:
        calls: the calls to read.
        cache: an .npz file that is read if it is there, and written with what was missing.
    """
    known: dict[str, np.ndarray] = {}
    if cache and cache.is_file():
        with np.load(cache) as arrays:
            known = dict(arrays)
    missing = [call for call in calls if call.call_id not in known]
    if missing:
        encoder = DialogueEncoder()
        known |= {call.call_id: _read(call, encoder) for call in missing}
        if cache:
            np.savez_compressed(cache, allow_pickle=False, **known)
    return {call.call_id: known[call.call_id] for call in calls}


def _read(call: Call, encoder: DialogueEncoder) -> np.ndarray:
    dialogue = encoder.begin()
    return np.stack([dialogue.hear(turn.speaker, turn.text) for turn in call.turns])
