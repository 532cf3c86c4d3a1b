"""Rules that people can read and write: those of the built-in kinds, and kinds of a user's own."""

from monitor.rules.custom import Answer, Condition, CustomRule, TurnRule
from monitor.rules.kinds import KindRule, Rules, changed_kinds, default_rules, load_rules
from monitor.rules.mistakes import RulesError

__all__ = [
    "Answer",
    "Condition",
    "CustomRule",
    "KindRule",
    "Rules",
    "RulesError",
    "TurnRule",
    "changed_kinds",
    "default_rules",
    "load_rules",
]
