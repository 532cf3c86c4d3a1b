"""How recognised pieces become words, and words become text, in scripts with and without spaces."""

from collections.abc import Iterable, Sequence
from unicodedata import category

from audio.facts import Word

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3000, 0x30FF),  # CJK punctuation, kana
    (0x3400, 0x4DBF),  # Han extension A
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han compatibility
    (0xFF00, 0xFFEF),  # full-width forms
    (0x20000, 0x3FFFF),  # Han extensions B and later
)


def is_unspaced(character: str) -> bool:
    """Whether a character is of a script written without spaces between words."""
    point = ord(character)
    return any(low <= point <= high for low, high in _UNSPACED)


def join_words(words: Iterable[str]) -> str:
    """Words as a reader expects them: spaces between them, save where the script has none.

    >>> join_words(["Hello", "there,", "你好", "吗"])
    'Hello there,你好吗'
    """
    text = ""
    for word in words:
        if text and word and not (_ends_unspaced(text) or is_unspaced(word[0])):
            text += " "
        text += word
    return text


def _ends_unspaced(text: str) -> bool:
    """Whether the last letter is of an unspaced script, whatever punctuation follows it."""
    last = next((character for character in reversed(text) if category(character)[0] in "LN"), text[-1])
    return is_unspaced(last)


def whole_words(pieces: Iterable[Word]) -> list[Word]:
    """Words from a recogniser's pieces, in which a leading space marks the start of a word.

    A piece without one belongs to the word before it ("check" + "-in"), unless either is of a script without spaces.
    """
    words: list[Word] = []
    for piece in pieces:
        text = piece.text.strip()
        if not text:
            continue
        if words and not piece.text[0].isspace() and _belongs(words[-1].text, text):
            words[-1] = _merged(words[-1], piece, words[-1].text + text)
        else:
            words.append(piece.model_copy(update={"text": text}))
    return words


def bare(word: str) -> str:
    """A word for comparison: lower case, without punctuation or symbols."""
    return "".join(c for c in word.casefold() if category(c)[0] in "LNM")


def bare_words(words: Sequence[Word]) -> list[str]:
    """Each word for comparison."""
    return [bare(word.text) for word in words]


def _belongs(word: str, piece: str) -> bool:
    if not bare(piece):
        return True
    return not (is_unspaced(word[-1]) or is_unspaced(piece[0]))


def _merged(word: Word, piece: Word, text: str) -> Word:
    return Word(
        text=text,
        start_s=word.start_s,
        end_s=max(word.end_s, piece.end_s) if bare(piece.text) else word.end_s,
        confidence=min(word.confidence, piece.confidence) if bare(piece.text) else word.confidence,
    )
