"""Where a text holds personal data that must not be kept: numbers of cards, accounts and phones, e-mail addresses, codes.

Patterns alone, in any language whose digit words are in personal.toml: no names are looked for (a reviewer needs to
see that the agent used the customer's), and nothing that a call is about is touched: times, prices, dates, model numbers.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from monitor.digits import WORDS, Run, luhn, runs

CONTEXT_CHARS = 60
"""How far before a number the words that say what it is are looked for: a short sentence."""
_TOUCHES = 16
"""Characters before and after a number that may belong to it: a sign, a letter, a unit."""
LONG_RUN = 7
"""Digits from which a bare number is taken for someone's (a local phone number, the shortest account numbers)."""


class Found(NamedTuple):
    """Personal data: characters `start` to `end`, and what kind it is."""

    start: int
    end: int
    kind: str


def find(text: str, language: str, question: str = "") -> list[Found]:
    """Personal data in a text, in order and without overlaps. `question` is what the other side said just before."""
    candidates = [*_ibans(text), *_emails(text, question), *_births(text, question)]
    candidates += _numbers(text, language, question)
    found: list[Found] = []
    for candidate in candidates:
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    return sorted(found)


def _numbers(text: str, language: str, question: str) -> Iterable[Found]:
    for run in runs(_THINGS.sub(_masked, text), language):
        before = f"{question} {text[max(0, run.start - CONTEXT_CHARS) : run.start]}"
        kind = None if _is_of_a_thing(run, text) else _kind(run, text, before)
        if kind:
            yield Found(_start(run, text), run.end, kind)


def _kind(run: Run, text: str, before: str) -> str | None:
    """What a run of digits is, None where it may stay."""
    digits, count = run.digits, len(run.digits)
    if 13 <= count <= 19 and luhn(digits) and set(digits) != {"0"}:
        return "card"
    if (count == 9 and run.shape == (3, 2, 4)) or (count in (4, 9) and _says(before, "ssn")):
        return "ssn"
    if 3 <= count <= 8 and (len(run.groups) == 1 or set(run.shape) == {1}) and _says(before, "code"):
        return "code"
    if count < LONG_RUN or _says(before, "thing"):
        return None
    if count <= 15 and (_says(before, "phone") or text[run.start - 1 : run.start] == "+"):
        return "phone"
    if _is_list(run):
        return None
    return "phone" if run.shape in _PHONE_SHAPES else "number"


_PHONE_SHAPES = {(3, 4), (3, 3, 4), (1, 3, 3, 4), (3, 7), (3, 4, 4), (2, 2, 2, 2, 2), (3, 3, 3)}
"""How phone numbers are grouped where they are written with blanks, dots or hyphens."""

_THINGS = re.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"  # an address of a router
    r"|(?<!\d)(?:(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:19|20)\d\d)(?!\d)"  # a date
    r"|(?<!\d)\d{1,2}[:h]\d\d(?!\d)"  # a time
    r"|[$€£¥₹]\s?\d[\d.,]*"  # a price
)
"""Numbers that are no one's, and part whatever stands around them."""


def _masked(match: re.Match[str]) -> str:
    """As long as what it hides, and no part of any number."""
    return "\0" * len(match[0])


def _is_of_a_thing(run: Run, text: str) -> bool:
    """Amounts, decimals, and numbers that are part of a model's name."""
    written = text[run.start : run.end]
    before, after = _nearby(text, run)
    return bool(
        re.search(r"[A-Za-z_][-./]?$", before)
        or re.match(r"[-_]?[A-Za-z_]|\s?(?:[$€£¥₹%元円块]|dollars?|euros?|pounds?|cents?|yuan|reais)", after)
        or (re.fullmatch(r"\d{1,3}(?:[,.]\d{3})+(?:[,.]\d{1,2})?|\d+[.,]\d+", written) and not _looks_dialled(run))
    )


def _looks_dialled(run: Run) -> bool:
    return len(run.groups) == 3 and len(run.groups[-1].digits) == 4


