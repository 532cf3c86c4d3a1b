"""The rows of the queue as HTML: each says why its call is worth hearing before anything else."""

from collections.abc import Sequence
from html import escape

from dashboards.context import Context
from dashboards.links import call_url, page_url
from dashboards.parts import chip
from dashboards.reasons import quoted
from dashboards.theme import OUTCOMES, SYMBOLS
from monitor.store import Filters, Hit, QueueRow, Sort, places

COLUMNS: tuple[tuple[str, Sort | None], ...] = (
    ("why", "attention"),
    ("agent", "agent"),
    ("when", "when"),
    ("duration", "duration"),
    ("missed", "missed"),
    ("frustration", "frustration"),
    ("outcome", None),
    ("state", None),
)


def rows_html(context: Context, rows: Sequence[QueueRow], filters: Filters, sort: Sort, descending: bool) -> str:
    """The table of the queue."""
    heads = "".join(_head(context, name, by, filters, sort, descending) for name, by in COLUMNS)
    most = max((row.attention for row in rows), default=0.0) or 1.0
    body = "".join(_row(context, row, row.attention / most, filters.text) for row in rows)
    return f'<div class="queue" role="table"><div class="queue-head" role="row">{heads}</div>{body}</div>'


def _head(context: Context, name: str, by: Sort | None, filters: Filters, sort: Sort, descending: bool) -> str:
    label = escape(context.say(f"queue.{name}"))
    if by is None:
        return f'<span role="columnheader">{label}</span>'
    current = by == sort
    turned: dict[str, list[str]] = {"sort": [by], "order": ["up" if current and descending else "down"]}
    query = (filters.to_query() or {"reviewed": ["any"]}) | turned
    arrow = f'<i aria-hidden="true">{"↓" if descending else "↑"}</i>' if current else ""
    state = f' aria-sort="{"descending" if descending else "ascending"}"' if current else ""
    says = context.say("queue.sort_by", column=context.say(f"queue.{name}"))
    if name == "when":
        says += f" · {context.say('queue.times', zone=context.show.zone)}"
    url = escape(page_url("queue", query))
    return f'<span role="columnheader"{state}><a href="{url}" title="{escape(says)}">{label}{arrow}</a></span>'


def _row(context: Context, row: QueueRow, share: float, text: str) -> str:
    cells = (
        _why(context, row, share, text),
        _two_lines(row.agent_name or "–", row.team or ""),
        _two_lines(*context.show.near_time(row.called_at)),
        f"<span>{context.show.clock(row.duration_s)}</span>",
        _counts(context, row),
        _frustration(context, row),
        f"<span>{_outcome(context, row)}</span>",
        _state(context, row),
    )
    body = "".join(f'<div role="cell" class="cell-{COLUMNS[i][0]}">{cell}</div>' for i, cell in enumerate(cells))
    return f'<div class="queue-row{" done" if row.reviewed_by else ""}" role="row">{body}</div>'


def _why(context: Context, row: QueueRow, share: float, text: str) -> str:
    """The strongest miss and its words; the link opens the call just there."""
    say, worst = context.say, row.worst
    if worst is None:
        name = say("queue.no_miss_handled", n=row.handled) if row.handled else say("queue.no_miss")
        sign, tone, quote, more, at = SYMBOLS["handled"], "good", "", "", None
    else:
        name, quote, at = say.name("kind_missed", worst.kind), quoted(say, worst.quote), worst.start_s
        sign, tone = SYMBOLS[worst.severity], "bad" if worst.severity == "critical" else "warn"
        others = row.critical_missed + row.minor_missed - 1
        more = f" <em>{escape(say('queue.and_more', n=others))}</em>" if others > 0 else ""
    attention = escape(say("queue.attention", value=f"{row.attention:.1f}"))
    words = f'<span class="quote">{escape(quote)}</span>' if quote else ""
    return (
        f'<span class="meter" title="{attention}" style="--share:{share:.3f}"></span>'
        f'<a class="open" href="{escape(call_url(row.call_id, at))}"><span class="sign {tone}" aria-hidden="true">{sign}</span>'
        f"<b>{escape(name)}</b></a>{more}{words}{''.join(_hit(context, row, hit, text) for hit in row.hits)}"
        f'<span class="id">{escape(row.call_id)} · {escape(say.name("language", row.language))}</span>'
    )


def _hit(context: Context, row: QueueRow, hit: Hit, text: str) -> str:
    """A turn in which the words searched for were said."""
    who = escape(context.say.name("role", hit.speaker))
    url = escape(call_url(row.call_id, hit.start_s))
    said = highlighted(hit.text, text)
    return f'<a class="hit" href="{url}"><span>{context.show.clock(hit.start_s)} {who}</span> {said}</a>'


def highlighted(said: str, searched: str) -> str:
    """What was said as HTML, the words searched for marked; long turns are cut around the first of them."""
    found = places(said, searched)
    start = max(0, found[0][0] - 60) if found else 0
    end = min(len(said), start + 160)
    parts, last = ["…" if start else ""], start
    for first, behind in found:
        if first < end:
            parts += [escape(said[last:first]), f"<mark>{escape(said[first:behind])}</mark>"]
            last, end = behind, max(end, behind)
    return "".join(parts) + escape(said[last:end]) + ("…" if end < len(said) else "")


def _two_lines(first: str, second: str) -> str:
    return f'<span>{escape(first)}</span><span class="muted">{escape(second)}</span>'


def _counts(context: Context, row: QueueRow) -> str:
    """Critical and minor misses apart, then what was met."""
    counts = (
        ("bad", SYMBOLS["critical"], row.critical_missed, "critical_n"),
        ("warn", SYMBOLS["minor"], row.minor_missed, "minor_n"),
        ("good", SYMBOLS["handled"], row.handled, "handled_n"),
    )
    shown = "".join(
        f'<span class="count {tone if n else "zero"}" title="{escape(context.say(f"queue.{name}", n=n))}">'
        f'<i aria-hidden="true">{sign}</i>{n}</span>'
        for tone, sign, n, name in counts
    )
    return f'<span class="counts">{shown}</span>'


def _frustration(context: Context, row: QueueRow) -> str:
    said = escape(context.say("queue.peak", peak=f"{row.peak_frustration:.2f}", end=f"{row.end_frustration:.2f}"))
    bar = f'<span class="level" style="--peak:{row.peak_frustration:.3f};--end:{row.end_frustration:.3f}"></span>'
    return f'<span class="frustration" title="{said}">{bar}<span>{row.peak_frustration:.2f}</span></span>'


def _outcome(context: Context, row: QueueRow) -> str:
    tone, sign = OUTCOMES.get(row.outcome, ("plain", ""))
    return chip(context.say.name("outcome", row.outcome), tone, sign)


def _state(context: Context, row: QueueRow) -> str:
    if row.reviewed_by:
        return f'<span title="{escape(context.show.time(row.reviewed_at))}">✓ {escape(row.reviewed_by)}</span>'
    if row.assigned_to:
        mine = row.assigned_to == context.person.name
        return f"<span>{escape(context.say('queue.yours') if mine else row.assigned_to)}</span>"
    return (
        f'<button class="button small" data-take="{escape(row.call_id)}">{escape(context.say("queue.take"))}</button>'
    )
