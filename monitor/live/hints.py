"""Hints for the agent while the call goes on: one sentence about the customer, made from what was heard and said.

A hint goes back to a sound, to what a turn of the customer does, to a step that was asked for again, or to a long wait; the
sentences are data (hints.toml). Nothing is said about the agent, and nothing is made up: what is quoted was spoken.
"""

import tomllib
from functools import cache
from pathlib import Path

from audio.facts import Sound
from monitor.live.events import (
    CallStarted,
    Event,
    HintGiven,
    HoldBegan,
    HoldEnded,
    LanguageFound,
    MomentFound,
    SoundHeard,
    TurnSettled,
)
from monitor.moments.base import clock
from monitor.records import Moment, ReadTurn

LIKELY = 0.5
"""A turn does what it more likely does than not; the dashboard names acts from here on, too."""
SOUND_S = 1.5
"""How long a sound lasts before it is worth a word, as for the moment (rules/kinds.toml: background_distress.sound_s)."""
QUIET_S = 30.0
"""No second hint with the same cause within this time: the agent needs some to act on the first."""
WAIT_S = 30.0
"""From this length on a hold is worth a word: three times the silence that makes a moment (unexplained_hold.silence_s)."""
QUOTED = 140
"""Characters that are quoted at most: an agent reads it at a glance."""


@cache
def sentences() -> dict[str, dict[str, dict[str, str]]]:
    """The sentences by cause and language."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


class Hinter:
    """Follows one call and says what the agent should know now. It is told events that have been redacted."""

    def __init__(self) -> None:
        self._language = "en"
        self._given_s: dict[str, float] = {}
        """By cause, the place in the call of its last hint."""
        self._turns: set[tuple[int, str]] = set()
        """Turns that gave a hint, with its cause; a turn that has grown, and is told anew, gives no second one."""
        self._done: ReadTurn | None = None
        """The last turn in which the customer said that something is done."""
        self._holding_since_s: float | None = None

    def hear(self, event: Event) -> list[HintGiven]:
        """Take an event in order; the hints that it gives rise to."""
        match event:
            case CallStarted() | LanguageFound() if event.language:
                self._language = event.language
            case SoundHeard():
                return self._sound(event, event.sound)
            case TurnSettled() if event.turn.speaker == "customer":
                return self._turn(event, event.turn)
            case MomentFound():
                return self._moment(event, event.moment)
            case HoldBegan():
                self._holding_since_s = event.start_s
            case HoldEnded():
                self._holding_since_s = None
            case _ if self._holding_since_s is not None and event.time_s - self._holding_since_s >= WAIT_S:
                since_s, self._holding_since_s = self._holding_since_s, None
                return self._give(event, "wait", "hold", since_s, seconds=round(event.time_s - since_s))
        return []

    def _sound(self, event: Event, sound: Sound) -> list[HintGiven]:
        return self._give(event, "sound", sound.label, sound.start_s) if sound.duration_s >= SOUND_S else []

    def _turn(self, event: Event, turn: ReadTurn) -> list[HintGiven]:
        likely = [act for act in sentences()["act"] if turn.acts.get(act, 0.0) >= LIKELY]
        if "already_done" in likely:
            self._done = turn
        if not likely or (turn.index, likely[0]) in self._turns:
            return []
        self._turns.add((turn.index, likely[0]))
        return self._give(event, "act", likely[0], turn.start_s, quote=turn.text)

    def _moment(self, event: Event, moment: Moment) -> list[HintGiven]:
        if moment.verdict != "missed" or self._done is None:
            return []
        return self._give(event, "again", moment.kind, self._done.start_s, quote=self._done.text)

    def _give(self, event: Event, group: str, cause: str, about_s: float, **values: object) -> list[HintGiven]:
        sentence = sentences()[group].get(cause)
        last_s = self._given_s.get(cause)
        if sentence is None or (last_s is not None and event.time_s - last_s < QUIET_S):
            return []
        self._given_s[cause] = event.time_s
        language = self._language if self._language in sentence else "en"
        quote = _short(str(values.pop("quote", "")))
        hint = HintGiven(
            call_id=event.call_id,
            time_s=event.time_s,
            id=f"{cause}@{about_s:.1f}",
            cause=cause,
            text=sentence[language].format(at=clock(about_s), quote=quote, **values),
            language=language,
            about_s=about_s,
        )
        return [hint]


def _short(text: str) -> str:
    return text if len(text) <= QUOTED else text[: QUOTED - 1].rstrip() + "…"
