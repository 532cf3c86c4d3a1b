"""From a recording to facts: speech, words, speakers and turns; then the customer's voice and what sounds behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property, partial

from audio.ahead import load_ahead
from audio.bleed import without_bleed
from audio.channels import ChannelPlan
from audio.facts import CallFacts, Quality, Span, Turn, Word
from audio.meanwhile import Meanwhile
from audio.memory import give_back_freed_memory
from audio.ports import AudioReader, Diarizer, SideSpan, SoundTagger, Track, Transcriber
from audio.speakers import share_out
from audio.speech import find_speech
from audio.spool import Recording
from audio.turns import take_turns

SPEAKERS = 2
"""A call has two parties."""
AT_ONCE_S = 200.0
"""Words and speakers of so much speech are found at the same time: sooner, but in the memory of both. With more, one after the other."""

Progress = Callable[[str, float], None]
"""Called with the name of a stage (speech, words, speakers, voice, sounds) and the fraction of it that is done, 0 to 1."""


def _unheard(_stage: str, _fraction: float) -> None:
    pass


class Ears:
    """The models that hear, loaded when first needed and kept for the calls that follow.

    model: a Whisper size or the folder of a CTranslate2 model
    allow_hub: whether models that are not installed may be fetched
    threads: processor cores to use; all that this process may use if None
    transcriber, diarizer, tagger: used instead of the real ones
    """

    def __init__(
        self,
        *,
        model: str = "base",
        allow_hub: bool = False,
        threads: int | None = None,
        transcriber: Transcriber | None = None,
        diarizer: Diarizer | None = None,
        tagger: SoundTagger | None = None,
    ) -> None:
        self._model = model
        self._allow_hub = allow_hub
        self._threads = threads
        self._given = (transcriber, diarizer, tagger)

    @cached_property
    def transcriber(self) -> Transcriber:
        """Turns speech into words."""
        if self._given[0] is not None:
            return self._given[0]
        from audio.words import WhisperTranscriber

        return WhisperTranscriber(self._model, allow_hub=self._allow_hub, threads=self._threads)

    @cached_property
    def diarizer(self) -> Diarizer:
        """Tells the speakers of one channel apart."""
        if self._given[1] is not None:
            return self._given[1]
        from audio.speakers import PyannoteDiarizer

        return PyannoteDiarizer(threads=self._threads)

    @cached_property
    def tagger(self) -> SoundTagger:
        """Names the sounds behind the speech."""
        if self._given[2] is not None:
            return self._given[2]
        from audio.sounds import DistressTagger

        return DistressTagger()


def hear(
    recording: Recording,
    plan: ChannelPlan,
    ears: Ears,
    *,
    language: str | None = None,
    side: str | None = None,
    ahead: Sequence[Callable[[], None]] = (),
    progress: Progress = _unheard,
) -> CallFacts:
    """What is said by which side, in turns. A call without speech has no turns; that is no error.

    language: ISO 639-1 code, found from the speech if None
    side: whose the one voice of a one-sided recording is ("customer", "agent"); then nobody is told apart
    ahead: loads, in the background, what will be needed later. It is called once words are being recognised: that needs
        no Python, while an import would hold up the decoding of sound for seconds. In a long call of one channel it is
        called when the speakers are known, since telling them apart needs the memory
    Raises ModelMissing if a model is not installed, BadAudio if the recording cannot be read any more.
    """
    tracks = _speech(plan.tracks, progress)
    apart = len(tracks) == 1 and side is None and any(track.speech for track in tracks.values())
    telling = partial(_tell_apart, tracks, ears)
    in_turn = apart and _speech_s(tracks) > AT_ONCE_S
    # Recogniser and diarizer need nothing of each other, and neither keeps all cores busy to its end.
    with Meanwhile(telling) if apart and not in_turn else nullcontext() as speakers:
        if not in_turn:
            load_ahead(*ahead)
        progress("words", 0.0)
        transcripts = ears.transcriber.transcribe(
            list(tracks.values()), language=language, progress=lambda done: progress("words", done)
        )
        used = {"words": ears.transcriber.name}
        words: Mapping[str, Sequence[Word]] = {
            name: transcript.words for name, transcript in zip(tracks, transcripts, strict=True)
        }
        if side is not None and len(tracks) == 1:
            words = {side: transcripts[0].words}
        elif apart and transcripts[0].words:
            progress("speakers", 0.0)
            if speakers is None:
                give_back_freed_memory()
            found = (telling if speakers is None else speakers.result)(partial(progress, "speakers"))
            words = share_out(transcripts[0].words, found)
            progress("speakers", 1.0)
            used["speakers"] = ears.diarizer.name
    if in_turn:
        give_back_freed_memory()
        load_ahead(*ahead)
    return CallFacts(
        source=str(recording.source),
        language=transcripts[0].language,
        duration_s=recording.duration_s,
        layout=plan.layout,
        turns=take_turns(words),
        quality=Quality(
            partial=recording.lost_s > 0,
            lost_s=recording.lost_s,
            warnings=(*recording.warnings, *plan.warnings, *(() if any(words.values()) else ("Nobody speaks.",))),
        ),
        models=used,
    )


def hear_customer(
    recording: Recording,  # noqa: ARG001  (its readers are in the plan; it must stay open while they are read)
    plan: ChannelPlan,
    facts: CallFacts,
    side: str | None,
    ears: Ears,
    *,
    scores: bool = False,
    progress: Progress = _unheard,
) -> CallFacts:
    """The same facts with the voice of the customer's turns, and the sounds on the customer's side.

    side: the customer's side, None if nobody is; the other side's voice is never measured
    scores: whether every sound's likelihood by the second is wanted beside the events
    """
    from audio.voice import measure

    channel = plan.tracks.get(side or "") or next(iter(plan.tracks.values()))
    own = [turn for turn in facts.turns if turn.speaker == side]
    progress("voice", 0.0)
    voices = dict(zip((turn.index for turn in own), measure(channel, own), strict=True))
    progress("voice", 1.0)
    progress("sounds", 0.0)
    sounds = ears.tagger.tag(channel, [Span(start_s=turn.start_s, end_s=turn.end_s) for turn in own])
    progress("sounds", 1.0)
    return facts.model_copy(
        update={
            "turns": tuple(_voiced(turn, voices) for turn in facts.turns),
            "sounds": tuple(sounds),
            "sound_scores": tuple(ears.tagger.scores(channel)) if scores else (),
            "models": {**facts.models, "sounds": ears.tagger.name},
        }
    )


def _speech(readers: Mapping[str, AudioReader], progress: Progress) -> dict[str, Track]:
    tracks = {}
    for i, (side, channel) in enumerate(readers.items()):
        progress("speech", i / len(readers))
        tracks[side] = Track(channel, find_speech(channel))
    tracks = dict(zip(tracks, without_bleed(list(tracks.values())), strict=True))
    progress("speech", 1.0)
    return tracks


def _tell_apart(tracks: Mapping[str, Track], ears: Ears, progress: Callable[[float], None]) -> Sequence[SideSpan]:
    [track] = tracks.values()
    return ears.diarizer.diarize(track.channel, track.speech, speakers=SPEAKERS, progress=progress)


def _speech_s(tracks: Mapping[str, Track]) -> float:
    return sum(span.duration_s for track in tracks.values() for span in track.speech)


def _voiced(turn: Turn, voices: Mapping[int, object]) -> Turn:
    return turn.model_copy(update={"voice": voices[turn.index]}) if turn.index in voices else turn
