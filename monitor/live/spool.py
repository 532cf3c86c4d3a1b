"""Live calls on disk: for each one a wav file that grows, and beside it what is known of the call.

Nothing but this is needed to analyse a call, so whatever becomes of the server, its calls are not lost.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from audio.errors import BadStream, HeardError
from audio.facts import Fact
from audio.live.growing import GrowingRecording
from monitor.live.events import MediaProtocol, now
from monitor.live.protocols import Opened
from monitor.records import Role

State = Literal["live", "ended", "analysed", "failed"]


class Note(Fact):
    """What is known of a call beside its sound."""

    call_id: str
    protocol: MediaProtocol
    tracks: tuple[str, ...]
    """The channels of the wav file, the agent's first."""
    roles: dict[str, Role]
    rate_hz: int
    language: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    started_at: datetime
    streams: tuple[str, ...] = ()
    """The streams that brought it; more than one if the connection was lost."""
    state: State = "live"
    finished: bool = False
    """Whether the sender said that the call is over."""
    lost_s: float = 0.0


class Spool:
    """The folder. Raises HeardError where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise HeardError(f"The folder for live calls, {folder}, cannot be made: {error.strerror}.") from error

    def audio(self, call_id: str) -> Path:
        """Where a call's sound is."""
        return self.folder / f"{call_id}.wav"

    def open(self, opened: Opened, protocol: MediaProtocol) -> Note:
        """The note of a call that begins, or that goes on; it is live from now on.

        Raises BadStream if a call of this id is over, or was streamed in another form.
        """
        tracks = tuple(sorted(opened.tracks, key=lambda track: opened.roles[track] != "agent"))
        before = self.read(opened.call_id)
        if before is None:
            note = Note(
                call_id=opened.call_id,
                protocol=protocol,
                tracks=tracks,
                roles=opened.roles,
                rate_hz=opened.rate_hz,
                language=opened.language,
                metadata=opened.metadata,
                started_at=now(),
                streams=(opened.stream_id,),
            )
        elif (before.protocol, before.tracks, before.rate_hz) != (protocol, tracks, opened.rate_hz):
            raise BadStream(
                f"The call {opened.call_id} has been streamed already, in another form; give it another id."
            )
        elif before.finished:
            raise BadStream(f"The call {opened.call_id} is over; a new call needs an id of its own.")
        else:
            known = before.streams[-1:] == (opened.stream_id,)
            streams = before.streams if known else (*before.streams, opened.stream_id)
            note = before.model_copy(update={"streams": streams, "state": "live"})
        self.write(note)
        return note

    def recording(self, note: Note) -> GrowingRecording:
        """A call's sound, to be written on."""
        return GrowingRecording(self.audio(note.call_id), rate_hz=note.rate_hz, tracks=len(note.tracks))

    def write(self, note: Note) -> None:
        """Keep what is known of a call; whole or not at all."""
        path = self._note(note.call_id)
        beside = path.with_suffix(".new")
        try:
            beside.write_text(note.model_dump_json(), encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise HeardError(f"{path} cannot be written: {error.strerror}; make room on the disk.") from error

    def read(self, call_id: str) -> Note | None:
        """What is known of a call; None where there is nothing, or nothing that can be read."""
        try:
            return Note.model_validate_json(self._note(call_id).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValidationError, UnicodeDecodeError):
            return None

    def update(self, call_id: str, **fields: object) -> None:
        """Note what has become of a call."""
        note = self.read(call_id)
        if note is not None:
            self.write(note.model_copy(update=dict(fields)))

    def unfinished(self) -> list[Note]:
        """Calls that have not been analysed, the oldest first."""
        notes = [self.read(path.stem) for path in self.folder.glob("*.json")]
        left = [note for note in notes if note is not None and note.state in ("live", "ended")]
        return sorted(left, key=lambda note: note.started_at)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """The folder for one server alone. Raises HeardError while another has it."""
        import fcntl

        path = self.folder / "server.lock"
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise HeardError(
                f"Another server spools its calls in {self.folder}; stop it, or name another folder."
            ) from None
        finally:
            with suppress(OSError):
                os.close(file)

    def _note(self, call_id: str) -> Path:
        return self.folder / f"{call_id}.json"
