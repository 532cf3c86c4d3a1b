"""One call as it comes in: its sound goes to disk at once, each sample to its place, and whoever hears it reads it there.

The connection writes, the hearing reads; what both touch is a few numbers and a queue, each of which is safe to share.
"""

import time
from collections import deque
from collections.abc import Callable

from audio.live.growing import GrowingRecording
from monitor.live.events import Event, HoldBegan, HoldEnded, TroubleCounted, now
from monitor.live.protocols import Media, Skipped
from monitor.live.protocols.signals import HoldBegan as Holds
from monitor.live.protocols.signals import HoldEnded as Resumes
from monitor.live.spool import Note, Spool
from monitor.live.timeline import Timeline

_BEHIND_CLOCK_S = 1.0
"""While a stream pauses, the call is taken to go on up to so long ago: what comes afterwards must not be behind that."""


class Intake:
    """A call that is coming in.

    clock: seconds, monotonic
    """

    def __init__(self, spool: Spool, note: Note, *, resumed: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.note = note
        self.resumed = resumed
        self.recording: GrowingRecording = spool.recording(note)
        self.waiting: deque[Event] = deque()
        """Events that the hearing is to tell in their turn."""
        self.ended = False
        self.reason = ""
        self.owner: object = None
        """The connection that brings it; None while there is none."""
        self._clock = clock
        self._spool = spool
        self._timeline = Timeline(note.rate_hz, note.tracks, start=self.recording.frames)
        self._offset = 0
        self._began = clock() - (now() - note.started_at).total_seconds()
        self._held_at: float | None = None
        self._resuming = False
        self._hold_s = 0.0

    @property
    def clock_s(self) -> float:
        """How far the call has come, in seconds of sound."""
        return self._timeline.newest / self.note.rate_hz

    def heard_until_s(self, track: str) -> float:
        """How far a track can be heard, in seconds from the start of the call."""
        return self._timeline.front(track) / self.note.rate_hz

    def connect(self, owner: object, *, new_stream: bool) -> None:
        """A connection brings the call; a new stream of it starts where the call is now, by the clock on the wall."""
        self.owner = owner
        self.hold(Resumes())
        if new_stream:
            gone = max(self._clock() - self._began, self.clock_s)
            self._offset = round(gone * self.note.rate_hz)

    def place_s(self, place: int) -> float:
        """The place in the call, in seconds, of a place in the stream, in samples."""
        return (self._offset + place) / self.note.rate_hz

    def take(self, media: Media) -> None:
        """Write sound to its place. Raises HeardError where the disk is full."""
        if self._resuming:
            self._go_on(media.first)
        track = self.note.tracks.index(media.track)
        for piece in self._timeline.place(media.track, self._offset + media.first, media.samples, number=media.number):
            self.recording.write(track, piece.first, piece.samples)

    def _go_on(self, first: int) -> None:
        """The first sound after a hold: what is before it is silence; a sender that does not count the hold goes on from now."""
        newest = self._timeline.newest
        self._offset += max(0, newest - self._offset - first)
        self._timeline.skip(newest, self._offset + first)
        self._resuming = False

    def skip(self, skipped: Skipped) -> None:
        """Note sound that was left out on purpose: silence in its place."""
        self._timeline.skip(self._offset + skipped.first, self._offset + skipped.last)
        self.recording.lengthen(self._timeline.newest)

    def hold(self, signal: Holds | Resumes) -> None:
        """The customer waits, or waits no longer."""
        if isinstance(signal, Holds) and self._held_at is None:
            self._held_at, self._hold_s = self._clock(), self.clock_s
            self.waiting.append(HoldBegan(call_id=self.note.call_id, start_s=self._hold_s))
        elif isinstance(signal, Resumes) and self._held_at is not None:
            self._held_at, self._resuming = None, True
            self.waiting.append(HoldEnded(call_id=self.note.call_id, start_s=self._hold_s, end_s=self.clock_s))

    def tick(self) -> None:
        """Time goes on while the stream pauses; call it now and then."""
        if self._held_at is not None:
            gone_s = self._clock() - self._held_at - _BEHIND_CLOCK_S
            if gone_s > 0:
                self._timeline.advance(round((self._hold_s + gone_s) * self.note.rate_hz))

    def end(self, reason: str, *, finished: bool) -> None:
        """No more sound will come."""
        if self.ended:
            return
        self.hold(Resumes())
        self.recording.lengthen(self._timeline.newest)
        self.recording.finish()
        self._spool.update(self.note.call_id, state="ended", finished=finished, lost_s=self.troubles().lost_s)
        self.reason = reason
        self.ended = True

    def troubles(self) -> TroubleCounted:
        """What was wrong with the stream so far."""
        found = self._timeline.troubles
        return TroubleCounted(
            call_id=self.note.call_id,
            lost_s=round(found.lost_samples / self.note.rate_hz, 3),
            gaps=found.gaps,
            duplicates=found.duplicates,
            reordered=found.reordered,
            late=found.late,
        )
