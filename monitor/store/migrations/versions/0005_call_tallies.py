"""Counts of calls by day, from which managers' figures are added up, and the figures of agents in the order of their names."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COUNTS = ("calls", "critical", "minor", "openings", "met", "frustrated", "recovered", "repeat_contacts", "resolved")


def upgrade() -> None:
    """Add the table and the index, and count what the store has."""
    op.create_table(
        "call_tallies",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("team", "language", "contact_value")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
        sqlite_with_rowid=False,
    )
    op.execute("""
        INSERT INTO call_tallies (day, team, language, contact_value, calls, critical, minor, openings, met,
            frustrated, recovered, repeat_contacts, resolved)
        SELECT called_hour / 24, coalesce(team, ''), language, contact_value, count(*), sum(critical_missed),
            sum(minor_missed), sum(openings), sum(met), sum(CASE WHEN peak_frustration >= 0.6 THEN 1 ELSE 0 END),
            sum(CASE WHEN recovered THEN 1 ELSE 0 END), sum(CASE WHEN repeat_contacts > 0 THEN 1 ELSE 0 END),
            sum(CASE WHEN outcome = 'resolved' THEN 1 ELSE 0 END)
        FROM calls GROUP BY 1, 2, 3, 4
    """)
    op.drop_index("calls_by_agent", "calls")
    op.create_index(
        "calls_figures_of_agents",
        "calls",
        ["agent_name", "called_at", "team", "language", "critical_missed", "minor_missed", "openings", "met",
         "peak_frustration", "recovered", "repeat_contacts", "outcome"],
    )  # fmt: skip
