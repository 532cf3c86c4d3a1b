"""SRT and WebVTT: what is written comes back, in all the ways that people write speakers and times."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.errors import BadTranscript
from monitor.transcripts import read_transcript

words = st.lists(
    st.sampled_from(["router", "line", "您好", "hello", "ça", "été", "größer", "no", "2"]), min_size=1, max_size=6
)
turns = st.lists(
    st.tuples(words.map(" ".join), st.integers(2_000, 20_000), st.integers(1, 9_000)), min_size=1, max_size=12
)


def stamp(ms: int, mark: str) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def written(
    spoken: list[tuple[str, int, int]], kind: str, newline: str
) -> tuple[str, list[tuple[str, float, float, str]]]:
    """Subtitles of alternating speakers, and the turns that they stand for."""
    blocks = ["WEBVTT"] if kind == "vtt" else []
    expected = []
    at_ms = 0
    for number, (text, gap_ms, length_ms) in enumerate(spoken):
        role = ("agent", "customer")[number % 2]
        start, end = at_ms + gap_ms, at_ms + gap_ms + length_ms
        timing = " --> ".join(stamp(ms, "," if kind == "srt" else ".") for ms in (start, end))
        line = f"<v {role}>{text}</v>" if kind == "vtt" else f"{role.title()}: {text}"
        blocks.append(newline.join([str(number + 1), timing, line]))
        expected.append((role, start / 1000, end / 1000, text))
        at_ms = end
    return (newline * 2).join(blocks) + newline, expected


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoken=turns, kind=st.sampled_from(["srt", "vtt"]), newline=st.sampled_from(["\n", "\r\n"]))
def test_round_trip(tmp_path: Path, spoken: list[tuple[str, int, int]], kind: str, newline: str) -> None:
    path = tmp_path / "call.txt"
    text, expected = written(spoken, kind, newline)
    path.write_text(text, "utf-8", newline="")
    call = read_transcript(path)
    assert [(turn.speaker, turn.start_s, turn.end_s, turn.text) for turn in call.turns] == expected


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.sampled_from(
            ["1", "", "WEBVTT", "NOTE", "00:00:01,000 --> 00:00:02,000", "00:01.5 --> 00:09", "A: x", "<v B>y"]
        )
        | st.text(max_size=20),
        max_size=12,
    )
)
def test_garbage_is_refused_or_read_but_never_breaks(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "call.srt"
    path.write_text("\n".join(lines), "utf-8", errors="surrogatepass")
    try:
        call = read_transcript(path)
    except BadTranscript:
        return
    assert all(turn.start_s <= turn.end_s and turn.text for turn in call.turns)


def call_of(tmp_path: Path, *cues: str) -> list[tuple[str, str]]:
    path = tmp_path / "call.srt"
    blocks = [f"{i}\n00:00:{4 * i:02},000 --> 00:00:{4 * i + 2:02},000\n{cue}\n" for i, cue in enumerate(cues)]
    path.write_text("\n".join(blocks), "utf-8")
    return [(turn.speaker, turn.text) for turn in read_transcript(path).turns]


@pytest.mark.parametrize(
    ("agent", "customer"),
    [
        ("[Agent] Hello.", "[Customer] Hi."),
        ("- Agent: Hello.", "- Customer: Hi."),
        (">> AGENT: Hello.", ">> CALLER: Hi."),
        ("(Agent) Hello.", "(Caller) Hi."),
        ("<i>Agent:</i> Hello.", "<b>Customer:</b> Hi."),
        ("<v Agent>Hello.", "<v Customer>Hi.</v>"),
        ("客服：Hello.", "客户：Hi."),
        ("【客服】Hello.", "【客户】Hi."),
    ],
)
def test_ways_to_name_a_speaker(tmp_path: Path, agent: str, customer: str) -> None:
    assert call_of(tmp_path, agent, customer) == [("agent", "Hello."), ("customer", "Hi.")]


def test_names_without_a_role_are_two_sides(tmp_path: Path) -> None:
    assert call_of(tmp_path, "Ann: Hello.", "Bob: Hi.", "Ann: Well.") == [
        ("first", "Hello."),
        ("second", "Hi."),
        ("first", "Well."),
    ]


def test_whoever_is_not_the_named_party_is_the_other(tmp_path: Path) -> None:
    assert call_of(tmp_path, "Agent: Hello.", "Maria: Hi.", "Maria: Well.", "Agent: Yes.") == [
        ("agent", "Hello."),
        ("customer", "Hi. Well."),
        ("agent", "Yes."),
    ]


def test_a_colon_or_bracket_in_passing_is_no_speaker(tmp_path: Path) -> None:
    assert call_of(tmp_path, "Agent: Hello.", "Customer: Hi.", "One thing: it is late.", "[sighs] It is 10:30.") == [
        ("agent", "Hello."),
        ("customer", "Hi. One thing: it is late. [sighs] It is 10:30."),
    ]


def test_segments_of_one_speaker_are_joined_to_turns_as_in_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "call.srt"
    path.write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nAgent: One,\n\n2\n00:00:00,900 --> 00:00:01,500\nCustomer: Mm-hm.\n\n"
        "3\n00:00:02,000 --> 00:00:03,000\nAgent: two.\n\n4\n00:00:08,000 --> 00:00:09,000\nAgent: Three.\n"
    )
    call = read_transcript(path)
    assert [(turn.speaker, turn.text) for turn in call.turns] == [
        ("agent", "One, two."),
        ("customer", "Mm-hm."),
        ("agent", "Three."),
    ]


def test_a_missing_empty_line_between_cues(tmp_path: Path) -> None:
    path = tmp_path / "call.srt"
    path.write_text("1\n0:00:00,0 --> 0:00:01,5\nAgent: Hello.\n2\n0:00:02,000 --> 0:00:03,000\nCustomer: Hi.")
    call = read_transcript(path)
    assert [(turn.text, turn.end_s) for turn in call.turns] == [("Hello.", 1.5), ("Hi.", 3.0)]


def test_a_missing_name_is_reported_only_where_it_had_to_be_guessed(tmp_path: Path) -> None:
    path = tmp_path / "call.srt"
    path.write_text(
        "1\n00:00:00,000 --> 00:00:01,000\nAgent: Hello.\n\n2\n00:00:01,200 --> 00:00:02,000\nHow can I help?\n\n"
        "3\n00:00:09,000 --> 00:00:10,000\nMy light is out.\n"
    )
    call = read_transcript(path)
    assert call.quality.warnings == ("segments without a speaker's name, counted with the speaker before them: 1",)
