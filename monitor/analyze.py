"""From a file to a report: the one place where ears, judgement and redaction meet.

recording  -> decode -> layout -> turns by side -> roles -> voice and sounds of the customer ─┐
transcript -> turns (roles given, or inferred) ───────────────────────────────────────────────┴-> judge -> redact
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from audio.errors import BadInput
from audio.facts import CallFacts, Fact, Turn, Waveform
from monitor.kept import Kept
from monitor.next_call import NextCall
from monitor.records import CallReport, Channels, Mention, Role
from monitor.settings import AgentSide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audio.channels import ChannelPlan
    from audio.hear import Ears
    from audio.spool import Recording
    from monitor.dialogue import DialogueEncoder
    from monitor.encoder import UseEncoder
    from monitor.listener import Settled
    from monitor.rules import Rules
    from monitor.settings import Settings

Progress = Callable[[str, float], None]
"""Told the name of a stage and the fraction of it that is done (0 to 1)."""


class Options(Fact):
    """What a user may say about one input."""

    language: str | None = None
    """ISO 639-1 code; found per call if None."""
    agent: AgentSide = "auto"
    """The side that the agent is on; inferred from what is said if "auto"."""
    channels: str | None = None
    """Which channels of a recording are the two parties: "0,1", "0" or "mix"."""
    side: Role | None = None
    """Whose voice a one-sided recording holds."""
    sound_scores: bool = False
    """Whether every sound's likelihood by the second is wanted beside the events."""
    call_id: str | None = None
    """The file's stem, or what a transcript says, if None."""


class HeardCall(Fact):
    """A call heard and its speakers told apart by role: all that judging needs."""

    call_id: str
    facts: CallFacts
    """`turns[].speaker` is "agent" or "customer"."""
    channels: Channels
    waveform: Waveform | None = None
    """None where there was no sound, only a transcript."""


class Examined(Fact):
    """A call's report, redacted, and what is kept beside it."""

    report: CallReport
    waveform: Waveform | None = None
    mentions: tuple[Mention, ...] = ()
    kept: Kept | None = None
    """What the call can be judged anew from, when a rule has changed."""


@dataclass(frozen=True)
class JudgedCall:
    """What came of judging a call that is kept."""

    report: CallReport
    kept: Kept
    mentions: Callable[[], tuple[Mention, ...]]
    """Finds the sentences that are counted across calls."""


EXPECTED = 8
"""So many of the next calls are looked at for what they will need."""


