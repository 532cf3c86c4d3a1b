"""Turns that fit, counted over the call: `all`, `any` and `not`, true, false or not yet known while it goes on."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.moments.base import quote
from monitor.moments.custom_turns import Reading, Spoken, fits, together, turns_before
from monitor.moments.scene import Heard, Scene
from monitor.rules import Condition, TurnRule


@dataclass(frozen=True, slots=True)
class Match:
    """A turn that fits a rule; or, where `absent`, one in whose place something was missing."""

    heard: Heard
    confidence: float
    note: str
    quote: str
    start_s: float
    absent: bool = False


class Node(ABC):
    """A condition on the call so far."""

    repeats = False
    """Whether every match is a finding of its own, or all of them together are one."""

    @abstractmethod
    def hear(self, spoken: Spoken) -> None:
        """Listens to the next turn."""

    @abstractmethod
    def holds(self, scene: Scene, ended: bool) -> bool | None:
        """Whether it holds; None while that is open."""

    @abstractmethod
    def matches(self, scene: Scene, ended: bool) -> list[Match]:
        """The turns by which it holds, in the order of the call."""

    def fresh(self, scene: Scene) -> list[Match]:
        """Of a node that repeats, what the turn heard last has added."""
        return []

    @abstractmethod
    def near_misses(self, scene: Scene) -> list[Match]:
        """When the call has ended, turns that fail by little."""

    @abstractmethod
    def absence(self, scene: Scene, ended: bool) -> Match | None:
        """Where one would have expected what was never found; None if nobody was there to do it."""


class Turns(Node):
    """Turns that fit a description, so many times."""

    def __init__(self, rule: Condition) -> None:
        self.rule = rule
        self.repeats = rule.times == 1
        self._found: list[Match] = []
        self._near: list[Match] = []
        self._likeliest = 0.0
        self._counted: dict[str, int] = {}

    def hear(self, spoken: Spoken) -> None:
        self._counted = {
            role: n + (not spoken.heard.backchannel and role == spoken.heard.turn.speaker)
            for role, n in spoken.number.items()
        }
        reading = together(fits(self.rule, spoken))
        if reading.held:
            self._found.append(match_of(spoken.heard, reading))
        else:
            self._likeliest = max(self._likeliest, reading.probability)
            if reading.near:
                self._near.append(match_of(spoken.heard, reading))

    def holds(self, scene: Scene, ended: bool) -> bool | None:
        if len(self._settled(scene, ended)) >= self.rule.times:
            return True
        hopeless = self._passed(scene) and len(self._found) < self.rule.times
        return False if ended or hopeless else None

    def matches(self, scene: Scene, ended: bool) -> list[Match]:
        found = self._settled(scene, ended)
        return found if self.repeats else found[self.rule.times - 1 : self.rule.times]

    def fresh(self, scene: Scene) -> list[Match]:
        return [match for match in self._settled(scene, False)[-1:] if match.heard is scene.turns[-1]]

    def near_misses(self, scene: Scene) -> list[Match]:
        return [match for match in self._near if _from_the_end(self.rule, scene, match.heard)]

    def absence(self, scene: Scene, ended: bool) -> Match | None:
        turns = [
            turn for turn in scene.turns if not turn.backchannel and self.rule.role in ("either", turn.turn.speaker)
        ]
        number = {"agent": 0, "customer": 0}
        inside = []
        for turn in turns:
            late = (ended and not _from_the_end(self.rule, scene, turn)) or _before(self.rule, turn)
            if not late and not _beyond(self.rule, turn.turn.start_s, number):
                inside.append(turn)
            number[turn.turn.speaker] += 1
        return _absent(inside or turns[:1], self._likeliest)

    def _settled(self, scene: Scene, ended: bool) -> list[Match]:
        if not self.rule.at_the_end:
            return self._found
        return [match for match in self._found if ended and _from_the_end(self.rule, scene, match.heard)]

    def _passed(self, scene: Scene) -> bool:
        """Whether no later turn can fit, since its place in the call has passed."""
        return bool(scene.turns) and _beyond(self.rule, scene.turns[-1].turn.start_s, self._counted)


class Combined(Node):
    """Several conditions."""

    def __init__(self, parts: Sequence[Node]) -> None:
        self.parts = parts

    def hear(self, spoken: Spoken) -> None:
        for part in self.parts:
            part.hear(spoken)

    def near_misses(self, scene: Scene) -> list[Match]:
        return _in_order([match for part in self.parts for match in part.near_misses(scene)])

    def absence(self, scene: Scene, ended: bool) -> Match | None:
        places = [place for part in self.parts if (place := part.absence(scene, ended))]
        surely = min((place.confidence for place in places), default=0.0)
        return replace(_in_order(places)[-1], confidence=surely) if places else None


class Every(Combined):
    """`all`: each part holds."""

    def holds(self, scene: Scene, ended: bool) -> bool | None:
        held = [part.holds(scene, ended) for part in self.parts]
        return False if False in held else None if None in held else True

    def matches(self, scene: Scene, ended: bool) -> list[Match]:
        return _in_order([match for part in self.parts for match in part.matches(scene, ended)[:1]])


class Either(Combined):
    """`any`: at least one part holds."""

    def __init__(self, parts: Sequence[Node]) -> None:
        super().__init__(parts)
        self.repeats = all(part.repeats for part in parts)

    def holds(self, scene: Scene, ended: bool) -> bool | None:
        held = [part.holds(scene, ended) for part in self.parts]
        return True if True in held else None if None in held else False

    def fresh(self, scene: Scene) -> list[Match]:
        return _in_order([match for part in self.parts for match in part.fresh(scene)])

    def matches(self, scene: Scene, ended: bool) -> list[Match]:
        holding = [part for part in self.parts if part.holds(scene, ended)]
        return _in_order([match for part in holding for match in part.matches(scene, ended)])


class Never(Combined):
    """`not`: the part does not hold."""

    def __init__(self, parts: Sequence[Node]) -> None:
        super().__init__(parts)
        self._place: Match | None = None

    def holds(self, scene: Scene, ended: bool) -> bool | None:
        if self._place is None and self.parts[0].holds(scene, ended) is False:
            self._place = self.parts[0].absence(scene, ended)
        if self._place is not None:
            return True
        # Nothing is flagged where nobody was there who could have done it.
        return False if ended or self.parts[0].holds(scene, ended) else None

    def matches(self, scene: Scene, ended: bool) -> list[Match]:
        return [self._place] if self.holds(scene, ended) and self._place else []


def node_of(rule: Condition) -> Node:
    """The condition, ready to listen to a call."""
    if rule.all:
        return Every([node_of(part) for part in rule.all])
    if rule.any:
        return Either([node_of(part) for part in rule.any])
    return Never([node_of(rule.not_)]) if rule.not_ is not None else Turns(rule)


def match_of(heard: Heard, reading: Reading) -> Match:
    """A turn that fits, as it is told."""
    return Match(
        heard=heard,
        confidence=reading.probability,
        note=reading.note,
        quote=reading.quote or quote(heard),
        start_s=heard.turn.start_s - reading.before_s,
    )


def _absent(turns: Sequence[Heard], likeliest: float) -> Match | None:
    """The last of these turns, marked as the place where something was missing."""
    if not turns:
        return None
    last = turns[-1]
    return Match(last, 1.0 - likeliest, "never found", quote(last), last.turn.start_s, absent=True)


def _in_order(matches: Sequence[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: match.heard.index)


def _before(rule: TurnRule, turn: Heard) -> bool:
    return rule.from_s is not None and turn.turn.start_s < rule.from_s


def _beyond(rule: TurnRule, start_s: float, number: dict[str, int]) -> bool:
    """Whether a turn that starts then, after so many turns of each role, is past the place that the rule names."""
    seconds = [bound for bound in (rule.first_s, rule.until_s) if bound is not None]
    if any(start_s >= bound for bound in seconds):
        return True
    return rule.first_turns is not None and turns_before(rule, number) >= rule.first_turns


def _from_the_end(rule: TurnRule, scene: Scene, heard: Heard) -> bool:
    """Whether a turn is where the rule says, counted from the end of the call or by its length."""
    end_s = max(turn.turn.end_s for turn in scene.turns)
    start_s = heard.turn.start_s
    if rule.last_s is not None and start_s < end_s - rule.last_s:
        return False
    if rule.first_share is not None and start_s > rule.first_share * end_s:
        return False
    if rule.last_share is not None and start_s < (1 - rule.last_share) * end_s:
        return False
    if rule.last_turns is None:
        return True
    after = [turn for turn in scene.turns[heard.index + 1 :] if not turn.backchannel]
    return sum(rule.role in ("either", turn.turn.speaker) for turn in after) < rule.last_turns
