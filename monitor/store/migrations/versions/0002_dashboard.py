"""What the dashboard reads: reviews, search, tallies, themes, waveforms and runs; columns for ranking and for the time axis."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from monitor.store import backfill

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and columns, and fill them from what the store has."""
    _calls()
    _moments()
    _reviews()
    _tallies()
    _themes()
    _transcripts()
    _waveforms_and_runs()
    backfill.fill(op.get_bind())


def _calls() -> None:
    for column in (
        sa.Column("called_at", sa.DateTime, nullable=False, server_default="1970-01-01 00:00:00"),
        sa.Column("called_hour", sa.Integer, nullable=False, server_default="0"),
        sa.Column("repeat_contacts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("holds", sa.Integer, nullable=False, server_default="0"),
        sa.Column("transfers", sa.Integer, nullable=False, server_default="0"),
        sa.Column("repeats", sa.Integer, nullable=False, server_default="0"),
        sa.Column("openings", sa.Integer, nullable=False, server_default="0"),
        sa.Column("met", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attention", sa.Float, nullable=False, server_default="0"),
        sa.Column("assigned_to", sa.Text),
        sa.Column("reviewed_by", sa.Text),
        sa.Column("reviewed_at", sa.DateTime),
        sa.Column("agent_side_given", sa.Text),
    ):
        op.add_column("calls", column)
    op.create_index("calls_by_attention", "calls", ["attention", "call_id"])
    op.create_index("calls_by_time", "calls", ["called_at", "call_id"])
    op.create_index("calls_by_missed", "calls", ["critical_missed", "minor_missed", "call_id"])
    op.create_index("calls_by_frustration", "calls", ["peak_frustration", "call_id"])
    figures = (
        "called_at", "called_hour", "team", "language", "agent_name", "contact_value", "critical_missed", "minor_missed",
        "openings", "met", "peak_frustration", "recovered", "repeat_contacts", "outcome",
    )  # fmt: skip
    op.create_index("calls_figures", "calls", figures)
    op.create_index("calls_by_team", "calls", ["team", "agent_name"])
    op.create_index("calls_by_language", "calls", ["language", "team"])
    op.create_index("calls_by_assignee", "calls", ["assigned_to", "team"])


def _moments() -> None:
    for column in (
        sa.Column("found_kind", sa.Text),
        sa.Column("found_verdict", sa.Text),
        sa.Column("decision", sa.Text),
    ):
        op.add_column("moments", column)
    op.drop_index("moments_by_kind", "moments")
    op.create_index("moments_by_kind", "moments", ["kind", "verdict", "severity", "call_id", "decision"])
    op.create_index(
        "moments_by_decision",
        "moments",
        ["decision", "found_kind", "found_verdict", "confidence"],
        sqlite_where=sa.text("decision IS NOT NULL"),
        postgresql_where=sa.text("decision IS NOT NULL"),
    )
    op.create_index("moments_by_confidence", "moments", ["verdict", "confidence"])
    op.create_index(
        "moments_by_sureness",
        "moments",
        ["decision", "verdict", "confidence"],
        sqlite_where=sa.text("decision IS NOT NULL"),
        postgresql_where=sa.text("decision IS NOT NULL"),
    )


def _reviews() -> None:
    op.create_table(
        "reviews",
        _id(),
        _call(),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("verdict", sa.Text),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
    )
    op.create_index("reviews_by_call", "reviews", ["call_id"])
    op.create_table(
        "call_actions",
        _id(),
        _call(),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
    )
    op.create_index("call_actions_by_call", "call_actions", ["call_id"])


def _tallies() -> None:
    # Kinds come first: grouping by them then needs no sorting, and a year's tallies are read in one sweep.
    op.create_table(
        "tallies",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("kind", "verdict", "severity", "team", "language")),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _themes() -> None:
    op.create_table(
        "themes",
        _id("theme_id"),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
    )
    op.create_index("themes_by_topic", "themes", ["topic", "uses", "theme_id"])
    op.create_table(
        "mentions",
        _call(primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("theme_id", sa.Integer, sa.ForeignKey("themes.theme_id"), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("contact_value", sa.Text, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("mentions_by_topic", "mentions", ["topic", "theme_id", "contact_value", "day", "team"])
    op.create_index("mentions_by_theme", "mentions", ["theme_id", "call_id"])


def _transcripts() -> None:
    op.create_table("transcripts", _id(), _call())
    op.create_index("transcripts_by_call", "transcripts", ["call_id"])
    if op.get_bind().dialect.name == "postgresql":
        key = sa.ForeignKey("transcripts.id", ondelete="CASCADE")
        op.create_table(
            "transcript_tokens",
            sa.Column("rowid", sa.Integer, key, primary_key=True, autoincrement=False),
            sa.Column("tokens", postgresql.TSVECTOR, nullable=False),
        )
        op.create_index("transcript_tokens_by_token", "transcript_tokens", ["tokens"], postgresql_using="gin")
        return
    # https://sqlite.org/fts5.html. The tokens are made by monitor.store.search; the tokenizer "ascii" leaves them as they
    # are, since it splits at ASCII signs alone.
    op.execute("CREATE VIRTUAL TABLE transcript_tokens USING fts5(tokens, tokenize='ascii')")
    op.execute(
        "CREATE TRIGGER transcripts_removed AFTER DELETE ON transcripts BEGIN "
        "DELETE FROM transcript_tokens WHERE rowid = old.id; END"
    )


def _waveforms_and_runs() -> None:
    op.create_table(
        "waveforms",
        _call(primary_key=True),
        sa.Column("peaks_hz", sa.Float, nullable=False),
        sa.Column("sides", sa.JSON, nullable=False),
        sa.Column("peaks", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "runs",
        _id("run_id"),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("took_s", sa.Float, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("heard", sa.Text, nullable=False),
        sa.Column("models", sa.JSON, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
    )
    op.create_index("runs_by_time", "runs", ["at"])
    op.create_table(
        "rule_sets",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("json", sa.Text, nullable=False),
    )


def _id(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True)


def _call(*, primary_key: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey("calls.call_id", ondelete="CASCADE")
    return sa.Column("call_id", sa.Text, key, primary_key=primary_key, nullable=False)
