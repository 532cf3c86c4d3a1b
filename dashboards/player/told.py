"""What the player is told about a call: everything as it is to be shown, in the reader's language."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from dashboards.catalogue import entries
from dashboards.context import Context
from dashboards.listening import Addresses
from dashboards.reasons import quoted, reason
from monitor.records import CallReport, Moment
from monitor.store import QueueRow, ReviewedMoment, Span, Waveform, overlaps, silences

CLIP_CONTEXT_S = 2.0
"""Heard before and after a moment in its clip."""
LISTEN_BEFORE_S = 1.0
"""Where listening to a moment begins, before it."""
LIKELY = 0.5
"""An act is shown from this probability on."""


def told(
    context: Context,
    row: QueueRow,
    report: CallReport,
    moments: Iterable[ReviewedMoment],
    *,
    open_at: float | None = None,
    hits: Iterable[int] = (),
) -> dict[str, Any]:
    """The player's data. `open_at` is the time to open at in seconds; `hits` are the turns with the words searched for."""
    addresses = None if row.layout == "transcript" else Addresses(report)
    found = set(hits)
    return {
        "call_id": report.call_id,
        "language": context.say.language,
        "duration_s": max(report.duration_s, 0.1),
        "audio": addresses and addresses.of(),
        "silent": "" if addresses else context.say("call.no_sound_transcript"),
        "open_at": open_at,
        "words": _words(context),
        "kinds": _kinds(context),
        "turns": [
            {
                "speaker": turn.speaker,
                "start_s": turn.start_s,
                "end_s": turn.end_s,
                "text": turn.text,
                "frustration": turn.frustration if turn.speaker == "customer" else None,
                "acts": [context.say.name("act", act) for act, likely in turn.acts.items() if likely >= LIKELY],
                "hit": position in found,
            }
            for position, turn in enumerate(report.turns)
        ],
        "curve": [point.model_dump(include={"time_s", "level", "low", "high"}) for point in report.frustration],
        "sounds": [
            {"name": context.say.name("sound", sound.label), "start_s": sound.start_s, "end_s": sound.end_s}
            for sound in report.sounds
        ],
        "holds": _pairs(silences(report)),
        "overlaps": _pairs(overlaps(report)),
        "outlines": outlines(context.store.waveform(report.call_id), row.agent_side, report),
        "moments": [_moment(context, report, moment, addresses) for moment in moments],
    }


def outlines(waveform: Waveform | None, agent_side: str | None, report: CallReport) -> dict[str, str] | None:
    """By role, the peaks as base64 of one byte each. A recording with one channel is shared out by who speaks."""
    if waveform is None:
        return None
    if waveform.sides == ("left", "right") and agent_side in waveform.sides:
        sides = dict(zip(waveform.sides, waveform.peaks, strict=True))
        customer_side = "right" if agent_side == "left" else "left"
        shares = {"agent": sides[agent_side], "customer": sides[customer_side]}
    else:
        whole = bytes(max(column) for column in zip(*waveform.peaks, strict=True))
        shares = {role: _while_speaking(whole, waveform.peaks_hz, report, role) for role in ("agent", "customer")}
    return {role: b64encode(peaks).decode() for role, peaks in shares.items()}


def _while_speaking(peaks: bytes, peaks_hz: float, report: CallReport, role: str) -> bytes:
    kept = bytearray(len(peaks))
    for turn in report.turns:
        if turn.speaker == role:
            first, last = int(turn.start_s * peaks_hz), int(turn.end_s * peaks_hz) + 1
            kept[first:last] = peaks[first:last]
    return bytes(kept)


def _moment(
    context: Context, report: CallReport, reviewed: ReviewedMoment, addresses: Addresses | None
) -> dict[str, Any]:
    say, show, moment = context.say, context.show, reviewed.moment
    at_s = flag_time(report, moment)
    verdict, severity = say.name("verdict", reviewed.verdict), say.name("severity", reviewed.severity)
    asked = f"asked.{reviewed.kind}"
    return {
        "subject": reviewed.subject,
        "origin": reviewed.origin,
        "kind": reviewed.kind,
        "verdict": reviewed.verdict,
        "severity": reviewed.severity,
        "decision": reviewed.decision,
        "decided": say.name("decision", reviewed.decision) if reviewed.decision else "",
        "title": title(context, reviewed.kind, reviewed.verdict),
        "state": verdict if reviewed.verdict == "handled" else f"{verdict} · {severity}",
        "turn": moment.turn,
        "at_s": at_s,
        "listen_s": max(0.0, min(moment.start_s, at_s) - LISTEN_BEFORE_S),
        "sure": _sure(context, reviewed),
        "quote": quoted(say, moment.quote),
        "why": _why(context, reviewed),
        "asked": say(asked) if asked in entries() else "",
        "came": _what_came(report, moment),
        "late": _when(context, reviewed),
        "comments": [
            {"who": one.reviewer, "when": show.time(one.at), "text": one.comment} for one in reviewed.comments
        ],
        "clip": addresses and addresses.of((moment.start_s - CLIP_CONTEXT_S, moment.end_s + CLIP_CONTEXT_S)),
    }


def title(context: Context, kind: str, verdict: str) -> str:
    """What happened, in plain words."""
    return context.say.name("kind_missed" if verdict == "missed" else "kind_met", kind)


def flag_time(report: CallReport, moment: Moment) -> float:
    """Where a moment is marked, in seconds: where it begins."""
    return min(max(0.0, moment.start_s), report.duration_s)


def _sure(context: Context, reviewed: ReviewedMoment) -> str:
    if reviewed.origin == "reviewer":
        return context.say("call.by_reviewer")
    return context.say("call.sure", sure=context.show.percent(reviewed.moment.confidence))


def _why(context: Context, reviewed: ReviewedMoment) -> str:
    """Why it was flagged as it was found; a moment that a reviewer added has the reviewer's own words."""
    moment = reviewed.moment
    if reviewed.origin == "reviewer":
        return moment.why
    latency_s = moment.response.latency_s if moment.response else None
    return reason(context.say, context.show, moment.kind, moment.verdict, moment.start_s, latency_s, moment.why)


def _what_came(report: CallReport, moment: Moment) -> str:
    """What the agent said to it: the response, else the turn that carries the flag."""
    turn = moment.response.turn if moment.response else moment.turn
    if turn is None or not 0 <= turn < len(report.turns) or report.turns[turn].speaker != "agent":
        return ""
    text = report.turns[turn].text
    return "" if text == moment.quote else f"“{text}”"


def _when(context: Context, reviewed: ReviewedMoment) -> str:
    response = reviewed.moment.response
    if response is not None:
        return context.say("call.late_by", seconds=context.show.seconds(max(0.0, response.latency_s)))
    return context.say("call.never") if reviewed.verdict == "missed" and reviewed.origin == "detector" else ""


def _pairs(spans: Iterable[Span]) -> list[list[float]]:
    return [[span.start_s, span.end_s] for span in spans]


def _words(context: Context) -> dict[str, str]:
    return {
        key.removeprefix("player."): entry[context.say.language]
        for key, entry in entries().items()
        if key.startswith("player.")
    }


def _kinds(context: Context) -> list[dict[str, str]]:
    """Every kind with what it is called when missed and when met; kinds that stand alone can only be met."""
    kinds = [key.removeprefix("kind.") for key in entries() if key.startswith("kind.")]
    return [
        {"kind": kind, "handled": title(context, kind, "handled")}
        | ({"missed": title(context, kind, "missed")} if f"asked.{kind}" in entries() else {})
        for kind in kinds
    ]
