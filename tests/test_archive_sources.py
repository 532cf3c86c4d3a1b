"""What an archive is made of: files, folders, globs and manifests, and what is known of each call."""

import csv
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import BadInput, BadSettings
from monitor.archive.describe import NamePattern, describe
from monitor.archive.manifest import rows
from monitor.archive.sources import Listing
from monitor.store.job_records import Asked


@pytest.fixture
def archive(tmp_path):
    for name in ("b/2.mp3", "a/1.wav", "a/deep/3.OPUS", "a/notes.txt", "a/.hidden.wav", ".old/4.wav", "README"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "archive"


def names(listing, folder):
    return [item.source.removeprefix(f"{folder}/") for item in listing]


def test_a_folder_is_listed_with_all_below_it_in_order(archive):
    listing = Listing([str(archive)])
    assert names(listing, archive) == ["a/1.wav", "a/deep/3.OPUS", "b/2.mp3"]
    assert listing.left_out == {".txt": 1, "no suffix": 1}
    assert listing.problems == []


def test_a_file_by_its_name_may_be_called_anything(archive):
    assert names(Listing([str(archive / "a/notes.txt")]), archive) == ["a/notes.txt"]


def test_a_glob_takes_what_fits_it(archive):
    assert sorted(names(Listing([f"{archive}/**/*.[mw]??"]), archive)) == ["a/1.wav", "b/2.mp3"]


def test_a_link_to_a_folder_is_not_followed_round_and_round(archive):
    (archive / "a" / "round").symlink_to(archive)
    assert len(list(Listing([str(archive)]))) == 3


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("gone.wav", "gone.wav does not exist; check the name."),
        ("*.ogg", "*.ogg holds no calls."),
        ("texts", "texts holds no recordings by their names; name other files, or transcripts, by a pattern"),
        ("gone.csv", "gone.csv does not exist; check the name."),
    ],
)
def test_a_source_that_gives_nothing_is_named_and_the_others_go_on(archive, monkeypatch, source, said):
    monkeypatch.chdir(archive)
    (archive / "texts").mkdir()
    (archive / "texts" / "call.json").write_text("{}")
    listing = Listing([source, "b"])
    assert names(listing, archive) == ["b/2.mp3"]
    assert said in listing.problems[0]
    assert listing.problem_count == 1


def test_a_name_that_is_no_text_is_told(archive):
    (archive / "b" / "\udcff.wav").write_text("sound")
    listing = Listing([str(archive / "b")])
    assert names(listing, archive) == ["b/2.mp3"]
    assert "is not UTF-8; rename it" in listing.problems[0]


def test_the_stamp_changes_with_the_file(archive):
    before = [item.stamp for item in Listing([str(archive / "b")])]
    (archive / "b/2.mp3").write_text("something longer")
    assert [item.stamp for item in Listing([str(archive / "b")])] != before


def test_names_tell_of_calls(archive):
    (archive / "North").mkdir()
    (archive / "North" / "Kim Oh_20260131T093000_out_ab12.wav").touch()
    pattern = NamePattern(
        r"(?P<team>[^/]+)/(?P<agent>[^/_]+)_(?P<start>\w+?)_(?P<direction>in|out)_(?P<call_id>\w+)\.wav"
    )
    listing = Listing([str(archive)], pattern=pattern, asked=Asked(language="de"))
    [item] = [item for item in listing if item.asked.call_id]
    assert item.asked == Asked(call_id="ab12", language="de")
    assert item.details.model_dump() == {
        "agent_name": "Kim Oh",
        "team": "North",
        "direction": "outbound",
        "started_at": datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    }
    assert (listing.listed, listing.unfitting) == (4, 3)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("(", "is no regular expression"), ("x", "needs named groups"), ("(?P<mood>x)", "'mood', which tells nothing")],
)
def test_a_pattern_that_tells_nothing_is_wrong_usage(pattern, said):
    with pytest.raises(BadSettings, match=said):
        NamePattern(pattern)


