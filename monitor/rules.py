"""Rules: windows, thresholds and severities of every kind, as data that people can read and change.

The defaults are `rules.toml` beside this file; a user's own settings override single values:

    [moments.unexplained_hold]
    silence_s = 15
    severity = "critical"
"""

import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from pydantic import Field, ValidationError

from audio.errors import BadSettings
from audio.facts import Fact
from monitor.moments import graders
from monitor.records import Severity


class RulesError(BadSettings):
    """A rule that does not exist, or a value that it cannot take."""


class KindRule(Fact):
    """How one kind of moment is judged. Not every kind uses every value."""

    about: str = ""
    """One line for people: the opportunity, and what meets it."""
    enabled: bool = True
    severity: Severity = "minor"
    window_turns: int = Field(default=0, ge=0)
    """How many full agent turns after the opening may meet it."""
    window_s: float = Field(default=0.0, ge=0)
    """Seconds after the opening's end (a sound's onset) in which it may be met; the first full agent turn always may."""
    late_turns: int = Field(default=0, ge=0)
    """How many agent turns after the window a response still counts as late; 0: never."""
    missed_at: float = Field(default=0.35, ge=0, le=1)
    """Flag a missed moment from this confidence on."""
    handled_at: float = Field(default=0.3, ge=0, le=1)
    """Count a handled (or late) moment from this confidence on."""
    silence_s: float = Field(default=10.0, ge=0)
    overlap_s: float = Field(default=0.5, ge=0)
    keeps_on_s: float = Field(default=1.0, ge=0)
    sound_s: float = Field(default=1.5, ge=0)
    labels: tuple[str, ...] = ()
    """Labels of sounds that open a moment."""


class Rules(Fact):
    """The rules of all kinds, by the name of the kind."""

    moments: dict[str, KindRule]

    def of(self, kind: str) -> KindRule:
        """The rule of a kind."""
        return self.moments[kind]

    @property
    def fingerprint(self) -> str:
        """Changes whenever a rule or a shipped grader changes."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return sha256((text + graders.fingerprint()).encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def default_rules() -> Rules:
    """The rules that come with the package."""
    text = files("monitor").joinpath("rules.toml").read_text(encoding="utf-8")
    return Rules(**tomllib.loads(text))


def load_rules(overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Rules:
    """The default rules with single values replaced.

    Args:
        overrides: by kind, the values to replace, as in the `[moments.KIND]` tables of a settings file.

    Raises:
        RulesError: a kind or a value that does not exist, or a value out of its range.
    """
    rules = default_rules()
    moments = dict(rules.moments)
    for kind, values in (overrides or {}).items():
        if kind not in moments:
            raise RulesError(f"There is no kind of moment named {kind!r}: it must be one of {', '.join(moments)}.")
        try:
            moments[kind] = KindRule(**{**moments[kind].model_dump(), **values})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise RulesError(f"Rule {kind}.{name} cannot be used: {first['msg']}.") from error
    return Rules(moments=moments)
