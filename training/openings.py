"""What the graders learn from: the candidates that a call offers, and which of them the labellers took for moments."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from audio.facts import Sound, Turn
from monitor.listener import Listener, in_order
from monitor.moments.background_distress import BackgroundDistress
from monitor.moments.base import Finding, Kind, Observer, Opening
from monitor.moments.catalogue import KINDS, kinds
from monitor.moments.graders import Features, Grader, Graders, KindGraders
from monitor.moments.hints import Hints, LinearHints, NoHints, around
from monitor.moments.scene import Heard, Scene
from monitor.moments.window import WindowKind
from monitor.records import FrustrationPoint, Moment
from monitor.rules import Rules, default_rules
from training.calls import Call, LabelledMoment

CUES = {
    "unacknowledged_frustration": ("voices_frustration",),
    "repeat_contact": ("repeat_contact",),
    "unexplained_failure": ("asks_why", "asks_recurrence", "failure_recurred"),
    "unmet_need": ("voices_need",),
    "policy_shield": ("refuses", "cites_policy", "lacks_authority"),
    "background_distress": (),
}
"""The acts by which, of several turns that a labelled moment may go back to, the likeliest is chosen."""


@dataclass(frozen=True)
class Example:
    """One row for a grader."""

    call_id: str
    features: Features
    label: bool


class ScriptedReader:
    """Reads acts from a table and meanings from an encoder's cache."""

    def __init__(
        self,
        acts: dict[int, dict[str, float]],
        vectors: dict[str, NDArray[np.float32]],
        turn_vectors: dict[int, NDArray[np.float32]],
    ) -> None:
        self.acts = acts
        self.by_text = vectors
        self.by_turn = turn_vectors

    def read(self, turn: Turn, before: object) -> dict[str, float]:  # noqa: ARG002
        """The acts of the table."""
        return self.acts[turn.index]

    def vectors(self, text: str) -> NDArray[np.float32]:
        """The vectors of the cache."""
        return self.by_text[text]

    def turn_vector(self, turn: Turn) -> NDArray[np.float32]:
        """The vector of the table."""
        return self.by_turn[turn.index]


class ScriptedFrustration:
    """Levels from a table."""

    def __init__(self, levels: dict[int, float]) -> None:
        self.levels = levels

    def hear(self, turn: Turn, acts: dict[str, float]) -> FrustrationPoint | None:  # noqa: ARG002
        """The level of the table; None for the agent."""
        if turn.speaker != "customer":
            return None
        level = self.levels.get(turn.index, 0.0)
        return FrustrationPoint(time_s=turn.end_s, level=level, low=level, high=level)

    def hear_sound(self, sound: Sound) -> None:
        """Nothing: the table holds the level."""


def turns_of(call: Call) -> list[Turn]:
    """The turns of a labelled call as facts."""
    return [Turn(index=t.index, speaker=t.speaker, start_s=t.start_s, end_s=t.end_s, text=t.text) for t in call.turns]


def sounds_of(call: Call) -> list[Sound]:
    """The sounds of a labelled call as facts."""
    return [Sound(label=s.label, start_s=s.start_s, end_s=s.end_s, confidence=1.0) for s in call.sounds]


def listen(call: Call, reader: ScriptedReader, frustration: ScriptedFrustration, **options: object) -> Listener:
    """A listener that has heard the whole call."""
    listener = Listener(reader, frustration, language=call.language, **options)  # type: ignore[arg-type]
    for event in in_order(turns_of(call), sounds_of(call)):
        listener.hear(event)
    listener.close()
    return listener


_NOTHING = Grader(bias=-30.0, weights={})
BLANK: Graders = {kind.name: KindGraders(opening=_NOTHING, response=_NOTHING) for kind in KINDS}
"""Graders that never find anything, so that every candidate is followed to the end."""


