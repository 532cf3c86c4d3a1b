"""Full-text search over what was said, in any script, the same in SQLite (FTS5) and PostgreSQL (tsvector).

Both databases split text into words by rules of their own, and neither splits Chinese. So the words are made here: text
is folded (case, width, accents), words stay words, and scripts that are written without spaces become overlapping pairs
of characters, as Lucene's CJKBigramFilter makes them: 要退款 is 要退 退款 款. The databases only find sequences of words.

A search is words, or phrases in quotes; a call is found if it has them all, the first fifty of them where somebody searches for
a whole text. The beginning of a word is enough, but for single letters.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    Select,
    cast,
    column,
    delete,
    func,
    insert,
    intersect,
    or_,
    select,
    table,
    text,
)

from monitor.store.more_tables import Transcript
from monitor.store.tables import TurnRow

Phrase = tuple[str, ...]
"""Tokens that follow each other; of the last one the beginning is enough."""

_UNSPACED = "⺀-⿟぀-ヿ㐀-䶿一-鿿豈-﫿𠀀-𯿿ก-๏ກ-໏က-႟ក-៓"
"""Han, kana, Thai, Lao, Burmese and Khmer."""
_MARKS = re.compile("[̀-ًͯ-ٰٟ]")
"""Accents of Latin, Greek and Cyrillic letters; vowel signs of Arabic."""
_RUNS = re.compile(rf"([{_UNSPACED}]+)|((?:(?![{_UNSPACED}_])[\wऀ-ෟ])+)")
_QUOTED = re.compile(r'["“”„«»「」『』]([^"“”„«»「」『』]*)["“”„«»「」『』]?|(\S+?)(?=["“”„«»「」『』\s]|$)')

_TURN_END = "¶"
"""A token that no search contains: no phrase reaches from one turn into the next."""
_PART_TOKENS = 1_500
"""A tsvector keeps 256 positions of a word, and none beyond 16,383; shorter parts lose nothing. An FTS5 row has no such bounds."""
_LONGEST_TOKEN = 64
_MOST_PHRASES = 50
"""PostgreSQL takes minutes and gigabytes to plan a search for a thousand words; SQLite refuses it."""
_TOKENS = table("transcript_tokens", column("rowid", Integer))


def fold(words: str) -> str:
    """The text without differences of case, width and accent."""
    if words.isascii():
        return words.lower()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", words))
    return unicodedata.normalize("NFKC", plain).casefold()


def tokens(words: str) -> list[str]:
    """The search tokens of a text, in order."""
    found: list[str] = []
    for unspaced, word in _RUNS.findall(fold(words)):
        if word:
            found.append(word[:_LONGEST_TOKEN])
        else:
            found += _pairs(unspaced)
            found.append(unspaced[-1])
    return found


def phrases(search: str) -> tuple[Phrase, ...]:
    """What a search asks for: every phrase has to be there. Signs alone ask for nothing."""
    asked = (quoted or bare for quoted, bare in _QUOTED.findall(search))
    return tuple(dict.fromkeys(phrase for part in asked if (phrase := _phrase(part))))[:_MOST_PHRASES]


def _phrase(part: str) -> Phrase:
    made = tokens(part)
    # The last character of a run stands alone in a text; in a search it need not be the last of its run.
    ends_in_pair = len(made) > 1 and len(made[-2]) == 2 and made[-1] == made[-2][-1] and _unspaced(made[-1])
    return tuple(made[:-1] if ends_in_pair else made)


def _unspaced(token: str) -> bool:
    return re.fullmatch(f"[{_UNSPACED}]", token) is not None


def _pairs(run: str) -> Iterator[str]:
    return (run[i : i + 2] for i in range(len(run) - 1))


def _open_ended(phrase: Phrase) -> bool:
    """Whether the beginning of the last word is enough; of a single letter it would be a tenth of all words."""
    return len(phrase[-1]) > 1 or _unspaced(phrase[-1])


def says(turn: str, asked: Iterable[Phrase]) -> bool:
    """Whether a turn holds any of the phrases."""
    return any(held(turn, asked))


def held(turn: str, asked: Iterable[Phrase]) -> Iterator[Phrase]:
    """Those of the phrases that a turn holds."""
    folded, said = fold(turn), None
    plain = folded.isascii()
    for phrase in asked:
        # To split a text into tokens costs far more than to see that it holds none of them.
        for token in phrase:
            if token not in folded:
                break
        else:
            if plain and (pattern := _plain_pattern(phrase)):
                if pattern.search(folded):
                    yield phrase
                continue
            said = said or tokens(turn)
            if _holds(said, phrase):
                yield phrase


def places(said: str, search: str) -> list[tuple[int, int]]:
    """Where in a text stands what is searched for: from and to, in order, none overlapping."""
    # Folded letter by letter, so that every place stays where it is; the few that become two letters stay as they are.
    plain = "".join(one if len(one) == 1 else letter for letter in said for one in (fold(letter),))
    found = sorted(match.span() for phrase in phrases(search) for match in _pattern(phrase).finditer(plain))
    apart: list[tuple[int, int]] = []
    for start, end in found:
        if apart and start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


@lru_cache(maxsize=256)
def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """Finds a phrase in folded text; in text of ASCII characters alone exactly where its tokens follow each other."""
    pieces: list[str] = []
    for token in phrase:
        if pieces and len(token) == 2 and _unspaced(token[0]) and pieces[-1][-1] == token[0]:
            pieces[-1] += token[1]  # pairs of characters that overlap
        else:
            pieces.append(token)
    joined = re.escape(pieces[0])
    for before, piece in pairwise(pieces):
        joined += (r"[\W_]*" if _unspaced(before[-1]) or _unspaced(piece[0]) else r"[\W_]+") + re.escape(piece)
    start = "" if _unspaced(pieces[0][0]) else r"(?<![^\W_])"
    return re.compile(start + joined + ("" if _open_ended(phrase) else r"(?![^\W_])"))


@lru_cache(maxsize=256)
def _plain_pattern(phrase: Phrase) -> re.Pattern[str] | None:
    """The same, where it finds in ASCII characters exactly what the tokens say; None where a token is cut off."""
    return _pattern(phrase) if all(len(token) < _LONGEST_TOKEN for token in phrase) else None


def _holds(said: Sequence[str], phrase: Phrase) -> bool:
    *firsts, last = phrase
    n, open_ended = len(firsts), _open_ended(phrase)
    return any(
        (said[i] == last or (open_ended and said[i].startswith(last))) and said[i - n : i] == firsts
        for i in range(n, len(said))
    )


def calls_that_say(search: str, dialect: str, call_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """The conditions on the ids of calls, one for each phrase."""
    return [call_id.in_(said) for said in _said_in(search, dialect)]


def counting_calls_that_say(search: str, dialect: str) -> Select[int] | None:
    """Counts them from the index alone; None where nothing is asked for."""
    said = _said_in(search, dialect)
    if not said:
        return None
    every = intersect(*said) if len(said) > 1 else said[0].distinct()
    return select(func.count()).select_from(every.subquery())


def _said_in(search: str, dialect: str) -> list[Select[str]]:
    """The ids of calls; a call that is among all of them says all that is searched for."""
    asked = phrases(search)
    # A call is one row in SQLite, where the index finds all phrases at once, in a third of the time.
    together = [asked] if dialect == "sqlite" and asked else [(phrase,) for phrase in asked]
    return [
        select(Transcript.call_id).where(Transcript.id.in_(rows_with(some, number, dialect)))
        for number, some in enumerate(together)
    ]


def rows_with(asked: Sequence[Phrase], number: int, dialect: str) -> Select[int]:
    """The numbers of the transcripts, or parts of one, that hold all of the phrases.

    number: of this question, where a statement has several
    """
    # Tokens hold letters, digits and marks alone, so that quoting them is safe in both languages of queries.
    name = f"search_{number}"
    if dialect == "postgresql":
        query = " & ".join(
            " <-> ".join(f"'{token}'" for token in phrase) + (":*" if _open_ended(phrase) else "") for phrase in asked
        )
        found = text(f"tokens @@ CAST(:{name} AS tsquery)")
    else:
        query = " AND ".join(f'"{" ".join(phrase)}"' + (" *" if _open_ended(phrase) else "") for phrase in asked)
        found = text(f"transcript_tokens MATCH :{name}")
    return select(_TOKENS.c.rowid).where(found.bindparams(**{name: query}))


def may_hold(asked: Sequence[Phrase], dialect: str) -> ColumnElement[bool]:
    """What is true of every turn that holds any of the phrases, and of few others.

    To fetch a turn and look into it costs twenty times as much as this does. Plain text (ASCII) holds the longest word of a
    phrase as it is, but for its case; other text has to be folded first, and is fetched.
    """
    words = [f"%{max(phrase, key=len)}%" for phrase in asked]
    if dialect == "postgresql":
        said: ColumnElement[str] = TurnRow.text.collate("C")
        return or_(func.octet_length(said) != func.length(said), *(said.ilike(word) for word in words))
    # LIKE in SQLite takes letters of either case for the same, in ASCII alone.
    octets = func.length(cast(TurnRow.text, LargeBinary))
    return or_(octets != func.length(TurnRow.text), *(TurnRow.text.like(word) for word in words))


def turns_that_say(
    connection: Connection, call_ids: Sequence[str], search: str, *, most: int
) -> dict[str, list[TurnRow]]:
    """By call, so many of its turns that say most of what is searched for, in order."""
    asked = phrases(search)
    columns = (TurnRow.call_id, TurnRow.position, TurnRow.speaker, TurnRow.start_s, TurnRow.text)
    of_calls = (TurnRow.call_id.in_(call_ids), may_hold(asked, connection.dialect.name))
    query = select(*columns).where(*of_calls).order_by(TurnRow.call_id, TurnRow.position)
    found: dict[str, list[tuple[int, TurnRow]]] = {}
    whole: Counter[str] = Counter()
    for row in connection.execute(query).all() if asked else ():  # all at once: row by row takes twice as long
        call_id, *_, words = row  # sooner than by name
        if whole[call_id] >= most:  # no later turn can say more
            continue
        said = len(list(held(words, asked)))
        whole[call_id] += said == len(asked)
        if said:
            found.setdefault(call_id, []).append((said, row))  # type: ignore[arg-type]
    return {call_id: _best(turns, most) for call_id, turns in found.items()}


def _best(turns: Sequence[tuple[int, TurnRow]], most: int) -> list[TurnRow]:
    best = sorted(turns, key=lambda one: -one[0])[:most]
    return sorted((row for _, row in best), key=lambda row: row.position)


def put_transcript(connection: Connection, call_id: str, turns: Iterable[str]) -> None:
    """Make a call's words searchable, in place of those it had."""
    connection.execute(delete(Transcript).where(Transcript.call_id == call_id))
    tokens_type = "AS tsvector" if connection.dialect.name == "postgresql" else "AS text"
    for part in transcript_parts(turns, connection.dialect.name):
        number = connection.execute(insert(Transcript).returning(Transcript.id), {"call_id": call_id}).scalar_one()
        row = text(f"INSERT INTO transcript_tokens (rowid, tokens) VALUES (:number, CAST(:tokens {tokens_type}))")
        connection.execute(row, {"number": number, "tokens": part})


def transcript_parts(turns: Iterable[str], dialect: str) -> list[str]:
    """What is stored of a call's words: all of it in SQLite, in parts of bounded length in PostgreSQL."""
    parts: list[list[str]] = [[]]
    bounded = dialect == "postgresql"
    for said in turns:
        if bounded and len(parts[-1]) >= _PART_TOKENS:
            parts.append([])
        parts[-1] += _tokens_of_turn(said)
        parts[-1].append(_TURN_END)
    written = _vector if bounded else " ".join
    return [written(part) for part in parts if len(part) > 1]


@lru_cache(maxsize=4_096)
def _tokens_of_turn(said: str) -> tuple[str, ...]:
    # Calls are full of the same short turns.
    return tuple(tokens(said))


def _vector(part: Sequence[str]) -> str:
    """Tokens with their positions in the notation of a tsvector."""
    return " ".join(f"'{token}':{position}" for position, token in enumerate(part, 1))
