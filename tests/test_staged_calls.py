"""Staged calls: well formed, apart from every measured call, and malformed lines are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.acts.names import ACTS_OF
from training.calls import held_back_ids
from training.staged import is_staged, load_staged, read_calls

HEADING = "# staged-xx-1 | unresolved | no | eliminate"


def written(folder, *lines, name="en.txt"):
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_all_staged_calls_are_well_formed_and_in_time_order():
    calls = load_staged()
    assert len({call.call_id for call in calls}) == len(calls) > 0
    assert all(map(is_staged, calls))
    assert not held_back_ids() & {call.call_id for call in calls}
    for call in calls:
        assert call.outcome in ("resolved", "unresolved", "escalated")
        assert call.contact_value in ("eliminate", "simplify", "automate", "leverage")
        assert all(
            a.end_s < b.start_s and a.speaker != b.speaker for a, b in zip(call.turns, call.turns[1:], strict=False)
        )
        assert all((turn.level is None) == (turn.speaker == "agent") for turn in call.turns)
        assert all(turn.level is None or 0 <= turn.level <= 4 for turn in call.turns)
        assert all(call.turns[moment.turn].speaker == "agent" for moment in call.moments)


def test_a_call_is_read_with_its_acts_levels_moments_and_pauses(tmp_path):
    path = written(
        tmp_path,
        HEADING,
        "agent - | Hello, one moment please. | asks_to_hold",
        "pause 20",
        "customer 3 | Still there? | asks_question, voices_frustration",
        "agent - | Yes. | | missed unacknowledged_frustration, missed unexplained_hold",
    )
    (call,) = read_calls(path)
    agent, customer, last = call.turns
    assert agent.acts == {"asks_to_hold"}
    assert agent.level is None
    assert customer.level == 3
    assert customer.start_s - agent.end_s > 20
    assert last.acts == frozenset()
    assert [(m.kind, m.turn, m.severity) for m in call.moments] == [
        ("unacknowledged_frustration", 2, "critical"),
        ("unexplained_hold", 2, "minor"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "agent - | Hello. | sings",
        "customer 2 | Hello. | instructs",
        "customer two | Hello.",
        "somebody 1 | Hello.",
        "agent - Hello.",
        "agent - | Hello. | | forgotten rushed_close",
        "agent - | Hello. | | missed lunch",
        "pause long",
        "# own-1 | resolved | no | automate",
    ],
)
def test_a_malformed_line_is_named(tmp_path, line):
    path = written(tmp_path, HEADING, line, "# staged-xx-2 | resolved | no | automate", name="fr.txt")
    with pytest.raises(ValueError, match=r"^fr\.txt, line "):
        list(read_calls(path))


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="|\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=40),
    st.sampled_from(ACTS_OF["agent"]),
)
def test_whatever_is_said_is_kept(tmp_path_factory, text, act):
    path = written(tmp_path_factory.mktemp("said"), HEADING, f"agent - | {text} | {act}")
    (call,) = read_calls(path)
    assert call.turns[0].text == text.strip()
    assert call.turns[0].acts == {act}
    assert call.turns[0].end_s >= call.turns[0].start_s
