"""One live call: how frustrated the customer is, what is being said, what was missed and what would help."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape

from dashboards.context import Context
from dashboards.links import call_url, page_url
from dashboards.live_parts import LAG_S, ago, curve, heard_s, moment_name, moment_sign, state_chip
from dashboards.parts import chip, link
from dashboards.reasons import quoted, reason
from dashboards.theme import SYMBOLS
from monitor.store import LiveCall, LiveHint, LiveMoment, LiveView

SPANS_S = (60.0, 120.0, 300.0)
"""The timeline shows so many seconds: the shortest that hold the call, else the last of the longest."""
TURNS_SHOWN = 80
"""The transcript shows so many turns; the report will have them all."""
HINTS_SHOWN = 6


def call_html(context: Context, view: LiveView, now: datetime) -> Iterator[str]:
    """The parts of the page from top to bottom; each is renewed on the page only where it has changed."""
    yield _head(context, view.call, now)
    yield _note(context, view.call)
    yield _figures(context, view.call)
    yield _hint(context, view.hints, now)
    if view.turns or view.partials or view.moments or view.call.state in ("live", "lost"):
        yield _timeline(context, view, now)
        yield (
            f'<div class="live-columns"><div class="panel"><h2>{escape(context.say("live.transcript"))}</h2>'
            f"{_transcript(context, view)}</div>"
            f'<div class="panel"><h2>{escape(context.say("live.moments"))}</h2>{_moments(context, view.moments, now)}</div></div>'
        )


def _head(context: Context, call: LiveCall, now: datetime) -> str:
    say, show = context.say, context.show
    chips = [state_chip(context, call)]
    if call.state == "live" and call.lag_s >= LAG_S:
        chips.append(chip(f"{say('live.lag')} {show.seconds(call.lag_s)}", "warn", "!"))
    if call.trouble.lost_s >= 1.0:
        chips.append(chip(say("live.trouble", seconds=show.seconds(call.trouble.lost_s)), "warn", "!"))
    language = say.name("language", call.language) if call.language else None
    facts = [call.agent_name, call.team, language, show.time(call.started_at)]
    about = " · ".join(fact for fact in facts if fact)
    return (
        f'<div class="call live-call"><div class="crumb">{link(say("live.back"), page_url("live", {}))}</div>'
        f'<h1>{escape(call.call_id)} <span class="clock">{show.clock(heard_s(call, now))}</span> '
        f'<span class="chips">{"".join(chips)}</span></h1><p class="muted">{escape(about)}</p></div>'
    )


def _note(context: Context, call: LiveCall) -> str:
    """Where the call is not live: what becomes of it."""
    say = context.say
    if call.state == "analysed":
        way = f'<a class="button primary" href="{escape(call_url(call.call_id))}">{escape(say("live.open_report"))}</a>'
        return f'<div class="note"><span>{escape(say("live.over"))}</span>{way}</div>'
    if call.state in ("ended", "lost", "failed"):
        return f'<div class="note"><span>{escape(say(f"live.{call.state}_about", reason=call.reason))}</span></div>'
    return ""


def _figures(context: Context, call: LiveCall) -> str:
    say = context.say
    level = "–" if call.level is None else f"{call.level:.2f}"
    figures = (
        (say("live.now_level"), level, "", ""),
        (say("live.critical"), str(call.critical_missed), "bad" if call.critical_missed else "", SYMBOLS["critical"]),
        (say("live.minor"), str(call.minor_missed), "warn" if call.minor_missed else "", SYMBOLS["minor"]),
        (say("live.handled"), str(call.handled), "good" if call.handled else "", SYMBOLS["handled"]),
        (say("live.lag"), context.show.seconds(call.lag_s), "warn" if call.lag_s >= LAG_S else "", "!"),
    )
    cells = "".join(
        f'<div class="figure {tone}"><span class="label">{escape(label)}</span><span class="value">'
        f"{f'<i aria-hidden=true>{sign}</i> ' if tone else ''}{escape(value)}</span></div>"
        for label, value, tone, sign in figures
    )
    return f'<div class="scorecard">{cells}</div>'


def _hint(context: Context, hints: tuple[LiveHint, ...], now: datetime) -> str:
    """What the agent is told: the newest hint, and those before it."""
    if not hints:
        return ""
    newest, *earlier = list(reversed(hints))[:HINTS_SHOWN]
    older = "".join(f"<li><span>{context.show.clock(hint.about_s)}</span> {escape(hint.text)}</li>" for hint in earlier)
    before = (
        f"<details><summary>{escape(context.say('live.hints'))}</summary><ul>{older}</ul></details>" if older else ""
    )
    return (
        f'<div class="live-hint"><span class="label">{escape(context.say("live.hint"))} · '
        f"{escape(ago(context, newest.at, now))}</span><p>{escape(newest.text)}</p>{before}</div>"
    )


def _timeline(context: Context, view: LiveView, now: datetime) -> str:
    """Who spoke, the level with its band, sounds and moments, along the last minutes."""
    say = context.say
    end_s = max(heard_s(view.call, now), 1.0)
    length_s = next((span for span in SPANS_S if end_s <= span), SPANS_S[-1])
    span = (max(0.0, end_s - length_s), max(0.0, end_s - length_s) + length_s)

    def place(from_s: float, to_s: float) -> str:
        left = (max(from_s, span[0]) - span[0]) / length_s
        width = max(0.0, min(to_s, span[1]) - max(from_s, span[0])) / length_s
        return f"left:{100 * left:.2f}%;width:{100 * width:.2f}%"

    def spoken(role: str) -> str:
        turns = [(one.speaker, one.start_s, one.end_s) for one in view.turns]
        turns += [(one.speaker, one.start_s, one.end_s) for one in view.partials]
        return "".join(
            f'<i class="spoken {role}" style="{place(from_s, to_s)}"></i>'
            for speaker, from_s, to_s in turns
            if speaker == role and to_s > span[0]
        )

    holds = "".join(
        f'<i class="hold" style="{place(hold.start_s, end_s if hold.end_s is None else hold.end_s)}" '
        f'title="{escape(say("live.hold"))}"></i>'
        for hold in view.holds
        if hold.end_s is None or hold.end_s > span[0]
    )
    sounds = "".join(
        f'<span class="sound" style="{place(sound.start_s, sound.end_s)}">{escape(say.name("sound", sound.label))}</span>'
        for sound in view.sounds
        if sound.end_s > span[0]
    )
    marks = "".join(
        f'<span class="at" style="{place(one.moment.start_s, one.moment.start_s)}" '
        f'title="{escape(moment_name(context, one.moment))}">{moment_sign(one.moment)}</span>'
        for one in view.moments
        if one.moment.start_s >= span[0]
    )
    ticks = "".join(
        f'<span class="tick" style="left:{100 * (at - span[0]) / length_s:.2f}%">{context.show.clock(at)}</span>'
        for at in _ticks(span)
    )
    lanes = (
        ("", "ticks", ticks),
        (say("player.lane_customer"), "voice", holds + spoken("customer")),
        (say("player.lane_agent"), "voice", holds + spoken("agent")),
        (say("player.lane_curve"), "level", _level(context, view, span)),
        (say("player.lane_background"), "sounds", sounds),
        (say("player.lane_moments"), "marks", marks),
    )
    rows = "".join(
        f'<span class="lane-name">{escape(name)}</span><div class="lane {kind}">{body}'
        f'<i class="now" style="left:{100 * (end_s - span[0]) / length_s:.2f}%"></i></div>'
        for name, kind, body in lanes
    )
    return f'<div class="panel live-timeline" role="img" aria-label="{escape(say("live.timeline"))}">{rows}</div>'


def _ticks(span: tuple[float, float]) -> Iterator[float]:
    step = int((span[1] - span[0]) / 6)
    first = -(-int(span[0]) // step) * step
    yield from (float(at) for at in range(first, int(span[1]), step))


def _level(context: Context, view: LiveView, span: tuple[float, float]) -> str:
    points = view.points
    # The point before the span begins where the line comes from.
    first = max((at for at, point in enumerate(points) if point.time_s < span[0]), default=0)
    shown = points[first:]
    level = view.call.level
    alt = context.say("live.no_level") if level is None else context.say("live.level", level=f"{level:.2f}")
    return curve(
        [(point.time_s, point.level) for point in shown],
        span,
        alt=alt,
        band=[(point.time_s, point.low, point.high) for point in shown],
    )


def _transcript(context: Context, view: LiveView) -> str:
    """What was said, the newest at the foot, where the reader stays; what is just being said is marked as such."""
    say, show = context.say, context.show
    flags: dict[int, list[LiveMoment]] = {}
    for one in view.moments:
        if one.moment.turn is not None:
            flags.setdefault(one.moment.turn, []).append(one)
    lines = []
    for turn in view.turns[-TURNS_SHOWN:]:
        level = ""
        if turn.speaker == "customer" and turn.frustration is not None:
            level = f'<span class="meter" style="--share:{turn.frustration:.3f}"></span>'
        chips = "".join(_flag(context, one) for one in flags.get(turn.index, ()))
        lines.append(
            f'<div class="said {turn.speaker}"><span class="at">{show.clock(turn.start_s)}</span><div>'
            f'<span class="who">{escape(say.name("role", turn.speaker))}</span>{level}<p>{escape(turn.text)}</p>{chips}</div></div>'
        )
    for partial in sorted(view.partials, key=lambda one: one.start_s):
        who = f"{say.name('role', partial.speaker)} {say('live.saying')} …"
        lines.append(
            f'<div class="said partial {partial.speaker}"><span class="at">{show.clock(partial.start_s)}</span><div>'
            f'<span class="who">{escape(who)}</span><p>{escape(partial.text)}</p></div></div>'
        )
    if not lines:
        return f'<p class="nothing">{escape(say("live.transcript_none"))}</p>'
    return f'<div class="live-talk">{"".join(reversed(lines))}</div>'


def _flag(context: Context, one: LiveMoment) -> str:
    moment = one.moment
    tone = (
        "good"
        if moment.verdict == "handled"
        else "bad"
        if moment.verdict == "missed" and moment.severity == "critical"
        else "warn"
    )
    sign = SYMBOLS[moment.severity if moment.verdict == "missed" else moment.verdict]
    return chip(moment_name(context, moment), tone, sign)  # type: ignore[arg-type]


def _moments(context: Context, moments: Iterable[LiveMoment], now: datetime) -> str:
    """The moments, the newest first: what, how long ago, the words, and why."""
    say, show = context.say, context.show
    cards = []
    for one in sorted(moments, key=lambda one: one.found_at, reverse=True):
        moment = one.moment
        latency_s = moment.response.latency_s if moment.response else None
        why = reason(say, show, moment.kind, moment.verdict, moment.start_s, latency_s, moment.why)
        cards.append(
            f'<div class="live-moment"><div class="top">{moment_sign(moment)}<b>{escape(moment_name(context, moment))}</b>'
            f'<span class="muted">{show.clock(moment.start_s)} · {escape(ago(context, one.found_at, now))}</span></div>'
            f"<blockquote>{escape(quoted(say, moment.quote))}</blockquote><p>{escape(why)}</p></div>"
        )
    if not cards:
        return f'<p class="nothing">{escape(say("live.moments_none"))}</p>'
    return f'<div class="live-moments">{"".join(cards)}</div>'