@dataclass
class RehearsedScene(Scene):
    """A scene whose hints have been computed ahead."""

    scores: dict[tuple[int, int], NDArray[np.float32]] = field(default_factory=dict)

    def hint(self, head: str, heard: Heard, reaction: Heard | None = None) -> float:
        """The score computed ahead; 0 for a head that does not exist."""
        if not isinstance(self.hints, LinearHints) or head not in self.hints.rows:
            return 0.0
        return float(self.scores[heard.index, reaction.index if reaction else -1][self.hints.rows[head]])


class Rehearsal:
    """A call that is judged again and again: everything is computed once, only the graders and the rules change."""

    def __init__(self, call: Call, reader: ScriptedReader, frustration: ScriptedFrustration) -> None:
        self.call = call
        listener = listen(call, reader, frustration, graders=BLANK, hints=NoHints())
        heard = {turn.index: turn for turn in listener.scene.turns}
        events = in_order(turns_of(call), sounds_of(call))
        self.turns = listener.scene.turns
        self.events = [heard[event.index] if isinstance(event, Turn) else event for event in events]
        self._known: dict[str, dict[object, object]] = {kind.name: {} for kind in KINDS}
        self._scored: tuple[Hints, dict[tuple[int, int], NDArray[np.float32]]] | None = None

    def judge(
        self, graders: Graders, hints: Hints, rules: Rules | None = None, observe: Observer | None = None
    ) -> list[Moment]:
        """What these graders, hints and rules find in the call."""
        listening = kinds(rules or default_rules(), graders, observe)
        for kind in listening:
            _remember(kind, self._known[kind.name])
        scene = RehearsedScene(self.call.language, hints=hints, scores=self._scores(hints))
        found: dict[str, Moment] = {}
        for event in self.events:
            for kind in listening:
                found.update({finding.id: finding.moment for finding in _hear(kind, scene, event)})
        for kind in listening:
            found.update({finding.id: finding.moment for finding in kind.close(scene)})
        return list(found.values())

    def _scores(self, hints: Hints) -> dict[tuple[int, int], NDArray[np.float32]]:
        """All heads' scores of every turn, without and with the reaction to it, computed once for these hints."""
        if not isinstance(hints, LinearHints):
            return {}
        if self._scored is None or self._scored[0] is not hints:
            keys, rows = [], []
            for heard in self.turns:
                before = self.turns[heard.index - 1].vector if heard.index else None
                reaction = self.reaction(heard)
                for after in (None, reaction) if reaction else (None,):
                    keys.append((heard.index, after.index if after else -1))
                    rows.append(around(heard.vector, before, after.vector if after else None))
            self._scored = hints, dict(zip(keys, np.array(rows) @ hints.weights.T + hints.biases, strict=True))
        return self._scored[1]

    def reaction(self, heard: Heard) -> Heard | None:
        """The other side's next full turn, as the kinds wait for it."""
        for turn in self.turns[heard.index + 1 : heard.index + 5]:
            if not turn.backchannel and turn.agent != heard.agent:
                return turn
            if turn.index - heard.index > 3:
                break
        return None

    def candidates(self, hints: Hints) -> dict[str, list[Opening]]:
        """Every candidate of every kind, with the features of its opening and of the turns that might meet it."""
        seen: dict[str, list[Opening]] = {kind.name: [] for kind in KINDS}
        self.judge(BLANK, hints, observe=lambda kind, opening: seen[kind].append(opening))
        return seen


def _hear(kind: Kind, scene: Scene, event: Heard | Sound) -> list[Finding]:
    if isinstance(event, Sound):
        return list(kind.hear_sound(scene, event)) if isinstance(kind, BackgroundDistress) else []
    if event.index == len(scene.turns):
        scene.turns.append(event)
        scene.level = event.level if not event.agent else scene.level
    return [] if event.backchannel else list(kind.hear(scene, event))


def _remember(kind: Kind, known: dict[object, object]) -> None:
    """Makes a kind remember its features by the turns that they were computed for."""

    def remembering(name: str) -> Callable[..., object]:
        compute = getattr(kind, name)

        def look_up(scene: Scene, *heard: Heard | Opening | None) -> object:
            key = (name, *(turn.id if isinstance(turn, Opening) else turn and turn.index for turn in heard))
            if name == "response" and isinstance(heard[0], Opening):
                key = (*key, not heard[0].answers)
            if key not in known:
                known[key] = compute(scene, *heard)
            return known[key]

        return look_up

    for name in ("candidate", "opening", "response"):
        if hasattr(kind, name):
            setattr(kind, name, remembering(name))


