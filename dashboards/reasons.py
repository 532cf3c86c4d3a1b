"""What the store says in English, told in the reader's language: why a moment was flagged, what was heard, what failed."""

import re

from dashboards.catalogue import Words, entries
from dashboards.formats import Formats
from monitor.records import Verdict

_EARLIER = re.compile(r"\((?:first at )?(\d+(?::\d\d){1,2})\)")
"""The time in a detector's sentence of what the flag goes back to, such as an earlier apology: 0:12, 1:02:03."""


def reason(
    say: Words, show: Formats, kind: str, verdict: Verdict, start_s: float, latency_s: float | None, stored: str
) -> str:
    """Why a detector flagged a moment; what was `stored` where the kind is a user's own."""
    key = f"why_{'missed' if verdict == 'missed' else 'met'}.{kind}"
    if key not in entries():
        return stored
    began = show.clock(start_s)
    told = say(key, at=began, after=_after(say, show, verdict, latency_s or 0.0))
    earlier = _EARLIER.search(stored)
    if earlier is None or earlier[1] == began:
        return told
    return f"{told}{'' if say.language == 'zh' else ' '}{say('why.earlier', at=earlier[1])}"


def _after(say: Words, show: Formats, verdict: Verdict, latency_s: float) -> str:
    if verdict == "late":
        return say("why.after_late", seconds=show.seconds(latency_s))
    return say("why.after", seconds=show.seconds(latency_s)) if latency_s >= 0.05 else say("why.at_once")


def quoted(say: Words, quote: str) -> str:
    """A moment's quote; one that is a sound, such as "[child crying]", by the name of the sound."""
    label = quote[1:-1].replace(" ", "_")
    known = quote == f"[{quote[1:-1]}]" and f"sound.{label}" in entries()
    return f"[{say.name('sound', label)}]" if known else quote


def failure(say: Words, error: Exception) -> str:
    """What went wrong with the store: its own sentence in English, a general one in other languages."""
    return str(error) if say.language == "en" else say("shell.store_failed")


def why_failed(say: Words, sentence: str) -> str:
    """Why a recording or a transcript could not be read; the sentence as it is where no word of it is known."""
    if say.language == "en":
        return sentence
    known = (entry for key, entry in entries().items() if key.startswith("failure."))
    return next((entry[say.language] for entry in known if entry["en"] in sentence), sentence)
