"""Which language a transcript is in, by its script and its small words; enough for a call, not for a single sentence."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

SCRIPTS = {
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
}
"""Letters that only one of the languages we know is written in; Han characters count as Chinese unless there is kana."""

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LATIN = re.compile(r"[a-zà-žḀ-ỿ]")

LEAST_SHARE = 0.12
"""In speech a third to a half of all words are such small words; below this share of them the language is another one."""

SAMPLE_CHARACTERS = 20_000

ALIASES = {
    "cmn": "zh",
    "yue": "zh",
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "jpn": "ja",
}


@cache
def _small_words() -> dict[str, dict[str, float]]:
    """Per language its small words, each weighing less the more languages share it."""
    data = tomllib.loads(files(__package__).joinpath("languages.toml").read_text("utf-8"))
    words = {language: set(text.split()) for language, text in data.items()}
    shared = Counter(word for own in words.values() for word in own)
    return {language: {word: 1 / shared[word] for word in own} for language, own in words.items()}


def language_code(tag: str | None) -> str | None:
    """ISO 639-1 code of a language tag ("en-US", "zh_CN", "eng"); None where it names none."""
    code = re.split(r"[-_]", tag.strip().lower())[0] if tag else ""
    code = ALIASES.get(code, code)
    return code if len(code) == 2 and code.isalpha() else None


def find_language(texts: Iterable[str]) -> str | None:
    """The language that most of the words are in; None where they do not tell."""
    text = " ".join(texts)[:SAMPLE_CHARACTERS].lower()
    letters = {language: len(script.findall(text)) for language, script in SCRIPTS.items()}
    letters["latin"] = len(LATIN.findall(text))
    if letters["ja"] > 0.1 * letters["zh"]:
        letters["ja"] += letters.pop("zh")
    # A character of these scripts says about as much as three Latin letters.
    commonest = max(letters, key=lambda script: letters[script] * (1 if script in ("latin", "ru", "ar") else 3))
    if not letters[commonest]:
        return None
    return commonest if commonest != "latin" else _by_small_words(text)


def _by_small_words(text: str) -> str | None:
    words = [word.replace("’", "'") for word in WORD.findall(text)]
    scores = {
        language: sum(weights.get(word, 0.0) for word in words) / len(words)
        for language, weights in _small_words().items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= LEAST_SHARE else None