def examples(call: Call, seen: dict[str, list[Opening]]) -> dict[tuple[str, str], list[Example]]:
    """Rows for the graders by (kind, "opening" or "response")."""
    rows: dict[tuple[str, str], list[Example]] = {}
    for kind in KINDS:
        labels = [moment for moment in call.moments if moment.kind == kind.name]
        found = seen[kind.name]
        pairs = window_pairs(found, labels) if issubclass(kind, WindowKind) else turn_pairs(found, labels)
        absorbed = _absorbed(found, pairs) if issubclass(kind, WindowKind) else set()
        rows[kind.name, "opening"] = [
            Example(call.call_id, opening.features, opening.id in pairs)
            for opening in found
            if opening.id not in absorbed
        ]
        rows[kind.name, "response"] = [
            Example(call.call_id, answer.features, met)
            for opening in found
            if opening.id in pairs
            for answer, met in _met(opening, pairs[opening.id])
        ]
    return rows


def turn_pairs(found: list[Opening], labels: list[LabelledMoment]) -> dict[str, LabelledMoment]:
    """Candidates whose own turn carries a label."""
    by_turn = {label.turn: label for label in labels}
    return {o.id: by_turn[o.turn.index] for o in found if o.turn is not None and o.turn.index in by_turn}


def window_pairs(found: list[Opening], labels: list[LabelledMoment]) -> dict[str, LabelledMoment]:
    """For each label the opening that it goes back to (only the flag's turn is labelled)."""
    pairs: dict[str, LabelledMoment] = {}
    for label in sorted(labels, key=lambda label: label.turn):
        fitting = [o for o in found if o.id not in pairs and _fits(o, label)]
        if not fitting:
            continue
        cued = [o for o in fitting if _cue(o, label.kind) >= 0.5]
        if label.verdict == "late":
            chosen = cued[-1] if cued else max(fitting, key=lambda o: _cue(o, label.kind))
        else:
            chosen = cued[0] if cued else max(fitting, key=lambda o: _cue(o, label.kind))
        pairs[chosen.id] = label
    return pairs


def _cue(opening: Opening, kind: str) -> float:
    names = CUES[kind]
    return opening.turn.act(*names) if opening.turn and names else 1.0


def _fits(opening: Opening, label: LabelledMoment) -> bool:
    inside = [answer.heard.index for answer in opening.answers if answer.in_window]
    after = [answer.heard.index for answer in opening.answers if not answer.in_window]
    if label.verdict == "missed":
        return bool(inside) and inside[0] == label.turn
    return label.turn in (inside if label.verdict == "handled" else after)


def _met(opening: Opening, label: LabelledMoment) -> list[tuple[object, bool]]:
    """The answers up to the one that met it, each with whether it did."""
    rows = []
    for answer in opening.answers:
        met = label.verdict != "missed" and answer.heard.index == label.turn
        if label.verdict == "missed" and not answer.in_window:
            break
        rows.append((answer, met))
        if met:
            break
    return rows  # type: ignore[return-value]


def _absorbed(found: list[Opening], pairs: dict[str, LabelledMoment]) -> set[str]:
    """Candidates inside the open window of a true opening: the same opening voiced again, neither example nor counterexample."""
    absorbed = set()
    for opening in found:
        if opening.id not in pairs:
            continue
        window = [a for a in opening.answers if a.in_window]
        met = pairs[opening.id].turn if pairs[opening.id].verdict == "handled" else None
        last = next((a for a in window if a.heard.index == met), window[-1] if window else None)
        if last is None:
            continue
        absorbed |= {
            o.id
            for o in found
            if o.id not in pairs and opening.start_s < o.start_s and o.start_s < last.heard.turn.start_s
        }
    return absorbed
