"""Transcripts of every format are read as the calls they tell."""

import json
from pathlib import Path

import pytest

from monitor.transcripts import TranscriptCall, is_transcript, read_transcript
from monitor.transcripts.names import role_of

SAMPLES = Path(__file__).parent.parent / "fixtures" / "transcripts"


def said(call: TranscriptCall) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in call.turns]


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_sample_is_recognised_and_its_turns_are_in_order(sample: Path) -> None:
    assert is_transcript(sample)
    call = read_transcript(sample)
    assert call.call_id == sample.stem
    assert [turn.index for turn in call.turns] == list(range(len(call.turns)))
    assert [turn.start_s for turn in call.turns] == sorted(turn.start_s for turn in call.turns)
    assert call.duration_s >= max(turn.end_s for turn in call.turns)
    assert {turn.speaker for turn in call.turns} == ({"agent", "customer"} if call.roles_known else {"first", "second"})
    for turn in call.turns:
        if turn.words:
            assert " ".join(word.text for word in turn.words) == turn.text
            assert turn.start_s <= turn.words[0].start_s
            assert turn.words[-1].end_s <= turn.end_s


def test_call_analytics_gives_roles_words_and_overlaps() -> None:
    call = read_transcript(SAMPLES / "dryer.call-analytics.json")
    assert call.roles_known
    assert call.language == "en"
    assert call.duration_s == 25.1
    assert said(call)[1] == (
        "customer",
        "Hi. The dryer you delivered on Monday is still not working. I waited at home for two days.",
    )
    assert call.turns[2].start_s < call.turns[1].end_s, "the agent talks over the customer"
    assert call.turns[0].words[5].text == "Appliances,"
    assert call.turns[0].words[5].confidence == pytest.approx(0.97)


def test_contact_lens_roles_come_by_participant() -> None:
    assert said(read_transcript(SAMPLES / "dryer.contact-lens.json")) == said(
        read_transcript(SAMPLES / "dryer.call-analytics.json")
    )


def test_post_call_analytics_leaves_the_phone_system_out() -> None:
    call = read_transcript(SAMPLES / "booking.post-call-analytics.json")
    assert said(call)[0] == ("agent", "Sunder Travel, this is Imani speaking.")
    assert said(call)[1][0] == "customer"
    assert call.quality.warnings == ("announcements of the phone system are left out: 1",)


def test_whisperx_is_cut_where_the_speaker_changes_and_untimed_words_find_a_place() -> None:
    call = read_transcript(SAMPLES / "bill.whisperx.json")
    assert not call.roles_known
    assert [turn.speaker for turn in call.turns] == ["first", "second", "first", "second", "first"]
    assert call.turns[2].text == "That is unusual."
    before, amount, after = call.turns[1].words[2:5]
    assert amount.text == "412"
    assert before.end_s <= amount.start_s <= amount.end_s <= after.start_s


def test_subtitles_of_both_kinds_tell_the_same_call() -> None:
    srt, vtt = (read_transcript(SAMPLES / f"router.{kind}") for kind in ("srt", "vtt"))
    assert [speaker for speaker, _ in said(srt)] == ["agent", "customer", "agent", "customer", "agent"]
    assert said(srt)[:4] == said(vtt)[:4]
    assert said(vtt)[4][1] == "Then let me look at the line & the cabinet from here."
    assert said(srt)[3] == ("customer", "I have already restarted it. Twice, before I even called.")
    assert vtt.turns[2].end_s == vtt.turns[3].start_s, "two voices in one cue share its time"


def test_a_labelled_call_is_kept_exactly_and_its_labels_are_not_read(tmp_path: Path) -> None:
    call = {
        "call_id": "staged-1",
        "language": "en-GB",
        "turns": [
            {"speaker": "customer", "start": 0.0, "end": 2.0, "text": "Hello?"},
            {"speaker": "customer", "start": 2.1, "end": 3.0, "text": "Hello?"},
            {"speaker": "agent", "start": 2.8, "end": 5.0, "text": "Yes?", "acts": ["asks_fact"]},
        ],
        "sounds": [{"label": "child_crying", "start": 1.0, "end": 9.5}],
        "truth": "not even looked at",
    }
    path = tmp_path / "renamed.wav"
    path.write_text(json.dumps(call))
    read = read_transcript(path)
    assert (read.call_id, read.language, read.roles_known, read.duration_s) == ("staged-1", "en", True, 9.5)
    assert [(turn.start_s, turn.end_s) for turn in read.turns] == [(0.0, 2.0), (2.1, 3.0), (2.8, 5.0)]
    assert [(sound.label, sound.start_s, sound.end_s) for sound in read.sounds] == [("child_crying", 1.0, 9.5)]


