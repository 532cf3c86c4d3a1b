"""Splits what was said into sentences, in any script, losing nothing."""

import re

_CLOSERS = "\"'”’»」』）)]"
_CJK_ENDS = "。！？｡"
_ENDS = re.compile(rf"(?:[{_CJK_ENDS}]+|[.!?…]+)[{re.escape(_CLOSERS)}]*")
_ABBREVIATIONS = frozenset(
    {
        *("mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "approx", "ext", "dept"),  # English
        *("sr", "sra", "srta", "dra", "ud", "uds", "núm", "av", "p.ej"),  # Spanish, Portuguese
        *("mme", "mlle", "mgr", "cf"),  # French
        *("hr", "fr", "nr", "str", "bzw", "ca", "z.b", "d.h", "u.a", "o.ä"),  # German
        *("sig", "dott", "mevr", "dhr", "tel", "т.е", "ул", "plkst"),  # Italian, Dutch, Russian, Latvian
    }
)


def split_sentences(text: str, language: str | None = None) -> list[str]:
    """The sentences of `text` in order, without the white space around them.

    A sentence ends at 。！？ wherever it stands, and at . ! ? … where white space or the end follows, unless the mark
    belongs to an abbreviation or an initial ("Dr.", "z. B."), or the text goes on in lower case ("well... maybe").
    Joining the sentences gives the text back but for white space.

    Args:
        text: one turn, or any stretch of speech.
        language: ISO 639-1; in German and Latvian a number before a full stop ("am 3. Mai") does not end a sentence.
    """
    sentences = []
    start = 0
    for mark in _ENDS.finditer(text):
        if _ends_sentence(text, start, mark, language):
            sentences.append(text[start : mark.end()].strip())
            start = mark.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends_sentence(text: str, start: int, mark: re.Match[str], language: str | None) -> bool:
    after = text[mark.end() :]
    if mark.group()[0] in _CJK_ENDS:
        return True
    if _is_cjk(text[mark.start() - 1 : mark.start()]) and mark.group()[0] in "!?…":
        return True
    if after and not after[0].isspace():
        return False
    following = after.lstrip()[:1]
    if mark.group()[0] in ".…" and following.islower():
        return False
    return not (mark.group() == "." and _is_abbreviation(text[start : mark.start()], language))


def _is_abbreviation(before: str, language: str | None) -> bool:
    """Whether a full stop after `before` belongs to its last word."""
    words = before.split()
    if not words:
        return False
    word = words[-1].lstrip(_CLOSERS + "([¿¡«").casefold()
    if language in ("de", "lv") and word.isdigit():
        return True
    is_initial = len(word) == 1 and word.isalpha() and word != "i" and not _is_cjk(word)
    return is_initial or word in _ABBREVIATIONS


def _is_cjk(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff"
