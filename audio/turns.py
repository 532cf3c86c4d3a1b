"""Words by side to turns, as a listener would count them.

A turn is a whole contribution: it goes on over pauses, and over the other side's "mm-hm", until the other side says
something of its own or nobody says anything for long. Overlaps are kept as overlaps.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audio.facts import Turn, Word
from audio.spelling import join_words

PAUSE_S = 0.5
"""A shorter gap between words of one side is no pause: articulation and rounding of word times explain it."""
LONG_SILENCE_S = 4.0
"""After so long a silence of one side, what it says next is a new turn, whoever else spoke."""
BACKCHANNEL_S = 1.2
BACKCHANNEL_WORDS = 3
"""What is at most this long, said while the other side keeps the floor, is a back-channel ("mm-hm", "oh okay")."""
FLOOR_KEPT_S = 1.2
"""A side that pauses no longer than this around a back-channel has kept the floor."""
SPOKEN_S = 0.4
"""How much of a pause the other side must fill to have had the floor in it."""
_QUESTION = ("?", "？", "؟")


@dataclass(frozen=True)
class _Utterance:
    """Words of one side without a pause between them."""

    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return max(word.end_s for word in self.words)

    @property
    def asks(self) -> bool:
        return self.words[-1].text.endswith(_QUESTION)

    @property
    def brief(self) -> bool:
        return self.end_s - self.start_s <= BACKCHANNEL_S and len(self.words) <= BACKCHANNEL_WORDS


def take_turns(words: Mapping[str, Sequence[Word]]) -> tuple[Turn, ...]:
    """Turns of all sides in the order in which they start; every word is in exactly one.

    words: the words of each side, in time order
    """
    utterances = {side: _utterances(said) for side, said in words.items()}
    turns: list[tuple[str, list[_Utterance]]] = []
    for side, own in utterances.items():
        others = sorted((u for s, said in utterances.items() if s != side for u in said), key=lambda u: u.start_s)
        turns.extend((side, group) for group in _grouped(own, _Floor(others)))
    turns.sort(key=lambda turn: (turn[1][0].start_s, turn[1][0].end_s, turn[0]))
    return tuple(_turn(index, side, group) for index, (side, group) in enumerate(turns))


class _Floor:
    """What the other sides say, and whether it takes the floor from somebody who pauses."""

    def __init__(self, others: Sequence[_Utterance]) -> None:
        self._others = others
        self._starts = [utterance.start_s for utterance in others]
        self._longest_s = max((utterance.end_s - utterance.start_s for utterance in others), default=0.0)

    def was_taken(self, before: _Utterance, after: _Utterance) -> bool:
        """Whether another side had the floor between two utterances of one side."""
        start, end = before.end_s, after.start_s
        for other in self._within(start, end):
            inside_s = min(end, other.end_s) - max(start, other.start_s)
            if inside_s < min(SPOKEN_S, 0.5 * (other.end_s - other.start_s)):
                continue
            if not (other.brief and end - start <= FLOOR_KEPT_S and not before.asks):
                return True
        return False

    def _within(self, start_s: float, end_s: float) -> Sequence[_Utterance]:
        return self._others[bisect_left(self._starts, start_s - self._longest_s) : bisect_left(self._starts, end_s)]


def _utterances(words: Sequence[Word]) -> list[_Utterance]:
    groups: list[list[Word]] = []
    reached_s = 0.0
    for word in words:
        if groups and word.start_s - reached_s < PAUSE_S:
            groups[-1].append(word)
            reached_s = max(reached_s, word.end_s)
        else:
            groups.append([word])
            reached_s = word.end_s
    return [_Utterance(tuple(group)) for group in groups]


def _grouped(own: Sequence[_Utterance], floor: _Floor) -> list[list[_Utterance]]:
    groups: list[list[_Utterance]] = []
    for utterance in own:
        if groups:
            last = groups[-1][-1]
            if utterance.start_s - last.end_s < LONG_SILENCE_S and not floor.was_taken(last, utterance):
                groups[-1].append(utterance)
                continue
        groups.append([utterance])
    return groups


def _turn(index: int, side: str, group: Sequence[_Utterance]) -> Turn:
    words = tuple(word for utterance in group for word in utterance.words)
    return Turn(
        index=index,
        speaker=side,
        start_s=words[0].start_s,
        end_s=max(word.end_s for word in words),
        text=join_words(word.text for word in words),
        words=words,
    )
