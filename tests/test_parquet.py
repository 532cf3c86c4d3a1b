"""The store as Parquet files: every row, true types, whole or not there, and described in the documentation."""

import re
from pathlib import Path

import duckdb
import pytest
from pyarrow.parquet import ParquetFile, read_table
from reports import make_report
from sqlalchemy import func, select
from typer.testing import CliRunner

from audio.errors import HeardError
from monitor.cli.app import app
from monitor.store import CallDetails, Store, moments_of, review
from monitor.store.parquet import TABLES, write_parquet

DOCUMENT = Path(__file__).parent.parent / "docs" / "STORE.md"


@pytest.fixture
def filled(store):
    for number in range(5):
        details = CallDetails(agent_name="Ben" if number % 2 else "Ann", team="north")
        store.save(make_report(f"call-{number}"), content_sha256=str(number), details=details)
    review(store, "call-3", moments_of(store, "call-3")[0].subject, "dismiss", reviewer="ann", comment="No.")
    return store


def test_every_row_of_every_table_is_written(filled, tmp_path):
    told = []
    counts = write_parquet(filled, tmp_path / "out", lambda done, total: told.append((done, total)))
    with filled.transaction(write=False) as connection:
        for name, table in TABLES.items():
            rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert read_table(tmp_path / "out" / f"{name}.parquet").num_rows == rows == counts[name] > 0
    assert told[-1] == (sum(counts.values()), sum(counts.values()))


def test_values_keep_their_types(filled, tmp_path):
    write_parquet(filled, tmp_path)
    turn = read_table(tmp_path / "turns.parquet").to_pylist()[1]
    report = filled.load("call-0")
    assert (turn["call_id"], turn["text"], turn["frustration"]) == ("call-0", report.turns[1].text, 0.8)
    assert dict(turn["acts"]) == report.turns[1].acts
    call = read_table(tmp_path / "calls.parquet").to_pylist()[0]
    assert call["analyzed_at"].utcoffset().total_seconds() == 0
    assert call["recovered"] is True
    assert call["started_at"] is None
    dismissed = [row for row in read_table(tmp_path / "moments.parquet").to_pylist() if row["decision"] == "dismiss"]
    assert [row["call_id"] for row in dismissed] == ["call-3"]


def test_rows_are_written_in_groups(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("monitor.store.parquet.GROUP_ROWS", 7)
    counts = write_parquet(filled, tmp_path)
    with ParquetFile(tmp_path / "turns.parquet") as file:
        sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sizes == [7] * (counts["turns"] // 7) + [counts["turns"] % 7] * (counts["turns"] % 7 > 0)


def test_where_one_file_cannot_be_written_none_appears(filled, tmp_path):
    (tmp_path / "reviews.parquet").mkdir()
    with pytest.raises(HeardError, match="cannot be written"):
        write_parquet(filled, tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_file() and not path.name.startswith("heard.db")]


def test_an_empty_store_gives_empty_tables(store, tmp_path):
    write_parquet(store, tmp_path)
    assert {read_table(tmp_path / f"{name}.parquet").num_rows for name in TABLES} == {0}


def query_of(document: str) -> str:
    return re.search(r"```sql\n(.*?)```", document, re.DOTALL)[1]


def test_the_documented_query_runs(filled, tmp_path, monkeypatch):
    write_parquet(filled, tmp_path / "tables")
    monkeypatch.chdir(tmp_path)
    rows = duckdb.sql(query_of(DOCUMENT.read_text("utf-8"))).fetchall()
    assert ("north", "unacknowledged_frustration", 4, 5, 0.8) in [tuple(row) for row in rows]


def test_every_column_is_documented(store, tmp_path):
    write_parquet(store, tmp_path)
    text = DOCUMENT.read_text("utf-8")
    for name in TABLES:
        section = re.search(rf"^### {name}\n(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)[1]
        documented = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE))
        schema = read_table(tmp_path / f"{name}.parquet").schema
        written = {field.name: str(field.type).split("[")[0].split("<")[0] for field in schema}
        assert documented == written, name


def test_the_command(tmp_path):
    url = str(tmp_path / "heard.db")
    with Store.open(url) as store:
        store.save(make_report(), content_sha256="a")
    run = CliRunner().invoke(app, ["export", "--parquet", str(tmp_path / "out"), "--store", url])
    assert run.exit_code == 0, run.output
    assert "calls.parquet  1 row\n" in run.output
    assert {path.stem for path in (tmp_path / "out").iterdir()} == set(TABLES)


@pytest.mark.parametrize("arguments", [["kettle"], ["kettle", "--parquet", "out"], ["--format", "csv"], []])
def test_the_command_says_what_it_needs(arguments, tmp_path):
    run = CliRunner().invoke(app, ["export", *arguments, "--store", str(tmp_path / "heard.db")])
    assert run.exit_code == 2
    assert "--parquet" in run.output
