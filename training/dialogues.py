"""The dialogue vectors of labelled calls and of the bank, computed once and kept in files: reading them takes minutes."""

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


def lone_vectors(said: list[tuple[str, str]], cache: Path | None = None) -> np.ndarray:
    """Vectors of texts each of which is all that has been said in its call, shape (n, dimension).

    Args:
        said: speaker and text of each; the whole bank takes half an hour or more.
        cache: the file of `dialogue_vectors`; these are kept beside it, as NAME.bank.npz.
    """
    beside = cache and cache.with_suffix(".bank.npz")
    names = np.array([f"{speaker}: {text}" for speaker, text in said])
    if beside and beside.is_file():
        with np.load(beside) as arrays:
            if np.array_equal(arrays["names"], names):
                return np.asarray(arrays["states"], np.float32)
    encoder = DialogueEncoder()
    states = np.stack([encoder.begin().hear(speaker, text) for speaker, text in said])
    if beside:
        np.savez_compressed(beside, allow_pickle=False, names=names, states=states.astype(np.float16))
    return states
