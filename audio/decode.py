"""Any recording -> 16 kHz samples on disk, streaming, with an account of what could not be decoded.

The timeline never shifts: where a stretch is lost, silence of the same length takes its place. How a loss is noticed
depends on the format. Containers with a clock (mp4, ogg, webm, flac) show a gap between two timestamps. In mp3 and
ADTS the clock only counts packets, so the length of a damaged stretch is told from its bytes. Damage inside raw PCM
cannot be noticed at all: every byte is a valid sample.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from audio.container import open_container, open_file, reraise_os
from audio.errors import BadAudio
from audio.spool import RATE_HZ, Recording, Spool

Progress = Callable[[float, float], None]
"""Called with the seconds done and the seconds there are in all (an estimate; 0 where there is none)."""

SHORTEST_S = 0.3
"""Below this there is not one syllable to hear."""

_COUNTS_PACKETS = {"wav", "w64", "aiff", "au", "mp3", "aac", "amr", "gsm"}
"""Containers without a clock of their own."""

_GAP_S = 0.05
"""Smallest jump of the clock that is filled: clocks of some containers tick in milliseconds and jitter."""

_DTX_GAP_S = 0.45
"""Opus sends a packet only every 0.4 s in silence when it saves bandwidth (RFC 7587, DTX): no loss."""

_LONGEST_GAP_S = 3_600.0
"""A longer jump is a broken clock, not a loss."""

_SHORT_BY_S = 0.25
"""Encoders pad and trim by up to a tenth of a second; only a larger shortfall means that the file broke off."""

_PROGRESS_EVERY_S = 5.0


def decode(path: Path, *, progress: Progress | None = None) -> Recording:
    """Decode a recording to 16 kHz, one channel for each in the file.

    Parameters
    ----------
    path:
        A file in any container and codec that FFmpeg knows: wav (PCM, float, µ-law, A-law), mp3, m4a, opus, ogg,
        flac, webm, mp4 and others, at any sample rate.
    progress:
        Told how far decoding has come, in seconds.

    Raises
    ------
    BadAudio
        The file cannot be opened, holds no sound, or holds nothing that can be decoded.
    """
    path = Path(path)
    with open_file(path) as file:
        decoder = _Decoder(path, file, progress)
        try:
            return decoder.run()
        except BaseException:
            decoder.close()
            raise


class _Decoder:
    """One pass over one file. `clock_s` is how much of the call has been written, silence for losses included."""

    def __init__(self, path: Path, file: BinaryIO, progress: Progress | None) -> None:
        self._path = path
        self._progress = progress
        self._container = open_container(path, file)
        self._stated_s = self._container.stated_s
        self._stream = self._container.stream
        self._context = self._stream.codec_context
        if self._context.name == "flac":
            # FLAC has a checksum in every frame: drop a frame that fails it instead of decoding it to noise.
            self._context.options = {"err_detect": "crccheck+explode"}
        self._counts_packets = not _COUNTS_PACKETS.isdisjoint(self._container.formats)
        self._spool: Spool | None = None
        self._resampler: Any = None
        self._resampled_from: tuple[str, str, int] | None = None
        self._layout = ""
        self._clock_s = 0.0
        self._clock_offset_s = 0.0
        self._lost_s = 0.0
        self._losses = 0
        self._pending_s = 0.0
        """Seconds of failed packets since the last good frame."""
        self._good_bytes = 0
        self._good_packets = 0
        self._reported_s = 0.0

    def close(self) -> None:
        """Let go of everything after a failure."""
        self._container.av.close()
        if self._spool is not None:
            self._spool.close()

    def run(self) -> Recording:
        total_s = self._stated_s or 0.0
        for packet in self._packets():
            self._hear(packet)
            if self._progress and self._clock_s - self._reported_s >= _PROGRESS_EVERY_S:
                self._reported_s = self._clock_s
                self._progress(self._clock_s, max(total_s, self._clock_s))
        recording = self._finish()
        if self._progress:
            self._progress(recording.duration_s, recording.duration_s)
        return recording

    def _packets(self) -> Iterator[Any]:
        import av

        packets = self._container.av.demux(self._stream)
        while True:
            try:
                yield next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError as error:
                reraise_os(error)
                return  # The container is broken from here on; the length in its header says how much is missing.

    def _hear(self, packet: Any) -> None:
        import av

        try:
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            reraise_os(error)
            self._miss(packet)
            return
        if frames and packet.size:
            self._good_bytes += packet.size
            self._good_packets += 1
        for frame in frames:
            if frame.is_corrupt:
                self._miss(packet)
            else:
                self._place(frame)

    def _miss(self, packet: Any) -> None:
        """Count a packet that failed; without a clock, silence takes its place at once."""
        if not packet.duration or packet.time_base is None:
            return
        lost_s = float(packet.duration * packet.time_base)
        if not self._counts_packets or self._spool is None:
            self._pending_s += lost_s
            return
        if self._good_packets:
            # A parser that finds no frame hands on all bytes up to the next one as a single packet.
            usual = self._good_bytes / self._good_packets
            lost_s *= max(1, round(packet.size / usual))
        self._fill(lost_s)

    def _place(self, frame: Any) -> None:
        """Write a frame where its time says, after silence if something before it was lost."""
        if self._spool is None:
            self._layout = frame.layout.name
            self._spool = Spool(frame.layout.nb_channels)
            if self._pending_s:
                self._fill(self._pending_s)
            self._clock_offset_s = (frame.time or 0.0) - self._clock_s
        elif not self._counts_packets and frame.time is not None:
            self._follow_clock(frame.time - self._clock_offset_s)
        self._pending_s = 0.0
        self._write(frame)
        self._clock_s += frame.samples / frame.sample_rate

    def _follow_clock(self, time_s: float) -> None:
        gap_s = time_s - self._clock_s
        if not -_LONGEST_GAP_S < gap_s < _LONGEST_GAP_S or gap_s < -1.0:
            self._clock_offset_s += gap_s  # The clock was set anew (joined files): carry on without a jump.
        elif gap_s > _GAP_S:
            quiet = self._context.name in ("opus", "libopus") and gap_s <= _DTX_GAP_S and not self._pending_s
            self._fill(gap_s, lost=not quiet)

    def _fill(self, gap_s: float, *, lost: bool = True) -> None:
        assert self._spool is not None
        self._drain()
        self._clock_s += gap_s
        self._spool.write_silence(max(0, round(self._clock_s * RATE_HZ) - self._spool.samples))
        if lost:
            self._lost_s += gap_s
            self._losses += 1

    def _write(self, frame: Any) -> None:
        import av

        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._resampled_from:
            self._drain()
            self._resampler = av.AudioResampler(format="s16", layout=self._layout, rate=RATE_HZ)
            self._resampled_from = form
        frame.pts = None
        self._spool_all(self._resampler.resample(frame))

    def _drain(self) -> None:
        """Get the last samples out of the resampler, and start a new one with the next frame."""
        if self._resampler is not None:
            self._spool_all(self._resampler.resample(None))
        self._resampler = None
        self._resampled_from = None

    def _spool_all(self, frames: list[Any]) -> None:
        assert self._spool is not None
        for frame in frames:
            size = frame.samples * self._spool.channels * 2
            self._spool.write(memoryview(frame.planes[0])[:size])

    def _finish(self) -> Recording:
        if self._spool is None:
            raise BadAudio(f"{self._path} holds nothing that can be decoded; export it again.")
        self._drain()
        self._spool.finish()
        found_s = self._spool.samples / RATE_HZ
        warnings = []
        if self._losses:
            places = "one place" if self._losses == 1 else f"{self._losses} places"
            warnings.append(f"{_told(self._lost_s)} s in {places} could not be decoded; silence stands in for them.")
        missing_s = max((self._stated_s or 0.0) - found_s, self._pending_s)
        if missing_s > _SHORT_BY_S or self._pending_s:
            warnings.append(
                f"The recording breaks off at {found_s:.1f} s; {_told(missing_s)} s after that are missing."
            )
            self._lost_s += missing_s
        if found_s < SHORTEST_S:
            raise BadAudio(f"{self._path} holds {found_s:.2f} s of sound, too short to hear anything.")
        if len(self._container.av.streams.audio) > 1:
            warnings.append(
                f"The file has {len(self._container.av.streams.audio)} sound tracks; one of them was heard."
            )
        recording = Recording(
            self._path,
            self._spool,
            source_rate_hz=self._context.sample_rate,
            codec=self._context.name,
            lost_s=round(self._lost_s, 3),
            warnings=tuple(warnings),
        )
        self._container.av.close()
        return recording


def _told(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}"