MANIFEST = """\
Recording;Call-ID;agent;team;start_time;direction;agent_channel;mood
a/1.wav;one;Kim;North;2026-01-31T09:30:00+01:00;Inbound;1;bright
b/2.mp3;;;;;;;
b/3.mp3;three;;;yesterday;;;

/elsewhere/4.wav;;;;1769848200;;;
s3://calls/5.wav;;;;;;left;
"""


def test_a_manifest_tells_of_calls_and_a_bad_line_stops_nothing(archive):
    (archive / "calls.csv").write_text(MANIFEST, encoding="utf-8-sig")
    listing = Listing([str(archive / "calls.csv")])
    one, two, four, five = listing
    assert one.source == str(archive / "a/1.wav")
    assert one.stamp
    assert one.asked == Asked(call_id="one", agent="right")
    assert (one.details.agent_name, one.details.direction) == ("Kim", "inbound")
    assert one.details.started_at == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    assert two.asked == Asked()
    assert four.source == "/elsewhere/4.wav"
    assert four.details.started_at == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    assert (five.source, five.stamp, five.asked.agent) == ("s3://calls/5.wav", "", "left")
    [problem] = listing.problems
    assert "b/3.mp3: 'yesterday' is no start time" in problem


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"agent,team\nKim,North\n", "has no column that names the recordings"),
        (b"file,path\na,b\n", "has two columns for the source"),
        (b"file\n\xff\xfe\xfa\n", "is not UTF-8 text"),
        (b'file\n"a\0b"\n', "name that is not UTF-8"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_told(archive, content, said):
    (archive / "calls.csv").write_bytes(content)
    listing = Listing([str(archive / "calls.csv")])
    assert list(listing) == []
    assert said in listing.problems[0]


def test_a_parquet_manifest_tells_the_same(archive):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    start = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    table = pyarrow.table(
        {"path": ["a/1.wav", "b/2.mp3"], "start": [start, None], "team": ["North", None], "agent_channel": [0, None]}
    )
    parquet.write_table(table, archive / "calls.parquet")
    one, two = Listing([str(archive / "calls.parquet")])
    assert (one.details.started_at, one.details.team, one.asked.agent) == (start, "North", "left")
    assert two.source == str(archive / "b/2.mp3")
    (archive / "calls.parquet").write_bytes(b"PAR1 not really PAR1")
    broken = Listing([str(archive / "calls.parquet")])
    assert list(broken) == []
    assert "cannot be read as Parquet" in broken.problems[0]


_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda text: text == text.strip())


@given(
    st.lists(st.fixed_dictionaries({"source": _texts, "agent": _texts, "team": _texts, "call_id": _texts}), max_size=5)
)
def test_whatever_a_spreadsheet_writes_is_read_as_it_was(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("manifest") / "calls.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["source", "agent", "team", "call_id"])
        writer.writeheader()
        writer.writerows(table)
    assert [row for _, row in rows(str(path))] == table


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["%Y%m%d%H%M%S", "%Y-%m-%d_%H-%M-%S", "%Y%m%d_%H%M%S", "%Y-%m-%d %H:%M:%S", "%Y.%m.%d %H.%M.%S"]))  # fmt: skip
def test_start_times_are_read_in_the_spellings_of_file_names(when, spelling):
    when = when.replace(microsecond=0)
    item = describe("call.wav", "", {"start": when.strftime(spelling)}, Asked())
    assert item.details.started_at == when.replace(tzinfo=UTC)


@given(st.text())
def test_any_start_time_is_read_or_refused(text):
    refused, item = None, None
    try:
        item = describe("call.wav", "", {"start": text}, Asked())
    except BadInput as error:
        refused = str(error)
    if item is None:
        assert "is no start time" in str(refused)
    else:
        assert item.details.started_at is None or item.details.started_at.tzinfo is not None
