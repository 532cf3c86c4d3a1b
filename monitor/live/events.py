"""What happens in a live call, as it is told to everyone who listens: the store, subscribers, webhooks.

Written out, an event is one JSON object with `"schema": "heard.live/1"`, its `type`, and three things that all have:

    {"schema": "heard.live/1", "type": "moment.found", "call_id": "CA1", "time_s": 41.2, "at": "2026-03-01T09:30:41Z",
     "id": "repeated_instruction:7", "moment": {"kind": "repeated_instruction", "verdict": "missed", ...}}

`time_s` is how far the call had been heard when it was told, in seconds of sound from its start; `at` is the wall clock.
Turns, words, sounds and moments carry their own `start_s` and `end_s` on the same axis. A later event about the same thing
(the same turn index, the same moment id, the same label and start of a sound) replaces the earlier one.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Protocol

from pydantic import Field, TypeAdapter

from audio.facts import Fact, Sound
from monitor.records import FrustrationPoint, Moment, ReadTurn, Role, Summary

SCHEMA: Final = "heard.live/1"

MediaProtocol = Literal["twilio", "audiohook", "pcm"]


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class LiveEvent(Fact):
    """Base of all events."""

    schema_: Literal["heard.live/1"] = Field(default=SCHEMA, alias="schema")
    call_id: str
    time_s: float = 0.0
    """How far the call had been heard, in seconds from its start."""
    at: datetime = Field(default_factory=now)
    """Wall clock, UTC."""

    def to_json(self) -> str:
        """The event as JSON text, keyed as the schema says."""
        return self.model_dump_json(by_alias=True)


class CallStarted(LiveEvent):
    """A call is being heard; or is heard again, after its connection or the server was lost (`resumed`)."""

    type: Literal["call.started"] = "call.started"
    protocol: MediaProtocol
    roles: dict[str, Role] = Field(default_factory=dict)
    """By track of the stream, whose voice it is: {"inbound": "customer", "outbound": "agent"}; empty where not known yet."""
    language: str | None = None
    """ISO 639-1; None until it is known."""
    started_at: datetime | None = None
    agent_name: str | None = None
    team: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    """What else the stream's first message says of the call."""
    resumed: bool = False


class LanguageFound(LiveEvent):
    """The language of the call is known."""

    type: Literal["language.found"] = "language.found"
    language: str


class PartialWords(LiveEvent):
    """What a side is just saying; may change, and is replaced by the turn that settles. Told to whoever watches, never stored."""

    type: Literal["words.partial"] = "words.partial"
    speaker: Role
    start_s: float
    end_s: float
    text: str


class TurnSettled(LiveEvent):
    """A turn has ended and been read; told again with the same index where its text changes."""

    type: Literal["turn.settled"] = "turn.settled"
    turn: ReadTurn


class FrustrationMoved(LiveEvent):
    """The customer's level after a turn."""

    type: Literal["frustration.moved"] = "frustration.moved"
    point: FrustrationPoint


class SoundHeard(LiveEvent):
    """A sound behind the customer; while it goes on, told again with a later end."""

    type: Literal["sound.heard"] = "sound.heard"
    sound: Sound


class MomentFound(LiveEvent):
    """A moment is found. `id` is the finding's."""

    type: Literal["moment.found"] = "moment.found"
    id: str
    moment: Moment


class MomentRevised(LiveEvent):
    """What came of a moment is now seen otherwise."""

    type: Literal["moment.revised"] = "moment.revised"
    id: str
    moment: Moment


class MomentWithdrawn(LiveEvent):
    """A moment is none after all."""

    type: Literal["moment.withdrawn"] = "moment.withdrawn"
    id: str


class HoldBegan(LiveEvent):
    """The customer waits: the stream pauses, or says so."""

    type: Literal["hold.began"] = "hold.began"
    start_s: float


class HoldEnded(LiveEvent):
    """The customer waits no longer."""

    type: Literal["hold.ended"] = "hold.ended"
    start_s: float
    end_s: float


class HintGiven(LiveEvent):
    """A sentence for the agent, about the customer; made from data, text only."""

    type: Literal["hint.given"] = "hint.given"
    id: str
    cause: str
    """The sound, act or kind of moment that it is about."""
    text: str
    language: str
    about_s: float
    """The place in the call that it is about, in seconds."""


class LagMeasured(LiveEvent):
    """How far the hearing is behind the call."""

    type: Literal["lag.measured"] = "lag.measured"
    lag_s: float


class TroubleCounted(LiveEvent):
    """What was wrong with the stream so far, all counts from the start of the call."""

    type: Literal["trouble.counted"] = "trouble.counted"
    lost_s: float = 0.0
    """Sound that never came; silence stands in its place."""
    gaps: int = 0
    duplicates: int = 0
    reordered: int = 0
    late: int = 0
    text: str = ""
    """In plain words, where counts do not say it."""


class CallEnded(LiveEvent):
    """No more sound will come; the recording is analysed next."""

    type: Literal["call.ended"] = "call.ended"
    duration_s: float
    reason: str = ""


class CallAnalysed(LiveEvent):
    """The recording has been analysed: the report in the store now stands for what was found live."""

    type: Literal["call.analysed"] = "call.analysed"
    summary: Summary | None = None
    error: str = ""
    """Why there is no report, in one sentence; "" where there is one."""


Event = Annotated[
    CallStarted
    | LanguageFound
    | PartialWords
    | TurnSettled
    | FrustrationMoved
    | SoundHeard
    | MomentFound
    | MomentRevised
    | MomentWithdrawn
    | HoldBegan
    | HoldEnded
    | HintGiven
    | LagMeasured
    | TroubleCounted
    | CallEnded
    | CallAnalysed,
    Field(discriminator="type"),
]

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def parse_event(text: str | bytes) -> Event:
    """An event from its JSON text. Raises ValueError where it is none."""
    return _EVENT.validate_json(text)


class Outlet(Protocol):
    """Somewhere that events go."""

    def tell(self, event: Event) -> None:
        """Take an event; returns at once (what takes time is done elsewhere). Called by one thread at a time for one call."""
        ...

    def close(self) -> None:
        """Finish what was taken, within a few seconds."""
        ...
