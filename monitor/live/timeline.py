"""Where the sound of a stream belongs in the call: counted in samples, whatever order it comes in.

Every track has a front: up to there the sound is known, or will not come any more. What lies behind a gap waits a moment for the
gap to fill; then the gap stays silent, and is counted as lost. Times are kept by the samples' own places, never by when they
came, so the sound and the call cannot drift apart.
"""

from dataclasses import dataclass, field

from audio.g711 import Pcm

WAIT_S = 0.3
"""How long a gap may wait to be filled, in seconds of later sound: more than any jitter buffer holds."""
PAUSE_S = 1.0
"""A leap of this length that skips no message is a pause of the sender's, not a loss."""


@dataclass
class Troubles:
    """What was wrong with a stream so far."""

    lost_samples: int = 0
    gaps: int = 0
    duplicates: int = 0
    reordered: int = 0
    late: int = 0


@dataclass(frozen=True)
class Piece:
    """Samples and their place in the call."""

    first: int
    samples: Pcm


@dataclass
class _Track:
    front: int = 0
    """Up to here nothing more is waited for."""
    newest: int = 0
    number: int | None = None
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Stretches before `newest` that have not come, and may still."""
    lost: list[tuple[int, int]] = field(default_factory=list)
    """The latest of those that were given up."""


_LOST_KEPT = 64


class Timeline:
    """The tracks of one call.

    rate_hz: samples in a second
    tracks: their names
    start: where the call is already heard up to, in samples, when it is continued
    """

    def __init__(self, rate_hz: int, tracks: tuple[str, ...], *, start: int = 0) -> None:
        self.rate_hz = rate_hz
        self.troubles = Troubles()
        self._tracks = {name: _Track(front=start, newest=start) for name in tracks}

    @property
    def newest(self) -> int:
        """The end of the latest sound of all tracks, in samples."""
        return max(track.newest for track in self._tracks.values())

    def front(self, name: str) -> int:
        """Up to where a track can be heard: all that is before has come, or will not."""
        track = self._tracks[name]
        return max(track.front, self.newest - round(WAIT_S * self.rate_hz))

    def place(self, name: str, first: int, samples: Pcm, *, number: int | None = None) -> list[Piece]:
        """Take sound that came; returns what of it is new, with its place. Troubles are counted.

        number: the sender's count of the track's messages, by which a pause is told from a loss
        """
        track = self._tracks[name]
        last = first + len(samples)
        paused = number is not None and track.number is not None and number == track.number + 1
        track.number = number if number is not None and number > (track.number or -1) else track.number
        if first >= track.newest:
            self._leap(track, first, paused)
            track.newest = last
            pieces = [Piece(first, samples)] if len(samples) else []
        else:
            pieces = self._behind(track, first, last, samples)
        self._settle(track)
        return pieces

    def skip(self, first: int, last: int) -> None:
        """The sender left out this stretch of all tracks on purpose."""
        for track in self._tracks.values():
            track.gaps = [gap for gap in track.gaps if gap[1] <= first or gap[0] >= last]
            if track.newest >= first - round(WAIT_S * self.rate_hz):
                track.newest = max(track.newest, last)
            self._settle(track)

    def advance(self, to: int) -> None:
        """Silence up to here: while the stream pauses, time goes on."""
        for track in self._tracks.values():
            track.newest = max(track.newest, to)
            self._settle(track)

    def _leap(self, track: _Track, first: int, paused: bool) -> None:
        """Sound that does not follow on what came before it."""
        missing = first - track.newest
        if missing <= 0 or (paused and missing >= PAUSE_S * self.rate_hz):
            return
        track.gaps.append((track.newest, first))

    def _behind(self, track: _Track, first: int, last: int, samples: Pcm) -> list[Piece]:
        """Sound of a place that was passed already: it fills a gap, comes too late for one, or is there already."""
        pieces = _cut(track.gaps, first, last, samples)
        late = _cut(track.lost, first, last, samples)
        track.gaps, track.lost = _without(track.gaps, first, last), _without(track.lost, first, last)
        if last > track.newest:
            pieces.append(Piece(track.newest, samples[track.newest - first :]))
            track.newest = last
        self.troubles.reordered += bool(pieces)
        self.troubles.late += bool(late)
        self.troubles.lost_samples -= sum(len(piece.samples) for piece in late)
        self.troubles.duplicates += not pieces and not late
        return [*pieces, *late]

    def _settle(self, track: _Track) -> None:
        """Give up gaps that have waited long enough."""
        limit = track.newest - round(WAIT_S * self.rate_hz)
        for gap in [gap for gap in track.gaps if gap[1] <= limit]:
            track.gaps.remove(gap)
            track.lost = [*track.lost, gap][-_LOST_KEPT:]
            self.troubles.gaps += 1
            self.troubles.lost_samples += gap[1] - gap[0]
        track.front = max(track.front, min((gap[0] for gap in track.gaps), default=track.newest))


def _cut(stretches: list[tuple[int, int]], first: int, last: int, samples: Pcm) -> list[Piece]:
    """The samples that fall into the stretches."""
    inside = [(max(first, begin), min(last, end)) for begin, end in stretches]
    return [Piece(begin, samples[begin - first : end - first]) for begin, end in inside if begin < end]


def _without(stretches: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """What is left of the stretches when one is taken out."""
    left = [part for begin, end in stretches for part in ((begin, min(end, first)), (max(begin, last), end))]
    return [(begin, end) for begin, end in left if begin < end]
