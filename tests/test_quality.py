"""docs/QUALITY.md is made of kept results alone: what is measured stands there, with what it is measured against."""

import json
from pathlib import Path

import pytest

from audio.facts import Turn
from monitor.evaluate.judged import Judged
from monitor.records import Moment
from tests.fakes import said
from training.calls import LabelledMoment
from training.quality.__main__ import PARTS, QUICKEST_FIRST
from training.quality.ears import right_role, subtitles
from training.quality.judgement import precision_recall
from training.quality.render import render
from training.quality.results import Beside, Result, Row, load, save
from training.quality.transfer import dialogues

ROOT = Path(__file__).parent.parent


def result(**changes: object) -> Result:
    return Result(
        **{
            "part": "voice", "title": "Voice", "data": "twelve actors", "took_s": 200.0, "date": "2026-01-02", "version": "abc",
            "rows": [
                Row("anger", "actors", "AUC", 0.97123, (0.95, 0.98), [Beside("level", 0.5, (0.4, 0.6))], reach=0.97),
                Row("errors", "one call", "rate", 0.3104, beside=[Beside("plain", 0.3096)], reach=0.3096, lower=True),
                Row("told", "for its own sake", "AUC", -0.25),
            ],
            "curves": {"reliability missed": [[0.35, 0.3, 12], [0.8, 0.9, 4]], "precision-recall missed": [[0.5, 0.8, 0.61], [0.7, 0.5, 0.58]]},
            "tables": {"Each": [["a", "b"], ["1", "2"]]},
            **changes,
        }
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_result_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = result()
    path = save(kept, tmp_path)
    assert json.loads(path.read_text())["rows"][0]["ours"] == 0.9712
    back = load(tmp_path)["voice"]
    assert back.rows[0] == Row(
        "anger", "actors", "AUC", 0.9712, (0.95, 0.98), [Beside("level", 0.5, (0.4, 0.6))], reach=0.97
    )
    assert back.command == "make quality PARTS=voice"


def test_the_page_states_figures_intervals_baselines_and_targets(tmp_path: Path) -> None:
    page = tmp_path / "QUALITY.md"
    render({"voice": result()}, ["voice", "words"], page)
    text = page.read_text()
    assert "| anger | actors | AUC | **0.971** [0.950, 0.980] | level 0.500 [0.400, 0.600] | ≥ 0.970 | yes |" in text
    assert "| errors | one call | rate | **0.310** | plain 0.310 | ≤ 0.310 | yes |" in text
    assert "| told | for its own sake | AUC | **\u22120.250** |  |  |  |" in text
    assert "**2 of 2 targets are reached.**" in text
    assert "Measured 2026-01-02 at abc by `make quality PARTS=voice`, in 3 min." in text
    assert "Not measured yet: words." in text
    assert "| 1 | 2 |" in text


def test_what_falls_short_is_said_at_the_top(tmp_path: Path) -> None:
    short = Row("anger", "actors", "AUC", 0.9, reach=0.97)
    page = tmp_path / "QUALITY.md"
    render({"voice": result(rows=[short])}, ["voice"], page)
    assert (
        "**0 of 1 targets are reached.** These are not:\n\n- anger, actors, AUC: 0.900, to reach ≥ 0.970"
        in page.read_text()
    )
    assert "**not yet**" in page.read_text()


def test_pictures_are_drawn_small_and_alike_each_time(tmp_path: Path) -> None:
    def drawn() -> dict[str, bytes]:
        render({"voice": result()}, ["voice"], tmp_path / "QUALITY.md")
        return {path.name: path.read_bytes() for path in (tmp_path / "quality").iterdir()}

    first = drawn()
    assert set(first) == {"voice-reliability.svg", "voice-precision-recall.svg"}
    assert all(len(content) < 60_000 for content in first.values())
    assert drawn() == first
    assert b"F1 0.61" in first["voice-precision-recall.svg"]


def test_every_part_has_a_place_in_the_order() -> None:
    assert sorted(PARTS) == sorted(QUICKEST_FIRST)


@pytest.mark.skipif(not (ROOT / "docs/QUALITY.md").exists(), reason="nothing was measured yet")
def test_the_page_that_is_committed_is_what_its_results_give(tmp_path: Path) -> None:
    render(load(ROOT / "docs/quality"), list(PARTS), tmp_path / "QUALITY.md")
    assert (tmp_path / "QUALITY.md").read_text() == (ROOT / "docs/QUALITY.md").read_text()


def test_words_are_held_against_the_subtitle_spoken_at_their_middle(tmp_path: Path) -> None:
    path = tmp_path / "call.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:03,500\n[CSR] How can\nI help?\n\n2\n00:00:04,000 --> 00:00:06,000\n[Customer] It rings.\n"
    )
    reference = subtitles(path)
    assert [(who, span.start_s, text) for who, span, text in reference] == [
        ("CSR", 1.0, "How can I help?"),
        ("Customer", 4.0, "It rings."),
    ]
    words = said("How can I help? It", 1.0, 6.0)
    turn = Turn(index=0, speaker="agent", start_s=1.0, end_s=6.0, text="", words=tuple(words))
    assert right_role([turn], reference) == pytest.approx(3 / 5)


def test_a_turn_is_dissatisfied_where_most_annotators_say_so(tmp_path: Path) -> None:
    path = tmp_path / "rated.txt"
    path.write_text(
        "\nUSER\tA cheap hotel.\tInform\t3,3,3\nSYSTEM\tThere is none.\tNone\t\nUSER\tReally?\t\t2,2,3\nUSER\tOVERALL\t\t3,3,3\n\nUSER\tHi.\t\t1,3\n"
    )
    first, second = dialogues(path)
    assert first[1] == [False, None, True]
    assert [turn.speaker for turn in first[0]] == ["customer", "agent", "customer"]
    assert second[1] == [False]


def test_the_curve_tells_what_each_threshold_costs() -> None:
    label = LabelledMoment("talk_over", "missed", "minor", 1, "")
    found = [
        Moment(kind="talk_over", verdict="missed", severity="minor", turn=turn, start_s=0, end_s=1, confidence=sure, quote="", why="")
        for turn, sure in ((1, 0.62), (5, 0.32))
    ]  # fmt: skip
    points = precision_recall([Judged("one", "en", [], [label], found)], "missed")
    assert points[0] == pytest.approx([1.0, 0.5, 2 / 3])
    assert points[-1] == pytest.approx([1.0, 1.0, 1.0])
    assert len(points) == 12
