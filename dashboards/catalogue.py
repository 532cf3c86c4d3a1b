"""Everything the screens say, in both interface languages, from the files in `words/`.

Each entry has its two sentences side by side, so that neither is forgotten; `one` is English for a count of one:

    [queue]
    calls = { en = "{n} calls", one = "{n} call", zh = "{n} 通电话" }
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: dict[Language, str] = {"en": "English", "zh": "简体中文"}
FOLDER = Path(__file__).parent / "words"


class Words:
    """The catalogue in one language: `say("queue.calls", n=3)`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence of a key, with its values filled in. Raises KeyError for a key that is in no file."""
        entry = entries()[key]
        sentence = entry["one"] if self.language == "en" and values.get("n") == 1 and "one" in entry else ""
        return (sentence or entry[self.language]).format(**values)

    def name(self, group: str, value: str) -> str:
        """What to call a value of the records, such as a kind; a value of the user's own is called by its name."""
        entry = entries().get(f"{group}.{value}")
        return entry[self.language] if entry else value.replace("_", " ").capitalize()


@cache
def entries() -> dict[str, dict[str, str]]:
    """All entries by key: "group.name" -> {"en": ..., "zh": ...}."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for group, names in tomllib.loads(path.read_text("utf-8")).items():
            found |= {f"{group}.{name}": entry for name, entry in names.items()}
    return found


def language_of(*wishes: str | None) -> Language:
    """The first wish that there is a catalogue for, such as "zh" for "zh-CN"; English where there is none."""
    for wish in wishes:
        code = (wish or "").split("-")[0].lower()
        for language in get_args(Language):
            if code == language:
                return language  # type: ignore[no-any-return]
    return "en"