def _is_list(run: Run) -> bool:
    """Several numbers, not one: "channels 1, 6, 11, 36 and 40", "2019, 2020"; a dictated number has even groups."""
    shape = [1 if group.repeated else len(group.digits) for group in run.groups]
    if len(shape) > 1 and all(re.fullmatch(r"(?:19|20)\d\d", group.digits) for group in run.groups):
        return True
    listed = any(re.search(r"[,，、.。]\s|[，、。]", separator) for separator in run.separators)
    return listed and not (set(shape) == {1} or min(shape) >= 3)


def _start(run: Run, text: str) -> int:
    """Where the number starts to the eye: with its plus sign or bracket."""
    before, _ = _nearby(text, run)
    opening = re.search(r"[+(]{1,2}$", before)
    return run.start - len(before) + opening.start() if opening else run.start


def _nearby(text: str, run: Run) -> tuple[str, str]:
    """What touches a number on either side: a turn may be hours long, and a number is judged by its neighbours."""
    return text[max(0, run.start - _TOUCHES) : run.start], text[run.end : run.end + _TOUCHES]


def _ibans(text: str) -> Iterable[Found]:
    for match in re.finditer(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}\b", text):
        compact = re.sub(r"[ -]", "", match[0])
        # ISO 13616: the country and check digits go last, letters count from A = 10, and the rest of 97 is 1.
        if 15 <= len(compact) <= 34 and int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1:
            yield Found(match.start(), match.end(), "iban")


def _emails(text: str, question: str) -> Iterable[Found]:
    written, spoken = _email_patterns()
    for match in written.finditer(text):
        yield Found(match.start(), match.end(), "email")
    for match in spoken.finditer(text):
        before = f"{question} {text[max(0, match.start() - CONTEXT_CHARS) : match.start()]}"
        if match["host"].lower() in WORDS["mail"]["providers"] or _says(before, "email"):
            yield Found(match.start(), match.end(), "email")


@cache
def _email_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    mail = WORDS["mail"]
    at, dot, joiners = ("|".join(map(re.escape, mail[name])) for name in ("at", "dot", "joiners"))
    point = rf"(?:\s*\.\s*|\s+(?:{dot})\s+)"
    local = rf"[\w.+-]+(?:\s+(?:{dot}|{joiners})\s+[\w-]+)*"
    written = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
    spoken = re.compile(rf"{local}\s+(?:{at})\s+(?P<host>[\w-]+)(?:{point}[A-Za-z]{{2,}})+", re.IGNORECASE)
    return written, spoken


_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|févr|avr|mai|juin|juil|août|déc|märz|okt|dez)"
)
_DATE = re.compile(
    rf"(?:the\s+)?\d{{1,4}}(?:st|nd|rd|th)?\s*(?:[-./年]|\s(?:of\s+|de\s+)?)\s*(?:\d{{1,2}}|{_MONTH}\w*)"
    r"\s*(?:[-./月,]|\s(?:de\s+)?)\s*\d{1,4}日?"
    rf"|{_MONTH}\w*\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d",
    re.IGNORECASE,
)


def _births(text: str, question: str) -> Iterable[Found]:
    for match in _DATE.finditer(text):
        if _says(f"{question} {text[max(0, match.start() - CONTEXT_CHARS) : match.start()]}", "birth"):
            yield Found(match.start(), match.end(), "birthdate")


def _says(text: str, topic: str) -> bool:
    return bool(_topic(topic).search(text))


@cache
def _topic(topic: str) -> re.Pattern[str]:
    # A word's beginning must match, its ending may vary (phones, Telefonnummer) but for the shortest, so that a ping is
    # no pin; scripts without spaces match anywhere.
    words = (re.escape(word) + (r"(?![a-z])" if len(word) <= 3 else "") for word in WORDS["context"][topic])
    return re.compile("|".join(rf"(?<![A-Za-zÀ-ž]){word}" for word in words), re.IGNORECASE)
