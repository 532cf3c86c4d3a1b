"""Mistakes in a user's rules, each told in one sentence: the key, what it holds, and what is allowed."""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from audio.errors import BadSettings
from monitor.rules.custom import Answer, Condition, CustomRule, TurnRule


class RulesError(BadSettings):
    """A rule that does not exist, or a value that it cannot take."""


_SECONDS = "a number of seconds, 0 or more"
_SHARE = "a number from 0 to 1"
_COUNT = "a whole number, 1 or more"
_TABLE = "one table of keys that describe a turn, as { role = ..., says = [...] }"

ALLOWED = {
    "about": "a line of text",
    "all": "a list of tables",
    "any": "a list of tables",
    "not": "one table",
    "also": _TABLE,
    "unless": _TABLE,
    "met_by": _TABLE,
    "does": "a list of acts",
    "enabled": "true or false",
    "first_s": _SECONDS,
    "last_s": _SECONDS,
    "from_s": _SECONDS,
    "until_s": _SECONDS,
    "first_share": _SHARE,
    "last_share": _SHARE,
    "first_turns": _COUNT,
    "last_turns": _COUNT,
    "frustration_below": _SHARE,
    "frustration_fall": _SHARE,
    "frustration_from": _SHARE,
    "frustration_rise": _SHARE,
    "means": "a list of example sentences",
    "once": "true or false",
    "role": "agent, customer or either",
    "says": "a list of phrases",
    "seconds": _SECONDS,
    "severity": "critical or minor",
    "silence_s": _SECONDS,
    "similarity": "loose, normal, strict, or a number from 0 to 1",
    "talks_over_s": _SECONDS,
    "times": _COUNT,
    "turns": _COUNT,
    "verdict": "missed or handled",
    "why": "a line of text",
}
"""Every key of a rule, and what it may hold."""

_NAME = re.compile(r"[\w-]{1,60}")


def check_name(name: str, built_in: Collection[str]) -> None:
    """Raises RulesError where a user's kind cannot have this name."""
    if name in built_in:
        raise RulesError(
            f"[rules.{name}] has the name of a built-in kind: give it a name of its own, or change the kind itself in "
            f"[moments.{name}]."
        )
    if not _NAME.fullmatch(name):
        raise RulesError(f"[rules.{name!r}] has no usable name: letters, digits, _ and - are, 60 of them at most.")


def load_custom(name: str, table: Mapping[str, Any]) -> CustomRule:
    """The rule that a `[rules.NAME]` table holds. Raises RulesError with one sentence for the first mistake."""
    if not isinstance(table, Mapping):
        raise RulesError(f"rules.{name} is {table!r}: it must be a table, [rules.{name}], with the keys of a rule.")
    try:
        return CustomRule.model_validate(table)
    except ValidationError as error:
        raise RulesError(_sentence(name, error)) from error


def _sentence(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    unknown = first["type"] == "extra_forbidden"
    path = first["loc"][:-1] if unknown else first["loc"]
    keys = [part for part in path if isinstance(part, int) or part in ALLOWED]
    place = f"rules.{name}" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    named = [str(key) for key in keys if not isinstance(key, int)]
    if unknown:
        wrong, known = str(first["loc"][-1]), _keys_within(named)
        alike = difflib.get_close_matches(wrong, known, n=1)
        hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(known)}."
        return f"{place}.{wrong} is no key that can stand here: {hint}"
    if first["type"] == "value_error":
        return f"{place} cannot be used: {first['ctx']['error']}."
    if not named:
        return f"{place} is {first['input']!r}: it must be a table with the keys of a rule."
    return f"{place} is {first['input']!r}: it must be {ALLOWED[named[-1]]}."


def _keys_within(named: Sequence[str]) -> list[str]:
    """The keys that may stand in the table that these keys lead to."""
    models = {"also": TurnRule, "unless": TurnRule, "met_by": Answer}
    inner = next((models[key] for key in reversed(named) if key in models), Condition if named else CustomRule)
    return sorted(field.alias or name for name, field in inner.model_fields.items())


KEYS = frozenset(field.alias or name for model in (CustomRule, Answer) for name, field in model.model_fields.items())
"""Every key that a rule may have; `ALLOWED` says what each may hold."""
