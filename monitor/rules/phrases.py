"""Exact phrases: found word by word in what was said, whatever its case, width or script.

    "cancel my account"    these words in this order
    "refund*"              a word that begins so
    "cancel ... account"   with up to five other words between

Scripts that write no spaces between words (Chinese, Japanese, Thai ...) have no word boundaries, and up to fifteen
characters may stand for the three dots. Korean is read like them, because its endings are written onto the word.
"""

import re
import unicodedata
from functools import lru_cache

GAP_WORDS = 5
GAP_CHARACTERS = 15

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Thai and Lao, Burmese, Khmer, kana, Chinese characters, Hangul."""
_LETTER = rf"[^\W{_UNSPACED}]"
_BETWEEN = r"[\s,\-]"
_SAID = re.compile(rf"[{_UNSPACED}]|{_LETTER}(?:{_LETTER}|['&+/]|\.(?={_LETTER}))*\*?")


def fold(text: str) -> str:
    """The text without differences of case, width and apostrophe, by which phrases are compared."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("‘", "'")


@lru_cache(maxsize=4096)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """The regular expression that finds a phrase in folded text.

    Raises:
        ValueError: the phrase has no letter or digit in it.
    """
    stretches = [_SAID.findall(stretch) for stretch in fold(phrase).split("...")]
    stretches = [words for words in stretches if words]
    if not stretches:
        raise ValueError(f"the phrase {phrase!r} has no word in it")
    return re.compile("".join(_pieces(stretches)))


def _pieces(stretches: list[list[str]]) -> list[str]:
    pieces: list[str] = []
    before = None
    for words in stretches:
        for position, word in enumerate(words):
            if before is not None:
                pieces.append(_gap(before, word) if position == 0 else _joint(before, word))
            pieces.append(_word(word))
            before = word
    return pieces


def _word(word: str) -> str:
    if _unspaced(word):
        return re.escape(word)
    begins = word.endswith("*")
    return rf"(?<!{_LETTER}){re.escape(word.rstrip('*'))}" + (rf"{_LETTER}*" if begins else rf"(?!{_LETTER})")


def _joint(before: str, word: str) -> str:
    """What may stand between two words that follow each other."""
    return f"{_BETWEEN}{'*' if _unspaced(before) or _unspaced(word) else '+'}"


def _gap(before: str, word: str) -> str:
    """What the three dots may stand for."""
    if _unspaced(before) or _unspaced(word):
        return rf".{{0,{GAP_CHARACTERS}}}?"
    return rf"[^\w']+(?:[\w']+[^\w']+){{0,{GAP_WORDS}}}?"


def _unspaced(word: str) -> bool:
    return re.match(rf"[{_UNSPACED}]", word) is not None
