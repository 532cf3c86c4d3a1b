"""The timed words of a call's turns: kept apart from its report, since they are most of it and few who read it want them."""

import zlib
from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert

from audio.facts import Word
from monitor.records import CallReport
from monitor.store.tables import WordsRow

_WORDS = TypeAdapter(tuple[tuple[Word, ...], ...])


def put_words(connection: Connection, report: CallReport) -> None:
    """Keep the timed words of a report in place of those that its call had."""
    connection.execute(delete(WordsRow).where(WordsRow.call_id == report.call_id))
    said = [turn.words for turn in report.turns]
    if any(said):
        connection.execute(insert(WordsRow), [{"call_id": report.call_id, "words": packed(said)}])


def packed(said: Sequence[Sequence[Word]]) -> bytes:
    """The words of each turn as compressed JSON."""
    return zlib.compress(_WORDS.dump_json(tuple(map(tuple, said))))


def with_words(report: CallReport, words: bytes | None) -> CallReport:
    """A report with the words that were kept apart from it. Raises ValueError where they are not those of its turns."""
    if words is None:
        return report
    try:
        said = _WORDS.validate_json(zlib.decompress(words))
    except (zlib.error, TypeError) as error:  # what is no zlib, or no bytes: SQLite gives whatever was put there
        raise ValueError(f"These are no packed words: {error}.") from error
    turns = (turn.model_copy(update={"words": one}) for turn, one in zip(report.turns, said, strict=True))
    return report.model_copy(update={"turns": tuple(turns)})
