"""Kinds of moments, outcomes and languages in plain words."""

from monitor.records import Moment

_KINDS = {
    "background_distress": ("Distress in the background ignored", "Distress in the background noticed"),
    "repeated_instruction": ("Step asked for again, already done", "Repeated step explained"),
    "unacknowledged_frustration": ("Frustration not acknowledged", "Frustration acknowledged"),
    "interrogation": ("Questions fired at a frustrated customer", "Acknowledged before asking on"),
    "contradiction": ("Customer contradicted or blamed", "Corrected without loss of face"),
    "policy_shield": ("Hid behind a rule", "Refused with a way forward"),
    "unexplained_hold": ("Hold without a word why", "Hold explained"),
    "rushed_close": ("Closed before it was solved", "Closed with a confirmation"),
    "repeat_contact": ("Earlier contacts passed over", "Earlier contacts acknowledged"),
    "talk_over": ("Talked over the customer", "Gave the floor back"),
    "hollow_apology": ("Apology repeated, nothing done", "Apology with an action"),
    "divided_attention": ("Attention elsewhere", "Attention on the customer"),
    "unexplained_failure": ("Failure left unexplained", "Failure explained"),
    "tone_mismatch": ("Cheer in answer to frustration", "Tone matched"),
    "unmet_need": ("Need not taken up", "Need taken up"),
    "ownership": ("Took no ownership", "Took ownership"),
    "offered_time": ("Offered no time", "Offered time"),
    "used_name": ("Did not use the name", "Used the customer's name"),
    "explained_cause": ("Did not explain the cause", "Explained the cause"),
    "offered_alternative": ("Offered no alternative", "Offered an alternative"),
    "confirmed_resolution": ("Did not confirm the resolution", "Confirmed the resolution"),
    "proactive_information": ("Did not inform ahead", "Informed ahead"),
}
"""By kind: what to call it when missed, and when met."""

_LANGUAGES = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lv": "Latvian", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "tr": "Turkish", "zh": "Chinese",
    "ar": "Arabic", "th": "Thai",
}  # fmt: skip

_EFFORT = {
    "repeat_contact": ("earlier contact", "earlier contacts"),
    "holds": ("hold", "holds"),
    "transfers": ("transfer", "transfers"),
    "repeats": ("repeated step", "repeated steps"),
}


def moment_title(moment: Moment) -> str:
    """What happened, in plain words; a kind of the user's own is called by its name."""
    missed, met = _KINDS.get(moment.kind, (plain(moment.kind),) * 2)
    return missed if moment.verdict == "missed" else met


def plain(name: str) -> str:
    """A technical name as words: "child_crying" is "Child crying"."""
    return name.replace("_", " ").capitalize()


def language_name(code: str) -> str:
    """The language in English, or its code where it is not among the usual ones."""
    return _LANGUAGES.get(code, code or "language unknown")


def effort_words(effort: dict[str, int]) -> str:
    """What the call cost the customer: "2 holds, 1 transfer"."""
    counted = ((count, _EFFORT.get(name, (name.replace("_", " "),) * 2)) for name, count in effort.items() if count)
    return ", ".join(f"{count} {one if count == 1 else many}" for count, (one, many) in counted)


def clock(seconds: float) -> str:
    """m:ss, or h:mm:ss from an hour on."""
    total = int(seconds)
    hours, minutes, rest = total // 3600, total // 60 % 60, total % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
