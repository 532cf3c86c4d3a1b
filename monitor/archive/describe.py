"""What a manifest's row or a file's name tells of a call, in whatever spelling, as an `Item`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from audio.errors import BadInput, BadSettings
from monitor.settings import AgentSide
from monitor.store.job_records import Asked, Item
from monitor.store.records import CallDetails

FIELDS = {
    "source": ("source", "path", "file", "filename", "recording", "url"),
    "call_id": ("call_id", "id"),
    "agent": ("agent", "agent_name"),
    "team": ("team",),
    "start": ("start", "started_at", "start_time"),
    "direction": ("direction",),
    "agent_channel": ("agent_channel", "agent_side", "channel"),
    "language": ("language",),
}
"""Each thing that can be told of a call, and the names that it may go by."""

_SIDES = {"0": "left", "1": "right", **{side: side for side in get_args(AgentSide)}}
_DIRECTIONS = {"in": "inbound", "inbound": "inbound", "out": "outbound", "outbound": "outbound"}
_DIGITS = re.compile(r"(\d{4})[-_.]?(\d\d)[-_.]?(\d\d)(?:[T _-]?(\d\d)[-_.:h]?(\d\d)(?:[-_.:m]?(\d\d))?)?Z?")
"""20260131, 2026-01-31_09-30, 20260131T093000 and the like; ISO 8601 proper is read before."""


def field_of(name: str) -> str | None:
    """What a column or group of this name tells, None if nothing that is known."""
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next((field for field, names in FIELDS.items() if plain in names), None)


def describe(source: str, stamp: str, told: Mapping[str, Any], asked: Asked) -> Item:
    """The item, by fields of `FIELDS`; empty values tell nothing. `asked` holds for all calls that say nothing else.

    Raises BadInput where a value cannot be read.
    """
    told = {field: value for field, value in told.items() if value is not None and str(value).strip()}
    side = _one_of(_SIDES, told.get("agent_channel"), "agent's channel", source)
    own = {
        "call_id": _plain(told.get("call_id")),
        "agent": side,
        "language": _plain(told.get("language")),
    }
    return Item(
        source=source,
        stamp=stamp,
        asked=asked.model_copy(update={name: value for name, value in own.items() if value is not None}),
        details=CallDetails(
            started_at=_time(told.get("start"), source),
            agent_name=_plain(told.get("agent")),
            team=_plain(told.get("team")),
            direction=_one_of(_DIRECTIONS, told.get("direction"), "direction", source),
        ),
    )


class NamePattern:
    """A regular expression whose named groups tell of a call what its path says.

    Raises BadSettings where it is none, or has no group that is known.
    """

    def __init__(self, pattern: str) -> None:
        try:
            self._expression = re.compile(pattern)
        except re.error as error:
            raise BadSettings(f"--name-pattern {pattern!r} is no regular expression: {error}.") from error
        fields = {name: field_of(name) for name in self._expression.groupindex}
        unknown = [name for name, field in fields.items() if field in (None, "source")]
        if unknown or not fields:
            known = ", ".join(field for field in FIELDS if field != "source")
            raise BadSettings(
                f"--name-pattern {pattern!r} needs named groups such as (?P<agent>...); there are {known}."
                if not unknown
                else f"--name-pattern has a group {unknown[0]!r}, which tells nothing of a call; there are {known}."
            )
        self._fields = {name: str(field) for name, field in fields.items()}

    def read(self, source: str) -> dict[str, str] | None:
        """What a path or URL tells, by fields of `FIELDS`; None where it does not fit the pattern."""
        found = self._expression.search(source.replace("\\", "/"))
        if found is None:
            return None
        return {self._fields[name]: value for name, value in found.groupdict().items() if value}


def _plain(value: Any) -> str | None:
    return None if value is None else str(value).strip()


def _one_of(words: Mapping[str, str], value: Any, what: str, source: str) -> str | None:
    if value is None:
        return None
    found = words.get(str(value).strip().lower())
    if found is None:
        raise BadInput(f"{source}: {str(value)!r} is no {what}; say one of {', '.join(words)}.")
    return found


def _time(value: Any, source: str) -> datetime | None:
    """A start time; UTC where no zone is told."""
    if value is None:
        return None
    try:
        read = value if isinstance(value, datetime) else _parsed(str(value).strip())
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput(f"{source}: {str(value)!r} is no start time; write it as 2026-01-31T09:30:00+01:00.") from None


def _parsed(text: str) -> datetime:
    if re.fullmatch(r"\d{10}|\d{13}", text):  # seconds or milliseconds since 1970
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = _DIGITS.fullmatch(text)
        if found is None:
            raise
        return datetime(*(int(part) for part in found.groups(default="0")))  # type: ignore[arg-type]
