"""Rules: windows, thresholds and severities of every kind, as data that people can read and change.

The defaults are `kinds.toml` beside this file; a user's own settings override single values, and add kinds:

    [moments.unexplained_hold]
    silence_s = 15
    severity = "critical"

    [rules.threatens_to_cancel]
    means = ["I want to cancel."]
"""

import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from pydantic import Field, ValidationError

from audio.facts import Fact
from monitor.moments import graders
from monitor.records import Severity
from monitor.rules import similarity
from monitor.rules.custom import CustomRule
from monitor.rules.mistakes import RulesError, check_name, load_custom


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
    custom: dict[str, CustomRule] = Field(default_factory=dict)
    """The user's own kinds, by the name of the kind."""

    def of(self, kind: str) -> KindRule:
        """The rule of a kind."""
        return self.moments[kind]

    def to_json(self) -> str:
        """The rules as JSON text, from which they can be read again."""
        return self.model_dump_json(by_alias=True)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a rule, a shipped grader or the scale of similarity changes."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return sha256((text + graders.fingerprint() + similarity.fingerprint()).encode()).hexdigest()[:12]


def changed_kinds(before: Rules, now: Rules) -> frozenset[str]:
    """The kinds, of either rules, that may find something else in the same call.

    Kinds do not hear of each other, so that the others find what they found. What counts as distress moves the level of
    frustration, at which all of them look.
    """
    names = {*before.moments, *before.custom, *now.moments, *now.custom}
    if _distress(before) != _distress(now):
        return frozenset(names)
    return frozenset(
        name
        for name in names
        if before.moments.get(name) != now.moments.get(name) or before.custom.get(name) != now.custom.get(name)
    )


def _distress(rules: Rules) -> tuple[str, ...]:
    return rules.moments["background_distress"].labels


@lru_cache(maxsize=1)
def default_rules() -> Rules:
    """The rules that come with the package."""
    text = files("monitor").joinpath("rules", "kinds.toml").read_text(encoding="utf-8")
    return Rules(**tomllib.loads(text))


def load_rules(
    overrides: Mapping[str, Mapping[str, Any]] | None = None, custom: Mapping[str, Mapping[str, Any]] | None = None
) -> Rules:
    """The default rules with single values replaced, and the user's own beside them.

    Args:
        overrides: by kind, the values to replace, as in the `[moments.KIND]` tables of a settings file.
        custom: by name, the user's own kinds, as in its `[rules.NAME]` tables.

    Raises:
        RulesError: a kind or a value that does not exist, or a value out of its range.
    """
    rules = default_rules()
    moments = dict(rules.moments)
    for kind, values in (overrides or {}).items():
        if kind not in moments:
            raise RulesError(f"There is no kind of moment named {kind!r}: it must be one of {', '.join(moments)}.")
        try:
            moments[kind] = KindRule(**{**moments[kind].model_dump(exclude_unset=True), **values})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise RulesError(f"Rule {kind}.{name} cannot be used: {first['msg']}.") from error
    for name in custom or {}:
        check_name(name, moments)
    return Rules(moments=moments, custom={name: load_custom(name, table) for name, table in (custom or {}).items()})
