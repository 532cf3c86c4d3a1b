"""The incremental core: hears turns and sounds in time order and keeps what was found so far.

A live call feeds a `Listener` as it goes; a recording is replayed through the same `Listener`, so both find the same.
"""

from collections.abc import Iterable
from typing import Protocol

from audio.facts import Fact, Sound, Turn
from monitor.moments.background_distress import BackgroundDistress
from monitor.moments.base import Finding, Observer
from monitor.moments.catalogue import kinds
from monitor.moments.custom import CustomKinds
from monitor.moments.custom_turns import Encoder
from monitor.moments.graders import Graders
from monitor.moments.hints import Hints, shipped_hints
from monitor.moments.scene import Heard, Scene
from monitor.records import FrustrationPoint, Moment, ReadTurn, Summary
from monitor.rules import Rules, default_rules
from monitor.summary import summarize
from monitor.understanding import Reader, Understood, understand

_ACTS_KEPT_FROM = 0.1
"""Acts below this probability are left out of the report; the judging itself sees them all."""
CONTEXT_TURNS = 12
"""How many earlier turns are handed to the reader: enough for its context features, and bounded."""


class FrustrationTracker(Protocol):
    """Follows the customer's frustration through a call."""

    def hear(self, turn: Turn, acts: dict[str, float]) -> FrustrationPoint | None:
        """The level after this turn; None for the agent's turns, whose feelings are never inferred."""
        ...

    def hear_sound(self, sound: Sound) -> None:
        """Takes notice of a sound of distress on the customer's side."""
        ...


class Findings(Fact):
    """All that was found in a call."""

    turns: tuple[ReadTurn, ...]
    frustration: tuple[FrustrationPoint, ...]
    moments: tuple[Moment, ...]
    """In the order of the turns that carry their flags."""
    summary: Summary


class Settled(Fact):
    """What need not be found in a call again."""

    kinds: frozenset[str] = frozenset()
    """Kinds that need not listen."""
    moments: tuple[Moment, ...] = ()
    """What they found."""
    turns: tuple[ReadTurn, ...] = ()
    """The turns as they were read; none where they are to be read again."""
    frustration: tuple[FrustrationPoint, ...] = ()
    """The curve that goes with them."""


