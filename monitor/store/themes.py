"""Sentences of many calls that mean the same are one theme: "unplug the router", "please pull the plug", 请拔掉电源.

Clustering by leaders: a sentence joins the theme whose first sentence is most like it, or begins a theme of its own. It
needs one pass, never moves what has been counted, and is the same for every writer.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from audio.facts import Fact
from monitor.records import Mention
from monitor.store.engine import lock
from monitor.store.more_tables import MentionRow, ThemeRow
from monitor.store.tables import Call

ALIKE = 0.55
"""Cosine from which two sentences mean the same for counting: "loose" on the scale of `monitor/rules/similarity.toml`."""
_COMPARED = 4_000
"""How many themes a sentence is compared with, the most used first: 8 MB, however long the store has been filled."""


class Theme(Fact):
    """What several calls say alike."""

    theme_id: int
    topic: str
    text: str
    """The sentence that it began with."""
    calls: int
    """In how many of the calls that were asked about it is said."""
    contact_value: str | None = None


def put_mentions(connection: Connection, call_id: str, mentions: Sequence[Mention]) -> None:
    """Count a call's sentences in place of those it had."""
    connection.execute(delete(MentionRow).where(MentionRow.call_id == call_id))
    if not mentions:
        return
    lock(connection, "themes")
    call = connection.execute(
        select(Call.called_hour, Call.team, Call.contact_value, Call.language).where(Call.call_id == call_id)
    ).one()
    rows = [
        {
            "call_id": call_id,
            "position": position,
            "theme_id": _theme(connection, mention, call.language),
            "topic": mention.topic,
            "day": call.called_hour // 24,
            "team": call.team or "",
            "contact_value": call.contact_value,
            "turn": mention.turn,
            "start_s": mention.start_s,
            "text": mention.text.replace("\0", ""),
        }
        for position, mention in enumerate(mentions)
    ]
    # A call counts once for a theme, however often it is said.
    once = {(row["topic"], row["theme_id"]): row for row in reversed(rows)}
    connection.execute(insert(MentionRow), sorted(once.values(), key=lambda row: row["position"]))


def _theme(connection: Connection, mention: Mention, language: str) -> int:
    """The theme that a sentence belongs to, which may be new."""
    import numpy as np

    query = select(ThemeRow.theme_id, ThemeRow.vector).where(ThemeRow.topic == mention.topic)
    known = connection.execute(query.order_by(ThemeRow.uses.desc(), ThemeRow.theme_id.desc()).limit(_COMPARED)).all()
    vector = np.frombuffer(mention.vector, dtype=np.float32)
    if known:
        leaders = np.frombuffer(b"".join(row.vector for row in known), dtype=np.float32).reshape(len(known), -1)
        likeness = leaders @ vector
        best = int(np.argmax(likeness))
        if likeness[best] >= ALIKE:
            theme_id = int(known[best].theme_id)
            used = update(ThemeRow).where(ThemeRow.theme_id == theme_id).values(uses=ThemeRow.uses + 1)
            connection.execute(used)
            return theme_id
    text = mention.text.replace("\0", "")
    row = {"topic": mention.topic, "text": text, "language": language, "vector": mention.vector, "uses": 1}
    return int(connection.execute(insert(ThemeRow).returning(ThemeRow.theme_id), row).scalar_one())
