"""Rules are data: defaults for every kind, single values replaced, mistakes named, and a fingerprint that tells changes."""

import pytest

from monitor.moments.catalogue import KINDS, kinds
from monitor.rules import RulesError, default_rules, load_rules


def test_every_kind_has_a_rule_with_a_line_for_people_and_every_rule_a_kind() -> None:
    rules = default_rules()
    assert set(rules.moments) == {kind.name for kind in KINDS}
    assert all(rule.about for rule in rules.moments.values())


def test_a_value_is_replaced_and_the_others_stay() -> None:
    rules = load_rules({"unexplained_hold": {"silence_s": 15}})
    assert rules.of("unexplained_hold").silence_s == 15.0
    assert rules.of("unexplained_hold").severity == "minor"
    assert default_rules().of("unexplained_hold").silence_s == 10.0


def test_the_fingerprint_changes_with_a_rule_and_only_then() -> None:
    assert load_rules().fingerprint == default_rules().fingerprint
    assert load_rules({"rushed_close": {"missed_at": 0.9}}).fingerprint != default_rules().fingerprint


def test_a_kind_that_is_switched_off_is_not_heard() -> None:
    names = {kind.name for kind in kinds(load_rules({"talk_over": {"enabled": False}}))}
    assert "talk_over" not in names
    assert len(names) == len(KINDS) - 1


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"rudeness": {"missed_at": 0.5}}, "no kind of moment named 'rudeness'"),
        ({"rushed_close": {"missed_at": 3}}, "rushed_close.missed_at"),
        ({"rushed_close": {"mised_at": 0.3}}, "rushed_close.mised_at"),
        ({"rushed_close": {"severity": "awful"}}, "rushed_close.severity"),
    ],
)
def test_a_mistake_is_named(overrides: dict[str, dict[str, object]], said: str) -> None:
    with pytest.raises(RulesError, match=said):
        load_rules(overrides)
