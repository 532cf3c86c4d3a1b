"""One call as it is heard: sound to words, turns and sounds, and those to findings, which are told as they come."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from audio.facts import Sound, Turn
from audio.live.side import Job, Side
from audio.live.sounds import SoundFollower, StepTagger
from audio.live.turns import LiveTurns, Over
from audio.live.voice import VoiceFollower
from audio.ports import Transcriber, Transcript
from audio.spelling import join_words
from monitor.acts.reader import ActReader
from monitor.live.events import (
    CallEnded,
    CallStarted,
    Event,
    FrustrationMoved,
    LagMeasured,
    LanguageFound,
    MomentFound,
    MomentRevised,
    MomentWithdrawn,
    PartialWords,
    SoundHeard,
    TroubleCounted,
    TurnSettled,
)
from monitor.live.intake import Intake
from monitor.live.judging import Judged, LiveJudge
from monitor.records import FrustrationPoint, Moment, ReadTurn
from monitor.rules import Rules

LANGUAGE_S = 3.0
"""A language is taken as found from so much speech of one utterance on."""
GLANCE_S = 0.1
"""While nothing else happens, whether a turn is over is looked at this often."""
USUAL_S = 2.0
"""From the end of an utterance to its words on an idle machine: the pause that shows its end, and recognition."""
LAG_STEP_S = 1.0
"""The lag is told when it has changed by so much."""


@dataclass(frozen=True)
class Models:
    """What hears and understands; loaded when first used, and shared by all calls."""

    transcriber: Callable[[], Transcriber]
    tagger: Callable[[], StepTagger]
    reader: Callable[[str], ActReader]
    """A fresh reader for a call in a language."""
    quick: Callable[[], Transcriber] | None = None
    """The recogniser with two cores for an utterance: it takes two thirds of the time, and two fifths more work."""
    prepare: Callable[[], None] = lambda: None
    """Load everything now, so that the first call need not wait."""


class CallHearing:
    """A call that is being heard; all of it is used by one thread.

    language: ISO 639-1 of every call, where that is set
    """

    def __init__(
        self,
        intake: Intake,
        models: Models,
        rules: Rules,
        tell: Callable[[Event], None],
        *,
        language: str | None = None,
    ) -> None:
        self.intake = intake
        self.in_flight = 0
        self.models = models
        self._rules = rules
        self._tell = tell
        note = intake.note
        self.language = note.language or language
        self.sides: dict[str, Side] = {
            note.roles[track]: Side(note.roles[track], intake.recording, at) for at, track in enumerate(note.tracks)
        }
        self._tracks: dict[str, str] = {note.roles[track]: track for track in note.tracks}
        self._turns = LiveTurns(list(self.sides.values()))
        self._sounds = SoundFollower(models.tagger())
        self._voice = VoiceFollower()
        self._listened = False
        """Whether the call has ended and been listened to to its end."""
        self._judge: LiveJudge | None = None
        self._seen: tuple[object, ...] = ()
        self._glanced: tuple[object, ...] = ()
        self._told = _Told()
        self._told.troubles = _counts(TroubleCounted(call_id=note.call_id))
        tell(
            CallStarted(
                call_id=note.call_id,
                time_s=0.0,
                protocol=note.protocol,
                roles=note.roles,
                language=self.language,
                started_at=note.started_at,
                agent_name=note.metadata.get("agent"),
                team=note.metadata.get("team"),
                metadata=note.metadata,
                resumed=intake.resumed,
            )
        )

    @property
    def heard_s(self) -> float:
        """Up to where all that was said is known, in seconds from the call's start."""
        return min(side.time_s if side.open_since_s is None else side.open_since_s for side in self.sides.values())

    @property
    def lag_s(self) -> float:
        """How long ago what should be known by now, and is not, should have been known."""
        due = [side.due_s for side in self.sides.values() if side.due_s is not None]
        behind = [side.time_s for side in self.sides.values()]
        return max(0.0, self.intake.clock_s - min([*due, *behind, self.intake.clock_s]) - USUAL_S)

    def listen(self) -> bool:
        """Listen to what has come; returns whether there was anything new."""
        over = self.intake.ended
        until = {
            name: self.intake.clock_s if over else self.intake.heard_until_s(track)
            for name, track in self._tracks.items()
        }
        heard = [side.listen(until[name], over=over) for name, side in self.sides.items()]
        if over and not any(heard):
            for side in self.sides.values():
                side.finish()
            self._listened = True
        customer = self.sides["customer"]
        heard.append(self._sounds.listen(customer.excerpt(0.0, until["customer"]), over=over and not any(heard)))
        while self.intake.waiting:
            self._tell(self._dated(self.intake.waiting.popleft()))
        return any(heard)

    def jobs(self) -> list[Job]:
        """What could be recognised now."""
        jobs = [side.next_job(over=self.intake.ended) for side in self.sides.values()]
        return [job for job in jobs if job is not None]

    def breaths(self) -> list[Job]:
        """What could be recognised before it is certain that a pause has begun."""
        if self.intake.ended:
            return []
        return [job for side in self.sides.values() if (job := side.breath()) is not None]

    def impressions(self) -> list[Job]:
        """What could be recognised for show, when there is nothing else to do."""
        if self.language is None or self.intake.ended:
            return []
        return [job for side in self.sides.values() if (job := side.impression()) is not None]

    def start(self, job: Job) -> None:
        """The job is being done."""
        self.in_flight += 1
        self.sides[job.side].asked(job)

    def take(self, job: Job, done: "Future[Transcript]") -> bool:
        """A job was done, or raises what went wrong with it."""
        self.settle(job, done.result())
        return True

    def settle(self, job: Job, transcript: Transcript) -> None:
        """Take the words of a job."""
        side = self.sides[job.side]
        side.take(job, transcript.words)
        if self.language is None and transcript.words and self._long_enough(job):
            self.language = transcript.language
            self._tell(self._dated(LanguageFound(call_id=self.intake.note.call_id, language=self.language)))
        self._tell_guess(side)

    def judge(self, *, end: bool = False) -> bool:
        """Judge what is new and tell what is found; returns whether anything was new."""
        if (self.language is None or not self._has_moved()) and not end:
            return False
        over = self._turns.over(end=end)
        sounds = self._sounds.sounds
        seen = (tuple((one.turn.index, one.turn.end_s, one.turn.text) for one in over), tuple(sounds), end)
        if seen == self._seen or not (over or sounds):
            return False
        self._seen = seen
        if self._judge is None:
            language = self.language or "en"
            self._judge = LiveJudge(self.models.reader(language), self._rules, language)
        self._tell_findings(self._judge.judge([self._voiced(one) for one in over], sounds, end=end), sounds)
        self._turns.let_go(over)
        return True

    def _has_moved(self) -> bool:
        """Whether enough has happened since the last time that a turn may be over."""
        sides = self.sides.values()
        state = (*((len(side.words), side.open_since_s) for side in sides), int(self.intake.clock_s / GLANCE_S))
        moved = state != self._glanced
        self._glanced = state
        return moved

    def tell_state(self) -> bool:
        """Tell how far behind the hearing is, and what was wrong with the stream, where that has changed."""
        lag_s = round(self.lag_s, 1)
        if abs(lag_s - self._told.lag_s) >= LAG_STEP_S or (lag_s == 0.0) != (self._told.lag_s == 0.0):
            self._told.lag_s = lag_s
            self._tell(self._dated(LagMeasured(call_id=self.intake.note.call_id, lag_s=lag_s)))
        troubles = self.intake.troubles()
        counts = _counts(troubles)
        if counts != self._told.troubles:
            self._told.troubles = counts
            self._tell(self._dated(troubles))
        return False

    def finished(self) -> bool:
        """Whether the call has ended, and all of it has been heard."""
        return self._listened and not self.in_flight and not self.jobs()

    def tell_end(self) -> None:
        """Tell that the call is over."""
        self.tell_state()
        duration_s = self.intake.recording.duration_s
        call_id = self.intake.note.call_id
        self._tell(CallEnded(call_id=call_id, time_s=self.heard_s, duration_s=duration_s, reason=self.intake.reason))

    def fail(self, sentence: str) -> None:
        """Hearing it live has failed; the recording goes on."""
        self._tell(self._dated(TroubleCounted(call_id=self.intake.note.call_id, text=sentence)))

    def _long_enough(self, job: Job) -> bool:
        return sum(span.duration_s for span in job.spans) >= LANGUAGE_S

    def _voiced(self, one: Over) -> Turn:
        """A turn with the customer's voice; the agent's is never measured."""
        if one.turn.speaker != "customer":
            return one.turn
        reader = self.sides["customer"].excerpt(0.0, one.turn.end_s)
        return one.turn.model_copy(update={"voice": self._voice.measure(reader, one.turn)})

    def _tell_guess(self, side: Side) -> None:
        words = side.guess
        text = join_words(word.text for word in words)
        if words and text != self._told.guesses.get(side.name):
            self._tell(
                self._dated(
                    PartialWords(
                        call_id=self.intake.note.call_id,
                        speaker="agent" if side.name == "agent" else "customer",
                        start_s=words[0].start_s,
                        end_s=words[-1].end_s,
                        text=text,
                    )
                )
            )
        self._told.guesses[side.name] = text

    def _tell_findings(self, found: Judged, sounds: list[Sound]) -> None:
        call_id, told = self.intake.note.call_id, self._told
        for sound in sounds:
            if told.sounds.get((sound.label, sound.start_s)) != sound:
                told.sounds[sound.label, sound.start_s] = sound
                self._tell(self._dated(SoundHeard(call_id=call_id, sound=sound)))
        for turn in found.turns:
            if told.turns.get(turn.index) != turn:
                told.turns[turn.index] = turn
                self._tell(self._dated(TurnSettled(call_id=call_id, turn=turn)))
        for point in found.points:
            if told.points.get(point.time_s) != point:
                told.points[point.time_s] = point
                self._tell(self._dated(FrustrationMoved(call_id=call_id, point=point)))
        for name, moment in found.moments.items():
            before = told.moments.get(name)
            if before is None:
                self._tell(self._dated(MomentFound(call_id=call_id, id=name, moment=moment)))
            elif before != moment:
                self._tell(self._dated(MomentRevised(call_id=call_id, id=name, moment=moment)))
        for name in told.moments.keys() - found.moments.keys():
            self._tell(self._dated(MomentWithdrawn(call_id=call_id, id=name)))
        told.moments = dict(found.moments)

    def _dated(self, event: Event) -> Event:
        """The event, told as of how far the call has been heard."""
        return event.model_copy(update={"time_s": round(self.heard_s, 3)})


def _counts(troubles: TroubleCounted) -> dict[str, object]:
    return troubles.model_dump(exclude={"at", "time_s"})


class _Told:
    """What has been told of a call."""

    def __init__(self) -> None:
        self.turns: dict[int, ReadTurn] = {}
        self.points: dict[float, FrustrationPoint] = {}
        self.sounds: dict[tuple[str, float], Sound] = {}
        self.moments: dict[str, Moment] = {}
        self.guesses: dict[str, str] = {}
        self.lag_s = 0.0
        self.troubles: dict[str, object] = {}
