"""Whatever is wrong with a transcript is said in one sentence that names the file, the place and the remedy."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.errors import BadTranscript
from monitor.transcripts import read_transcript

CUE = "1\n00:00:01,000 --> 00:00:02,000\nAgent: Hello\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("   \n\n", "is empty"),
        ('{"call_id": "a",\n "turns": [}', "line 2, column 12"),
        ('{"call_id": "a", "turns": [{"speaker": "agent", "start": 0, "text": ""}]}', "turns[0].end is missing"),
        ('{"call_id": "a", "turns": [{"speaker": "boss", "start": 0, "end": 1, "text": ""}]}', "turns[0].speaker"),
        ('{"call_id": "a", "turns": [{"speaker": "agent", "start": 2, "end": 1, "text": ""}]}', "turns[0] ends at 1 s"),
        ('{"call_id": "a", "turns": [{"speaker": "agent", "start": NaN, "end": 1, "text": ""}]}', "turns[0].start"),
        ('{"call_id": "a", "turns": [{"speaker": "agent", "start": -1, "end": 1, "text": ""}]}', "turns[0].start"),
        ('{"turns": [{"speaker": "agent", "start": 0, "end": 1, "text": ""}]}', "call_id is missing"),
        ('{"schema": "heard.call/9", "turns": []}', "heard.call/9"),
        (
            '{"Transcript": [{"Content": "Hi", "ParticipantRole": "AGENT"}]}',
            "Transcript[0].BeginOffsetMillis is missing",
        ),
        ('{"Channel": "CHAT", "Transcript": []}', "is a chat"),
        ('{"SpeechSegments": []}', "ConversationAnalytics is missing"),
        ('{"segments": [{"start": 0, "end": 1, "text": "Hi"}]}', "names no speakers"),
        ('{"segments": [{"start": 3, "end": 1, "text": "Hi", "speaker": "A"}]}', "ends before it starts"),
        ('{"recipe": "soup"}', "no transcript that heard knows"),
        ("[1, 2]", "no transcript that heard knows"),
        ("[" * 100_000, "nested too deeply"),
        ('{"turns": [' + "9" * 5000 + "]}", "unreadable number"),
        ("Dear diary, today nobody called.", "has no cue"),
        (CUE.replace("00:00:02,000", "soon"), "line 2: unreadable times"),
        (CUE.replace("00:00:02,000", "00:00:00,500"), "line 2: the cue ends before it starts"),
        (CUE.replace("Agent: ", ""), "names no speakers"),
    ],
)
def test_each_fault_is_one_sentence(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "call.json"
    path.write_text(content)
    with pytest.raises(BadTranscript) as caught:
        read_transcript(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert told in message
    assert "\n" not in message
    assert len(message.removeprefix(str(path))) < 220


def test_files_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadTranscript, match="no such file"):
        read_transcript(tmp_path / "nowhere.srt")
    with pytest.raises(BadTranscript, match="is a directory"):
        read_transcript(tmp_path)
    locked = tmp_path / "locked.srt"
    locked.write_text(CUE)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BadTranscript, match="no permission"):
        read_transcript(locked)


KEYS = (
    "turns segments words start end text speaker schema call_id Transcript Items Content SpeechSegments "
    "ConversationAnalytics start_s end_s sounds Participants"
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=json_values)
def test_any_json_is_a_call_or_a_bad_transcript(tmp_path: Path, document: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(document))
    _read_or_refuse(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_call_or_a_bad_transcript(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.bin"
    path.write_bytes(data)
    _read_or_refuse(path)


def _read_or_refuse(path: Path) -> None:
    try:
        call = read_transcript(path)
    except BadTranscript:
        return
    assert all(turn.start_s <= turn.end_s for turn in call.turns)
