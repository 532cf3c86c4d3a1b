"""What has been heard of a call so far, as the kinds of moments look at it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from audio.facts import Sound, Turn
from monitor.moments.hints import NO_PARTS, Hints, NoHints
from monitor.records import ReadTurn

LOOKBACK_TURNS = 200
"""How far back a kind may look, so that the work for a turn stays bounded in a call of any length."""

_BACKCHANNEL_S = 1.2
_BACKCHANNEL_WORDS = 2
_BACKCHANNEL_CHARACTERS = 10
_WEIGHTLESS_ACTS = frozenset({"confirms", "thanks", "gives_information", "cheers", "asks_question"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn together with all that was read in it."""

    turn: ReadTurn
    acts: dict[str, float]
    """Probability of every act, 0 to 1; an act that is absent has probability 0."""
    vectors: NDArray[np.float32]
    """Meaning of each of its sentences, unit vectors, shape (n_sentences, dimension); may be empty."""
    vector: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    """Meaning of the turn as a whole, in the call so far, shape (dimension,); empty where only what follows from it is kept."""
    hints: NDArray[np.float32] = field(default_factory=lambda: NO_PARTS)
    """What the meaning adds to the hints of this turn and of those around it (see `hints`), shape (3, n_heads)."""
    worth: NDArray[np.float32] = field(default_factory=lambda: np.zeros((2, 0), np.float32))
    """What the meaning says of the contact's value (see `monitor.summary`), shape (2, n_answers)."""
    backchannel: bool = False
    likenesses: dict[int, float] = field(default_factory=dict, compare=False)
    """What `likeness` has found, by the index of the other turn: several kinds ask for the same."""

    @property
    def index(self) -> int:
        return self.turn.index

    @property
    def agent(self) -> bool:
        return self.turn.speaker == "agent"

    @property
    def level(self) -> float:
        """The customer's frustration in this turn, 0 to 1; 0 for the agent."""
        return self.turn.frustration or 0.0

    def act(self, *names: str) -> float:
        """Probability that the turn performs the likeliest of these acts, 0 to 1."""
        acts = self.acts
        if len(names) == 1:
            return acts.get(names[0], 0.0)
        return max([acts.get(name, 0.0) for name in names])


def is_backchannel(turn: Turn, acts: dict[str, float]) -> bool:
    """Whether a turn is a mere "mm-hm": very short, and doing nothing of weight."""
    if turn.duration_s > _BACKCHANNEL_S or len(turn.text) > _BACKCHANNEL_CHARACTERS * 2:
        return False
    if len(turn.text.split()) > _BACKCHANNEL_WORDS or "?" in turn.text or "？" in turn.text:
        return False
    if not turn.text.isascii() and len(turn.text) > _BACKCHANNEL_CHARACTERS:
        return False
    return all(probability < 0.5 for name, probability in acts.items() if name not in _WEIGHTLESS_ACTS)


@dataclass
class Scene:
    """The call so far: turns and sounds in the order in which they were heard."""

    language: str
    turns: list[Heard] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    level: float = 0.0
    """The customer's frustration after the latest of her turns, 0 to 1."""
    hints: Hints = field(default_factory=NoHints)

    def hint(self, head: str, heard: Heard, reaction: Heard | None = None) -> float:
        """How much a turn looks like a part of a kind ("KIND.PART"), by meaning alone; about 0 to 1."""
        before = self.turns[heard.index - 1].hints if heard.index else None
        return self.hints.score(head, heard.hints, before, reaction.hints if reaction else None)

    def earlier(self, heard: Heard, *, agent: bool | None = None, limit: int = LOOKBACK_TURNS) -> Iterator[Heard]:
        """Full turns before this one, latest first; only the agent's or the customer's if `agent` says so."""
        return self._full_turns(range(heard.index - 1, max(-1, heard.index - 1 - LOOKBACK_TURNS), -1), agent, limit)

    def later(self, heard: Heard, *, agent: bool | None = None, limit: int = LOOKBACK_TURNS) -> Iterator[Heard]:
        """Full turns after this one, earliest first, as far as they have been heard."""
        return self._full_turns(range(heard.index + 1, len(self.turns)), agent, limit)

    def _full_turns(self, indices: range, agent: bool | None, limit: int) -> Iterator[Heard]:
        for index in indices:
            turn = self.turns[index]
            if turn.backchannel or agent not in (None, turn.agent):
                continue
            if limit <= 0:
                return
            limit -= 1
            yield turn

    def previous(self, heard: Heard, *, agent: bool | None = None) -> Heard | None:
        """The nearest full turn before this one."""
        return next(self.earlier(heard, agent=agent, limit=1), None)

    def silence_before_s(self, heard: Heard) -> float:
        """Seconds in which nobody spoke just before this turn; negative where it overlaps the turn before."""
        ends = [turn.turn.end_s for turn in self.turns[max(0, heard.index - 4) : heard.index]]
        return heard.turn.start_s - max(ends) if ends else 0.0


def likeness(heard: Heard, other: Heard) -> float:
    """Cosine of the two sentences of two turns that are most alike in meaning, 0 to 1."""
    known = heard.likenesses.get(other.index)
    if known is None:
        alike = heard.vectors @ other.vectors.T
        known = heard.likenesses[other.index] = max(0.0, float(alike.max(initial=0.0)))
    return known


def acts_of(heard: Heard | None, *names: str, prefix: str = "") -> dict[str, float]:
    """Probabilities of some acts of a turn as named features; all 0 where there is no turn."""
    acts = heard.acts if heard else {}
    return {prefix + name: acts.get(name, 0.0) for name in names}
