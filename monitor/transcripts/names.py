"""Speakers' names that say their role: "Agent 1", "[Customer]", "客服小李", "Conseillère"."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from monitor.records import Role

CLINGING = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts written without spaces between words (and Korean, whose particles cling): a part of the name is enough."""


@cache
def _patterns() -> tuple[tuple[Role, re.Pattern[str]], ...]:
    data = tomllib.loads(files(__package__).joinpath("roles.toml").read_text("utf-8"))
    # Agents first: "customer service" is one of them.
    return ("agent", _any_of(data["agent"])), ("customer", _any_of(data["customer"]))


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    escaped = (re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile("|".join(phrase if CLINGING.search(phrase) else rf"\b{phrase}\b" for phrase in escaped))


def role_of(name: str) -> Role | None:
    """The role that a speaker's name says, None where it says none."""
    plain = re.sub(r"[\W\d_]+", " ", name.casefold()).strip()
    return next((role for role, pattern in _patterns() if pattern.search(plain)), None)
