"""What all protocols come down to: a stream opens, brings sound, may pause, and closes."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from audio.errors import BadStream
from audio.g711 import Pcm
from monitor.live.events import MediaProtocol
from monitor.records import Role

Message = TypeVar("Message", bound=BaseModel)

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""Call ids become names of files."""


class Said(BaseModel):
    """Base of the messages of a protocol; vendors add fields as time goes on, so unknown ones are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


@dataclass(frozen=True)
class Opened:
    """The stream says what it will bring."""

    call_id: str
    stream_id: str
    tracks: tuple[str, ...]
    roles: dict[str, Role]
    """By track, whose voice it is."""
    rate_hz: int
    language: str | None = None
    """ISO 639-1; None where the stream does not say."""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Media:
    """Sound of one track."""

    track: str
    samples: Pcm
    first: int
    """Place of its first sample in the stream, counted in samples from the stream's start."""
    number: int | None = None
    """The sender's own count of the track's messages; None where there is none."""


@dataclass(frozen=True)
class Skipped:
    """The sender left out sound on purpose: samples `first` to `last` (exclusive) of the stream."""

    first: int
    last: int


@dataclass(frozen=True)
class HoldBegan:
    """The stream pauses: nothing comes until it is resumed, and nothing is missing."""


@dataclass(frozen=True)
class HoldEnded:
    """The stream is resumed."""


@dataclass(frozen=True)
class Reply:
    """What has to be sent back."""

    text: str


@dataclass(frozen=True)
class Closed:
    """The sender has ended the stream, or (`over=False`) only this connection."""

    reason: str
    over: bool = True


Signal = Opened | Media | Skipped | HoldBegan | HoldEnded | Reply | Closed


class StreamReader(Protocol):
    """Reads the messages of one connection."""

    name: MediaProtocol

    def receive(self, message: str | bytes) -> Iterable[Signal]:
        """What a message says. Raises BadStream, with one sentence for the sender, where it is none of the protocol."""
        ...


def parse_json(text: str) -> dict[str, Any]:
    """A message's JSON object. Raises BadStream."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadStream("The message is not valid JSON; send one JSON object in each text message.") from error
    if not isinstance(value, dict):
        raise BadStream("The message is JSON, but no object; send one JSON object in each text message.")
    return value


def read_as(model: type[Message], value: object, what: str) -> Message:
    """A message of its kind. Raises BadStream, naming the first field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "it"
        raise BadStream(f"The {what} message cannot be read: {place}: {first['msg'].lower()}.") from error


def safe_id(text: str, what: str) -> str:
    """An id that may name a file. Raises BadStream."""
    if not _SAFE.fullmatch(text):
        raise BadStream(
            f"The {what} must be 1 to 128 letters, digits, dots, dashes or underscores, a letter or digit first."
        )
    return text


def language_of(code: str | None) -> str | None:
    """The ISO 639-1 code of a language tag such as en-US; None where there is none."""
    primary = (code or "").split("-")[0].lower()
    return primary if len(primary) == 2 and primary.isascii() and primary.isalpha() else None


def as_text(values: dict[str, Any]) -> dict[str, str]:
    """What a stream says beside the protocol, as short texts."""
    kept = list(values.items())[:32]
    return {str(key)[:64]: (value if isinstance(value, str) else json.dumps(value))[:512] for key, value in kept}
