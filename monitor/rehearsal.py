"""Rules tried out on calls: what a rule would flag, and what it would flag if it were a little looser."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from audio.facts import Fact
from monitor.acts.names import ACTS_OF
from monitor.analyze import Analyzer, HeardCall
from monitor.kept import kept_of
from monitor.moments.custom import CustomKinds
from monitor.moments.custom_calls import Match
from monitor.moments.custom_turns import Encoder
from monitor.moments.scene import Heard, Scene, is_backchannel
from monitor.records import CallReport, Moment, ReadTurn
from monitor.redact import redact
from monitor.rules import Rules
from monitor.sentences import split_sentences

NEAR_CONFIDENCE = 0.15
"""So far below a built-in kind's threshold a candidate counts as a near miss."""


class Rehearsal(Fact):
    """What one rule makes of one call, personal data redacted."""

    call_id: str
    rule: str
    found: tuple[Moment, ...]
    near_misses: tuple[Moment, ...]
    """What just fails; `why` says by what."""


def rehearse(name: str, report: CallReport, rules: Rules, encoder: Encoder) -> Rehearsal:
    """Tries a rule of the user's own on a call that has been read; its acts and levels are taken as they are.

    Args:
        name: of the rule.
        report: the call; where it is not redacted yet, what comes out is.
        rules: the rules in force.
        encoder: gives the meanings of sentences.
    """
    rule = rules.custom[name].model_copy(update={"enabled": True})
    custom = CustomKinds(rules.model_copy(update={"custom": {name: rule}}), encoder)
    scene = Scene(report.language)
    found: dict[str, Moment] = {}
    for turn in report.turns:
        if turn.speaker == "customer":
            scene.level = turn.frustration or 0.0
        scene.turns.append(_heard(turn, report.language, encoder))
        found.update({finding.id: finding.moment for finding in custom.hear(scene, scene.turns[-1])})
    found.update({finding.id: finding.moment for finding in custom.close(scene)})
    near = [_near_miss(name, match) for kind in custom.kinds for match in kind.near_misses(scene)]
    return _redacted(name, report, list(found.values()), near)


def rehearse_kind(name: str, call: HeardCall, analyzer: Analyzer) -> Rehearsal:
    """Tries a built-in kind on a call: judged anew, with thresholds just below those in force."""
    in_force = analyzer.rules
    rule = in_force.of(name)
    looser = rule.model_copy(
        update={
            "enabled": True,
            "missed_at": max(0.0, rule.missed_at - NEAR_CONFIDENCE),
            "handled_at": max(0.0, rule.handled_at - NEAR_CONFIDENCE),
        }
    )
    analyzer.rules = in_force.model_copy(update={"moments": {**in_force.moments, name: looser}})
    try:
        report = analyzer.judge(call)
    finally:
        analyzer.rules = in_force
    moments = [moment for moment in report.moments if moment.kind == name]
    sure = [m for m in moments if m.confidence >= (rule.missed_at if m.verdict == "missed" else rule.handled_at)]
    near = [
        moment.model_copy(update={"why": f"confidence {moment.confidence:.2f}: {moment.why}"})
        for moment in moments
        if moment not in sure
    ]
    return _redacted(name, report, sure, near)


def heard_again(report: CallReport) -> HeardCall:
    """A stored call as it was heard, before it was judged."""
    kept = kept_of(report)
    return HeardCall(call_id=report.call_id, facts=kept.facts, channels=report.channels)


def _heard(turn: ReadTurn, language: str, encoder: Encoder) -> Heard:
    acts = {name: turn.acts.get(name, 0.0) for name in ACTS_OF[turn.speaker]}
    vectors: NDArray[np.float32] = encoder.meanings(split_sentences(turn.text, language))
    return Heard(turn=turn, acts=acts, vectors=vectors, backchannel=is_backchannel(turn, acts))


def _near_miss(name: str, match: Match) -> Moment:
    turn = match.heard.turn
    return Moment(
        kind=name,
        verdict="missed",
        severity="minor",
        turn=turn.index,
        start_s=match.start_s,
        end_s=turn.end_s,
        confidence=round(match.confidence, 4),
        quote=match.quote,
        why=f"{match.note}.",
        opening_turn=turn.index,
    )


def _redacted(name: str, report: CallReport, found: list[Moment], near: list[Moment]) -> Rehearsal:
    def clean(moments: list[Moment]) -> Iterator[Moment]:
        ordered = sorted(moments, key=lambda moment: (moment.start_s, moment.end_s))
        yield from redact(report.model_copy(update={"moments": tuple(ordered)})).moments

    return Rehearsal(call_id=report.call_id, rule=name, found=tuple(clean(found)), near_misses=tuple(clean(near)))
