"""The customer's voice, turn by turn as the turns grow: each is measured against the turns before it, as in a recording."""

from copy import deepcopy

from audio.facts import Turn, Voice
from audio.ports import AudioReader
from audio.voice import VoiceMeter

_KEPT = 32
"""So many turns back a turn may still grow."""


class VoiceFollower:
    """Measures one speaker's turns; a turn that has grown is measured anew, from what was known before it."""

    def __init__(self) -> None:
        self._measured: list[tuple[int, float, float, Voice | None, VoiceMeter]] = []
        """Index, start, end and voice of the latest turns, and the meter as it was before each."""
        self._meter = VoiceMeter()

    def measure(self, reader: AudioReader, turn: Turn) -> Voice | None:
        """The voice of a turn; None where too little of it is voiced. Turns come in the order of their indexes."""
        for index, start_s, end_s, voice, _ in self._measured:
            if (index, start_s, end_s) == (turn.index, turn.start_s, turn.end_s):
                return voice
        while self._measured and self._measured[-1][0] >= turn.index:
            self._meter = self._measured.pop()[4]
        before = deepcopy(self._meter)
        voice = self._meter.measure(reader, turn.start_s, turn.end_s)
        self._measured = [*self._measured[1 - _KEPT :], (turn.index, turn.start_s, turn.end_s, voice, before)]
        return voice
