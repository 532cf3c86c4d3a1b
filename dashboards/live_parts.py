"""Parts that the list of live calls and the view of one share: states, times that have passed, the curve as a picture."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from dashboards.charts import stroke
from dashboards.context import Context
from dashboards.parts import chip
from dashboards.theme import SYMBOLS, Tone
from monitor.records import Moment
from monitor.store import FRUSTRATED, LiveCall

LAG_S = 3.0
"""From this lag on it is worth a warning: findings then come later than they help."""

STATES: dict[str, tuple[Tone, str]] = {
    "live": ("good", "●"),
    "hold": ("warn", "‖"),
    "ended": ("info", "…"),
    "analysed": ("plain", "✓"),
    "failed": ("bad", "✕"),
    "lost": ("bad", "!"),
}
"""By state, its tone and sign."""


def state_of(call: LiveCall) -> str:
    """The state as it is shown: a live call may be on hold."""
    return "hold" if call.state == "live" and call.holding_since_s is not None else call.state


def state_chip(context: Context, call: LiveCall) -> str:
    """The state as a chip."""
    state = state_of(call)
    return chip(context.say(f"live.state_{state}"), *STATES[state])


def heard_s(call: LiveCall, now: datetime) -> float:
    """How long the call has lasted: what was heard of it, and the time that has passed since."""
    passed_s = (now - call.heard_at).total_seconds() if call.state == "live" else 0.0
    return call.heard_s + max(0.0, min(passed_s, 15.0))


def ago(context: Context, at: datetime, now: datetime) -> str:
    """How long something has been: just now, 12 s ago, 3 min ago."""
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < 2:
        return context.say("live.ago_now")
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return context.say(f"live.ago_{unit}", n=seconds // length)
    return context.say("live.ago_s", n=seconds)


def moment_name(context: Context, moment: Moment) -> str:
    """What happened, in plain words."""
    return context.say.name("kind_missed" if moment.verdict == "missed" else "kind_met", moment.kind)


def moment_sign(moment: Moment) -> str:
    """The sign of a moment, with its tone."""
    if moment.verdict == "missed":
        tone, sign = ("bad" if moment.severity == "critical" else "warn"), SYMBOLS[moment.severity]
    else:
        tone, sign = ("warn" if moment.verdict == "late" else "good"), SYMBOLS[moment.verdict]
    return f'<span class="sign {tone}" aria-hidden="true">{sign}</span>'


def curve(
    points: Sequence[tuple[float, float]],
    span: tuple[float, float],
    *,
    alt: str,
    band: Sequence[tuple[float, float, float]] = (),
) -> str:
    """The level over a span of seconds, 0 at the foot and 1 at the top, as wide and high as what holds it.

    `band` has (seconds, low, high). A dot marks the last level, a thin line where a customer counts as frustrated.
    """
    length_s = max(1e-6, span[1] - span[0])
    places = [((time_s - span[0]) / length_s, 1 - min(1.0, max(0.0, level))) for time_s, level in points]
    parts = [f'<i class="goal" style="top:{100 * (1 - FRUSTRATED):.0f}%"></i>']
    if band:
        left = [(time_s - span[0]) / length_s for time_s, _, _ in band]
        edge = [*zip(left, [1 - high for _, _, high in band], strict=True)]
        edge += reversed([*zip(left, [1 - low for _, low, _ in band], strict=True)])
        corners = ",".join(f"{100 * x:.2f}% {100 * min(1.0, max(0.0, y)):.2f}%" for x, y in edge)
        parts.append(f'<i class="band" style="clip-path:polygon({corners})"></i>')
    if places:
        x, y = places[-1]
        parts.append(stroke(places, 2.0))
        parts.append(f'<b style="left:{100 * x:.2f}%;top:{100 * y:.2f}%"></b>')
    return f'<span class="curve" role="img" aria-label="{escape(alt)}">{"".join(parts)}</span>'
