"""The turns of a call that goes on: which of them are over, as a listener would say, and which may still grow.

The rule of turns is that of recordings (`audio.turns`). A turn is over when nothing that its side may say from now on could
still belong to it; and for the time being when its side has paused, so that what it did can be told before the answer has been given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from audio.facts import Turn, Word
from audio.live.side import Side
from audio.turns import BACKCHANNEL_S, SPOKEN_S, take_turns
from audio.turns import PAUSE_S as WORDS_PAUSE_S

PAUSE_S = 1.0
"""A side that has paused for so long has ended its turn for the time being: within a turn of the telephone calls at hand, nine pauses
in ten are shorter."""
_KEPT_S = 60.0
"""So much of what was said stays at hand for the turns to come."""
_MARGIN_S = 0.2
"""Speech is found with a margin on both sides."""


@dataclass(frozen=True)
class Over:
    """A turn that is over."""

    turn: Turn
    for_good: bool


class LiveTurns:
    """Takes the turns of a call from the words of its sides as they come."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = {side.name: side for side in sides}
        self._let_go = 0

    def over(self, *, end: bool = False) -> list[Over]:
        """The turns that are over, in order, up to the first that is not; numbers go on from those that were let go.

        end: whether the call has ended, so that every turn is over
        """
        words = {name: side.words for name, side in self._sides.items()}
        turns = take_turns(words)
        found: list[Over] = []
        for position, turn in enumerate(turns):
            for_good = end or self._for_good(turn, turns[position + 1 :], words)
            if not for_good and not self._paused(turn):
                break
            if any(self._speaks_before(side, turn) for side in self._sides.values()) and not end:
                break
            found.append(Over(turn.model_copy(update={"index": turn.index + self._let_go}), for_good))
        return found

    def let_go(self, found: Sequence[Over]) -> list[Turn]:
        """Those of the turns that are over for good and lie far back; their words are forgotten."""
        old: list[Turn] = []
        now_s = min(side.time_s for side in self._sides.values())
        for one in found:
            if not one.for_good or one.turn.end_s > now_s - _KEPT_S:
                break
            old.append(one.turn)
        for side in self._sides.values():
            side.words = side.words[sum(len(turn.words) for turn in old if turn.speaker == side.name) :]
        self._let_go += len(old)
        return old

    def _paused(self, turn: Turn) -> bool:
        side = self._sides[turn.speaker]
        return side.open_since_s is None and side.time_s - turn.end_s >= PAUSE_S

    def _speaks_before(self, side: Side, turn: Turn) -> bool:
        """Whether words are still to come that were said before the turn, or in a pause of it, which they would part."""
        since = side.open_since_s
        return side.time_s < turn.end_s if since is None else since < _last_breath_s(turn)

    def _for_good(self, turn: Turn, later: Sequence[Turn], words: dict[str, list[Word]]) -> bool:
        if any(other.speaker == turn.speaker for other in later):
            return True
        side = self._sides[turn.speaker]
        at = side.time_s if side.open_since_s is None else side.open_since_s
        if at <= turn.end_s:
            return False
        supposed = Word(text="…", start_s=at, end_s=at + 0.1)
        said = {name: [*own, *_still_to_come(self._sides[name])] for name, own in words.items() if name != side.name}
        said[side.name] = [*words[side.name], supposed]
        return any(one.words == (supposed,) for one in take_turns(said) if one.speaker == side.name)


def _last_breath_s(turn: Turn) -> float:
    """Where the last words of a turn begin that no pause is in."""
    start_s = turn.start_s
    for before, word in pairwise(turn.words):
        if word.start_s - before.end_s >= WORDS_PAUSE_S:
            start_s = word.start_s
    return start_s


def _still_to_come(side: Side) -> list[Word]:
    """What a side is saying, of which the words are not known yet: a few words if it is too long to be a back-channel."""
    since = side.open_since_s
    if since is None:
        return []
    length_s = side.open_until_s - since
    count = 4 if length_s > BACKCHANNEL_S + _MARGIN_S else 1
    length_s = max(length_s, 2 * SPOKEN_S)  # it will be longer, and of a longer one more must fall into a pause
    return [
        Word(text="…", start_s=since + i * length_s / count, end_s=since + (i + 1) * length_s / count)
        for i in range(count)
    ]
