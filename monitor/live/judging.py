"""Judges a call that goes on: always as if it were a recording that ends here, and without reading again what was read before.

Turns and sounds are handed over as they are known now. What has not changed since the last time is not judged again; where
a turn has grown, or a sound has gone on, the judging goes back to the state before it. So what is found live is, by
construction, what a recording of the same turns and sounds gives.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from audio.facts import Fact, Sound, Turn
from monitor.acts.features import Vector
from monitor.acts.reader import ActReader
from monitor.frustration import FrustrationFilter
from monitor.frustration.words import WordsModel
from monitor.listener import CONTEXT_TURNS, Listener, in_order
from monitor.moments.hints import shipped_hints
from monitor.records import FrustrationPoint, Moment, ReadTurn
from monitor.rules import Rules
from monitor.understanding import Understood, understand

KEPT = 60
"""So many events back something may still change: turns grow for seconds, sounds for a few minutes."""
_AS_TOLD = WordsModel(np.ones(1, np.float32), 0.0)


class Judged(Fact):
    """All that is found so far."""

    turns: tuple[ReadTurn, ...]
    points: tuple[FrustrationPoint, ...]
    moments: dict[str, Moment]
    """By the id of the finding."""


@dataclass
class _Meaning:
    """What was understood of one turn."""

    turn: Turn
    understood: Understood
    level: float


@dataclass
class _State:
    """The judging after so many events."""

    count: int
    listener: Listener
    moments: dict[str, Moment] = field(default_factory=dict)


class LiveJudge:
    """The judging of one call.

    Args:
        reader: a fresh reader for the call.
        rules: the rules in force.
        language: ISO 639-1 of the call.
    """

    def __init__(self, reader: ActReader, rules: Rules, language: str) -> None:
        self._reader = reader
        self._words = WordsModel.load()
        self._hints = shipped_hints()
        self._meanings: dict[int, _Meaning] = {}
        self._events: list[Turn | Sound] = []
        frustration = FrustrationFilter(self, words=_AS_TOLD)
        first = Listener(None, frustration, rules=rules, language=language, examples=reader)
        self._shared = [self, reader, self._hints, first.scene.hints, _AS_TOLD, rules]
        self._shared += [part for kind in first.kinds for part in (kind.rule, kind.graders)]
        self._states = [_State(0, first)]

    def features(self, turn: Turn) -> Vector:
        """The level that the words of a turn suggest, in the place of its features, shape (1,)."""
        return np.array([self._meanings[turn.index].level], np.float32)

    def judge(self, turns: Sequence[Turn], sounds: Sequence[Sound], *, end: bool = False) -> Judged:
        """What is found in these turns and sounds, which take the place of those of the last time.

        Args:
            turns: the turns that are over, from the call's start or from any turn on that has not changed.
            sounds: all sounds so far.
            end: whether the call has ended, so that what is open is settled.
        """
        state = self._before_changes(self._all(turns, sounds))
        for event in self._events[state.count :]:
            state = self._next(state, event)
            self._states = [*self._states[1 - KEPT :], state]
        if end:
            state = self._fork(state)
            state.moments.update({finding.id: finding.moment for finding in state.listener.close()})
        scene = state.listener.scene
        return Judged(
            turns=tuple(heard.turn for heard in scene.turns), points=tuple(state.listener.points), moments=state.moments
        )

    def _all(self, turns: Sequence[Turn], sounds: Sequence[Sound]) -> list[Turn | Sound]:
        first = turns[0].index if turns else 0
        known = [event for event in self._events if isinstance(event, Turn) and event.index < first]
        return in_order([*known, *turns], sounds)

    def _before_changes(self, events: list[Turn | Sound]) -> _State:
        """The latest state that holds nothing but events that have not changed; what changed longer ago stays as it was."""
        same = 0
        for before, now in zip(self._events, events, strict=False):
            if before is not now and before != now:
                break
            same += 1
        oldest = self._states[0].count
        if same < oldest:
            events = [*self._events[:oldest], *(event for event in events if event not in self._events[:oldest])]
            same = oldest
        self._events = events
        self._states = [state for state in self._states if state.count <= same]
        return self._states[-1]

    def _next(self, state: _State, event: Turn | Sound) -> _State:
        state = self._fork(state)
        if isinstance(event, Turn):
            findings = state.listener.hear_understood(event, self._understood(event, state.listener))
        else:
            findings = state.listener.hear(event)
        state.moments.update({finding.id: finding.moment for finding in findings})
        state.count += 1
        return state

    def _understood(self, turn: Turn, listener: Listener) -> Understood:
        """What the models make of a turn; read once, and again only where it has changed."""
        known = self._meanings.get(turn.index)
        if known is not None and (known.turn.speaker, known.turn.text) == (turn.speaker, turn.text):
            return known.understood
        self._reader.unhear(turn.index)
        self._meanings = {index: one for index, one in self._meanings.items() if turn.index - KEPT < index < turn.index}
        before = [heard.turn for heard in listener.scene.turns[-CONTEXT_TURNS:]]
        understood = understand(turn, before, self._reader, self._hints)
        level = self._words.level(self._reader.features(turn)) if turn.speaker == "customer" else 0.0
        self._meanings[turn.index] = _Meaning(turn, understood, level)
        return understood

    def _fork(self, state: _State) -> _State:
        """The same state, to be changed; models, rules and turns are shared."""
        listener = state.listener
        shared = [*self._shared, *listener.scene.turns]
        return _State(state.count, deepcopy(listener, {id(one): one for one in shared}), dict(state.moments))