class Analyzer:
    """Analyses calls one after the other; each model is loaded when it is first needed, and once."""

    def __init__(self, settings: Settings) -> None:
        from monitor.rules import load_rules

        self.settings = settings
        self.rules = load_rules(settings.moments, settings.rules)
        self._ahead: list[Callable[[], None]] = [lambda: self.encoder.prepare(), lambda: self.dialogue.prepare()]
        """What is to be loaded while the first call is heard."""
        self._next = NextCall(self.hear)
        self._fingerprint: tuple[Rules, str] = self.rules, self.rules.fingerprint
        self._examples: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def analyze(self, path: Path, options: Options, progress: Progress = lambda *_: None) -> CallReport:
        """Everything there is to say about one recording or transcript, personal data redacted.

        Raises:
            BadInput: the input cannot be analysed; one sentence says why and what to do.
            ModelMissing: a model that is needed is not installed.
        """
        return self.examine(path, options, progress).report

    def examine(
        self,
        path: Path,
        options: Options,
        progress: Progress = lambda *_: None,
        *,
        then: tuple[Path, Options] | None = None,
    ) -> Examined:
        """The same, with the outline of the sound and the sentences that are counted across calls.

        then: the call that comes next, which is heard while this one is judged
        """
        heard = self._next.heard(path, options, progress)
        if then is not None:
            self._next.begin(*then)
        kept = self.understand(heard, progress)
        return self.rejudge(kept).model_copy(update={"waveform": heard.waveform})

    def close(self) -> None:
        """No call comes any more."""
        self._next.close()

    def expect(self, paths: Sequence[Path]) -> None:
        """Look at calls to come: where one has a single channel, the diarizer is loaded while an earlier one is heard."""
        from audio.container import states_one_channel
        from monitor.transcripts import is_transcript

        with suppress(Exception):  # whatever is wrong with a file is told when it is heard
            if any(states_one_channel(path) for path in paths[:EXPECTED] if not is_transcript(path)):
                self._ahead.append(self.ears.diarizer.prepare)

    def hear(self, path: Path, options: Options, progress: Progress = lambda *_: None) -> HeardCall:
        """What was said by whom, in what voice and before what background, without any judgement."""
        from monitor.transcripts import is_transcript

        if is_transcript(path):
            return self._read(path, options)
        from audio.decode import decode

        with decode(path, progress=_seconds("decoding", progress)) as recording:
            return self._listen(recording, options, progress)

    def judge(self, call: HeardCall, progress: Progress = lambda *_: None) -> CallReport:
        """Acts, frustration, moments and summary of a call that has been heard, personal data redacted."""
        return self.rejudge(self.understand(call, progress)).report

    def understand(self, call: HeardCall, progress: Progress = lambda *_: None) -> Kept:
        """What the models make of a call that has been heard: all that judging needs, personal data redacted."""
        from monitor.acts.reader import ActReader
        from monitor.judging import understand_call

        reader = ActReader(self.encoder, dialogue=self.dialogue, language=call.facts.language)
        facts = call.facts.model_copy(update={"models": {**call.facts.models, "acts": reader.name}})
        return understand_call(
            call.call_id,
            facts,
            call.channels,
            reader=reader,
            encoder=self.encoder,
            progress=lambda done: progress("judging", done),
        )

    def rejudge(self, kept: Kept) -> Examined:
        """Judges a call by the rules in force from what was kept of it."""
        judged = self.judge_kept(kept)
        return Examined(report=judged.report, mentions=judged.mentions(), kept=judged.kept)

    def judge_kept(self, kept: Kept, settled: Settled | None = None) -> JudgedCall:
        """The same; what is counted across calls is found when it is asked for.

        No model is loaded, but for the example sentences of rules of the user's own, and where what was kept was understood
        by other models than today's. What is settled is not found again.
        """
        from monitor.judging import judge_meanings
        from monitor.kept import Meanings
        from monitor.themes import mentions

        if not kept.fresh:
            kept = self.understand(HeardCall(call_id=kept.call_id, facts=kept.facts, channels=kept.channels))
            settled = None
        meanings = Meanings(kept)
        if self._fingerprint[0] is not self.rules:
            self._fingerprint = self.rules, self.rules.fingerprint
        report = judge_meanings(kept, meanings, self.rules, self, settled=settled, fingerprint=self._fingerprint[1])
        return JudgedCall(report, kept, partial(mentions, report, meanings))

    def meanings(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of the rules' example sentences, shape (len(sentences), dimension); they are encoded once."""
        asked = tuple(sentences)
        if asked not in self._examples:
            self._examples[asked] = self.encoder.encode(asked)
        return self._examples[asked]

    @cached_property
    def ears(self) -> Ears:
        """The models that hear: words, speakers, sounds."""
        from audio.hear import Ears

        return Ears(model=self.settings.model, allow_hub=self.settings.downloads)

    @cached_property
    def encoder(self) -> UseEncoder:
        """The model that understands sentences."""
        from monitor.encoder import UseEncoder

        return UseEncoder()

    @cached_property
    def dialogue(self) -> DialogueEncoder:
        """The model that reads calls along."""
        from monitor.dialogue import DialogueEncoder

        return DialogueEncoder()

    def _listen(self, recording: Recording, options: Options, progress: Progress) -> HeardCall:
        from audio.channels import find_layout
        from audio.hear import hear, hear_customer
        from audio.peaks import outline

        plan = find_layout(recording, channels=options.channels)
        if options.side and len(plan.tracks) > 1:
            raise BadInput(
                f"{recording.source} holds both sides of a call, one on each channel; leave out --side, "
                "or choose one channel with --channels."
            )
        facts = hear(
            recording,
            plan,
            self.ears,
            language=options.language,
            side=options.side,
            ahead=self._to_load(),
            progress=progress,
        )
        agent, confidence = self._find_agent(facts.turns, options)
        if options.side != "agent":
            customer = _other_side(agent, facts.turns, plan)
            facts = hear_customer(
                recording, plan, facts, customer, self.ears, scores=options.sound_scores, progress=progress
            )
        return HeardCall(
            call_id=options.call_id or recording.source.stem,
            facts=facts.model_copy(update={"turns": with_roles(facts.turns, agent)}),
            channels=Channels(
                layout=facts.layout,
                agent=None if options.side else agent,
                role_confidence=confidence,
            ),
            waveform=outline(plan.tracks),
        )

    def _read(self, path: Path, options: Options) -> HeardCall:
        from monitor.transcripts import read_transcript

        call = read_transcript(path)
        agent, confidence = None, 1.0
        turns = call.turns
        if not call.roles_known:
            agent, confidence = self._find_agent(turns, options)
            turns = with_roles(turns, agent)
        return HeardCall(
            call_id=options.call_id or call.call_id,
            facts=CallFacts(
                source=str(path),
                language=options.language or call.language or "",
                duration_s=call.duration_s,
                layout="transcript",
                turns=turns,
                sounds=call.sounds,
                quality=call.quality,
            ),
            channels=Channels(layout="transcript", agent=agent, role_confidence=confidence),
        )

    def _to_load(self) -> list[Callable[[], None]]:
        ahead, self._ahead = self._ahead, []
        return ahead

    def _find_agent(self, turns: tuple[Turn, ...], options: Options) -> tuple[str | None, float]:
        """The side that the agent is on and how sure that is; None where only the customer is heard."""
        from monitor.roles import infer_roles

        sides = list(dict.fromkeys(turn.speaker for turn in turns))
        if options.side:
            return ("agent" if options.side == "agent" else None), 1.0
        if options.agent == "auto" or not sides:
            return infer_roles(turns, self.encoder) if sides else (None, 0.0)
        if options.agent in ("left", "right"):
            if not set(sides) <= {"left", "right"}:
                raise BadInput(
                    f"--agent {options.agent} needs a recording with a channel for each party; "
                    "use --agent first or second, by who speaks first."
                )
            return options.agent, 1.0
        nth = 0 if options.agent == "first" else 1
        return (sides[nth] if nth < len(sides) else None), 1.0


def _other_side(agent: str | None, turns: tuple[Turn, ...], plan: ChannelPlan) -> str | None:
    """The customer's side: who speaks and is not the agent, else the channel that is not the agent's."""
    sides = [turn.speaker for turn in turns] + (list(plan.tracks) if agent in plan.tracks else [])
    return next((side for side in sides if side != agent), None)


def with_roles(turns: tuple[Turn, ...], agent: str | None) -> tuple[Turn, ...]:
    """The turns with sides replaced by roles."""
    return tuple(
        turn.model_copy(update={"speaker": "agent" if turn.speaker == agent else "customer"}) for turn in turns
    )


def _seconds(stage: str, progress: Progress) -> Callable[[float, float], None]:
    """Turns "seconds done, seconds in all" into a fraction of a stage."""
    return lambda done, total: progress(stage, min(1.0, done / total) if total else 0.0)
