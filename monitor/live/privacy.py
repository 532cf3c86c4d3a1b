"""Personal data leaves a live call as little as a recorded one: every event is redacted before anybody is told.

A recording is redacted when all of it is known. Here a number may be dictated over several turns, of which the first are
told before the last are spoken: a number with which a speaker stops is hidden until the next turn shows what it is, and a turn
that is seen to belong to a longer number is told anew.
"""

from monitor.live.events import (
    CallStarted,
    Event,
    LanguageFound,
    MomentFound,
    MomentRevised,
    PartialWords,
    TroubleCounted,
    TurnSettled,
)
from monitor.records import ReadTurn
from monitor.redact import hide_numbers, redact_talk, redact_text

LOOKED_BACK = 12
"""So many turns are looked at together; a dictated number goes over a few."""


class Redactor:
    """Redacts the events of one call, in their order."""

    def __init__(self) -> None:
        self._language = ""
        self._turns: dict[int, ReadTurn] = {}
        """The last turns as they were said, by index, without timed words and voice."""
        self._told: dict[int, str] = {}

    def redacted(self, event: Event) -> list[Event]:
        """The event as others may have it, and earlier turns that are now seen otherwise."""
        match event:
            case CallStarted():
                self._language = event.language or self._language
                # A key such as "phone" says what its value is.
                metadata = {
                    key: redact_text(f"{key}: {value}", self._language).removeprefix(f"{key}: ")
                    for key, value in event.metadata.items()
                }
                return [event.model_copy(update={"metadata": metadata})]
            case LanguageFound():
                self._language = event.language
            case PartialWords():
                return [event.model_copy(update={"text": hide_numbers(event.text, self._language)})]
            case TroubleCounted():
                return [event.model_copy(update={"text": redact_text(event.text, self._language)})]
            case TurnSettled():
                return self._turn(event)
            case MomentFound() | MomentRevised():
                _, (moment,) = redact_talk(list(self._turns.values()), [event.moment], self._language)
                return [event.model_copy(update={"moment": moment})]
        return [event]

    def _turn(self, event: TurnSettled) -> list[Event]:
        turn = event.turn.model_copy(update={"words": (), "voice": None})
        self._turns[turn.index] = turn
        for index in sorted(self._turns)[:-LOOKED_BACK]:
            del self._turns[index]
            self._told.pop(index, None)
        ordered = [self._turns[index] for index in sorted(self._turns)]
        turns, _ = redact_talk(ordered, [], self._language)
        told = [one for one in turns if one.index == turn.index or self._told.get(one.index) != one.text]
        self._told |= {one.index: one.text for one in turns}
        return [event.model_copy(update={"turn": one}) for one in told]