class Listener:
    """Hears one call, event by event.

    Args:
        reader: reads the acts of a turn; `turn.speaker` must be "agent" or "customer". None where all turns have been
            understood already (`hear_understood`).
        frustration: follows the customer's level; a fresh one for each call.
        rules: windows, thresholds and severities; the package's own by default.
        graders, hints: learned weights of the kinds; the package's own by default.
        language: ISO 639-1 of the call.
        observe: told of every settled candidate with its features (training listens here).
        examples: gives the meaning of the rules' example sentences; the reader does, by default.
        settled: what was found in the same call before and stands: its kinds are not asked again, and where its turns are heard,
            its curve is that of the call.
    """

    def __init__(
        self,
        reader: Reader | None,
        frustration: FrustrationTracker,
        *,
        rules: Rules | None = None,
        graders: Graders | None = None,
        language: str = "en",
        hints: Hints | None = None,
        observe: Observer | None = None,
        examples: Encoder | None = None,
        settled: Settled | None = None,
    ) -> None:
        self.reader = reader
        self.frustration = frustration
        self.scene = Scene(language, hints=hints or shipped_hints())
        rules = rules or default_rules()
        self._settled = settled or Settled()
        self.points: list[FrustrationPoint] = [*self._settled.frustration]
        self.kinds = kinds(rules, graders, observe, but=self._settled.kinds)
        self.custom = CustomKinds(rules, examples or reader, but=self._settled.kinds)
        self._distress = frozenset(rules.of(BackgroundDistress.name).labels)
        self._moments: dict[str, Moment] = {}

    def hear(self, event: Turn | Sound) -> list[Finding]:
        """Listens to the next turn or sound and returns the moments that it settles or revises."""
        if isinstance(event, Sound):
            return self._keep(self._hear_sound(event))
        if self.reader is None:
            raise TypeError("A listener without a reader hears only turns that have been understood.")
        before = [heard.turn for heard in self.scene.turns[-CONTEXT_TURNS:]]
        return self.hear_understood(event, understand(event, before, self.reader, self.scene.hints))

    def hear_understood(self, turn: Turn, understood: Understood) -> list[Finding]:
        """The same for a turn that has been understood already: no reader is asked."""
        return self._keep(self._hear_turn(turn, understood))

    def close(self) -> list[Finding]:
        """Settles what is still open when the call ends."""
        findings = [finding for kind in self.kinds for finding in kind.close(self.scene)]
        return self._keep([*findings, *self.custom.close(self.scene)])

    def findings(self) -> Findings:
        """What was found so far."""
        found = [*self._settled.moments, *self._moments.values()]
        moments = tuple(sorted(found, key=lambda moment: (moment.turn or 0, moment.start_s, moment.kind)))
        return Findings(
            turns=tuple(heard.turn for heard in self.scene.turns),
            frustration=tuple(self.points),
            moments=moments,
            summary=summarize(self.scene, self.points, moments),
        )

    def _hear_turn(self, turn: Turn, understood: Understood) -> list[Finding]:
        heard = Heard(
            turn=self._read(turn, understood),
            acts=understood.acts,
            vectors=understood.vectors,
            vector=understood.vector,
            hints=understood.hints,
            worth=understood.worth,
            backchannel=understood.backchannel,
        )
        self.scene.turns.append(heard)
        custom = list(self.custom.hear(self.scene, heard))
        if heard.backchannel:
            return custom
        return [*(finding for kind in self.kinds for finding in kind.hear(self.scene, heard)), *custom]

    def _read(self, turn: Turn, understood: Understood) -> ReadTurn:
        """The turn with what it does and how frustrated the customer is in it; one that has been read stays as it is."""
        if isinstance(turn, ReadTurn):
            self.scene.level = self.scene.level if turn.frustration is None else turn.frustration
            return turn
        point = self.frustration.hear(turn, understood.acts)
        if point is not None and turn.speaker == "customer":
            self.points.append(point)
            self.scene.level = point.level
        return ReadTurn(
            **turn.__dict__,
            acts={name: round(p, 3) for name, p in understood.acts.items() if p >= _ACTS_KEPT_FROM},
            frustration=self.scene.level if turn.speaker == "customer" else None,
        )

    def _hear_sound(self, sound: Sound) -> list[Finding]:
        self.scene.sounds.append(sound)
        if sound.label in self._distress:
            self.frustration.hear_sound(sound)
        heard_by = [kind for kind in self.kinds if isinstance(kind, BackgroundDistress)]
        return [finding for kind in heard_by for finding in kind.hear_sound(self.scene, sound)]

    def _keep(self, findings: list[Finding]) -> list[Finding]:
        self._moments.update({finding.id: finding.moment for finding in findings})
        return findings


def replay(
    turns: Iterable[Turn],
    sounds: Iterable[Sound],
    *,
    reader: Reader,
    frustration: FrustrationTracker,
    rules: Rules | None = None,
    language: str = "en",
) -> Findings:
    """What a live listener would have found in a recorded call."""
    listener = Listener(reader, frustration, rules=rules, language=language)
    for event in in_order(turns, sounds):
        listener.hear(event)
    listener.close()
    return listener.findings()


def in_order(turns: Iterable[Turn], sounds: Iterable[Sound]) -> list[Turn | Sound]:
    """The events of a call as a listener hears them: turns by their number, each sound before the first turn after its onset."""
    events: list[tuple[float, int, Turn | Sound]] = []
    latest = 0.0
    for turn in sorted(turns, key=lambda turn: turn.index):
        latest = max(latest, turn.start_s)
        events.append((latest, 1, turn))
    events += [(sound.start_s, 0, sound) for sound in sounds]
    return [event for _, _, event in sorted(events, key=lambda event: event[:2])]
