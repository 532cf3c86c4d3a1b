"""Takes out what a recogniser made up: phrases that it repeats in a loop, and words that nobody spoke."""

import re
from collections.abc import Sequence
from math import exp, log

from audio.facts import Word
from audio.spelling import bare_words

LONGEST_LOOP = 16
"""Longest phrase, in words, that is looked for as a loop."""
_PEOPLE_REPEAT = {1: 8, 2: 5, 3: 4}
"""How often a phrase of so many words may follow itself before it is a loop; 3 for longer ones."""
_KEPT = 2
_STUTTER = re.compile(r"(.{1,6}?)\1{9,}", re.DOTALL)
"""A loop inside one word: the same few letters ten times over."""
PHANTOM_CONFIDENCE = 0.3
"""A run of words with less than this (geometric) mean confidence was not spoken: runs of real speech on the telephone, in
nine languages, lie at 0.4 and more, what is heard into crying and noise below."""
_RUN_GAP_S = 0.8


def cut_loops(words: Sequence[Word]) -> list[Word]:
    """The words without loops: of a phrase that repeats more often than people do, two rounds are kept."""
    kept = [word.model_copy(update={"text": _STUTTER.sub(r"\1\1", word.text)}) for word in words]
    for length in range(1, LONGEST_LOOP + 1):
        kept = _without_loops(kept, length)
    return kept


def without_phantoms(words: Sequence[Word]) -> list[Word]:
    """The words without runs that the recogniser itself hardly believed."""
    return [word for run in _runs(words) if mean_confidence(run) >= PHANTOM_CONFIDENCE for word in run]


def mean_confidence(words: Sequence[Word]) -> float:
    """Geometric mean of the words' confidences, 0 to 1."""
    return exp(sum(log(max(word.confidence, 1e-6)) for word in words) / len(words)) if words else 0.0


def _without_loops(words: list[Word], length: int) -> list[Word]:
    bare = bare_words(words)
    limit = _PEOPLE_REPEAT.get(length, 3)
    kept: list[Word] = []
    at = 0
    while at < len(words):
        rounds = 1
        while bare[at : at + length] == bare[at + rounds * length : at + (rounds + 1) * length] and any(
            bare[at : at + length]
        ):
            rounds += 1
        if rounds > limit:
            kept.extend(words[at : at + _KEPT * length])
            at += rounds * length
        else:
            kept.append(words[at])
            at += 1
    return kept


def _runs(words: Sequence[Word]) -> list[list[Word]]:
    runs: list[list[Word]] = []
    for word in words:
        if runs and word.start_s - runs[-1][-1].end_s < _RUN_GAP_S:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