def test_a_report_gives_back_its_facts_but_no_voice_of_an_agent(tmp_path: Path) -> None:
    voice = {"level_db": -20.0, "tilt_db": -3.0, "arousal": 0.7}
    report = {
        "schema": "heard.call/1",
        "call_id": "c-9",
        "language": "fr",
        "duration_s": 30.0,
        "turns": [
            {"index": 0, "speaker": "agent", "start_s": 0, "end_s": 2, "text": "Bonjour.", "voice": voice, "acts": {}},
            {"index": 1, "speaker": "customer", "start_s": 2, "end_s": 4, "text": "Enfin !", "voice": voice},
        ],
        "sounds": [{"label": "siren", "start_s": 3.0, "end_s": 6.0, "confidence": 0.8}],
        "moments": [{"kind": "whatever"}],
        "quality": {"partial": True, "lost_s": 1.5, "warnings": ["1.5 s could not be decoded"]},
    }
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    call = read_transcript(path)
    assert (call.call_id, call.duration_s, call.roles_known) == ("c-9", 30.0, True)
    assert call.turns[0].voice is None
    assert call.turns[1].voice is not None
    assert call.turns[1].voice.arousal == 0.7
    assert call.sounds[0].confidence == 0.8
    assert call.quality.lost_s == 1.5


def test_facts_by_side_keep_their_sides(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"turns": [{"speaker": "left", "start_s": 0, "end_s": 2, "text": "Hello there."}]}))
    call = read_transcript(path)
    assert [turn.speaker for turn in call.turns] == ["left"]
    assert not call.roles_known


def test_a_third_voice_joins_the_party_it_does_not_answer(tmp_path: Path) -> None:
    lines = [
        "Agent: Hello",
        "Customer: Hi",
        "Agent: I transfer you",
        "Bo: Bo here",
        "Customer: Hi Bo",
        "Bo: Let me see",
    ]
    path = tmp_path / "transfer.srt"
    path.write_text(
        "\n\n".join(
            f"{i}\n00:00:{4 * i:02},000 --> 00:00:{4 * i + 2:02},000\n{line}" for i, line in enumerate(lines, 1)
        )
    )
    call = read_transcript(path)
    assert [speaker for speaker, _ in said(call)] == ["agent", "customer", "agent", "customer", "agent"]
    assert "Bo" in call.quality.warnings[0]


@pytest.mark.parametrize(
    ("encoding", "warned"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("utf-32", False), ("latin-1", True)],
)
def test_encodings(tmp_path: Path, encoding: str, warned: bool) -> None:
    path = tmp_path / "anruf.srt"
    text = (SAMPLES / "mobilfunk.srt").read_text("utf-8")
    path.write_bytes(text.encode(encoding))
    assert is_transcript(path)
    call = read_transcript(path)
    assert call.turns[0].text.endswith("was kann ich für Sie tun?")
    assert call.language == "de"
    assert bool(call.quality.warnings) is warned


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("AGENT", "agent"),
        ("Agent 2", "agent"),
        ("Customer Service Representative", "agent"),
        ("customer_1", "customer"),
        ("Caller", "customer"),
        ("客服小李", "agent"),
        ("客户", "customer"),
        ("客户服务", "agent"),
        ("お客様", "customer"),
        ("オペレーター", "agent"),
        ("Kundin", "customer"),
        ("Kundenberaterin", "agent"),
        ("Conseillère", "agent"),
        ("Cliente", "customer"),
        ("Müşteri Temsilcisi", "agent"),
        ("Klients", "customer"),
        ("SPEAKER_00", None),
        ("Maria", None),
        ("Reporter", None),
    ],
)
def test_names_that_say_a_role(name: str, role: str | None) -> None:
    assert role_of(name) == role


def test_audio_is_no_transcript(tmp_path: Path) -> None:
    wav = tmp_path / "call.wav"
    wav.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00")
    notes = tmp_path / "notes.wav"
    notes.write_text("These are my notes, not a recording.")
    assert not is_transcript(wav)
    assert not is_transcript(notes)
    assert is_transcript(tmp_path / "vanished.vtt")
