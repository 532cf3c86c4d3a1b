"""Rules are data: defaults for every kind, single values replaced, mistakes named, and a fingerprint that tells changes."""

import pytest

from monitor.moments.catalogue import KINDS, kinds
from monitor.rules import RulesError, default_rules, load_rules
from monitor.rules.mistakes import ALLOWED, KEYS


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


def test_a_users_rule_stands_beside_the_built_in_kinds_and_changes_the_fingerprint() -> None:
    rules = load_rules(custom={"cancels": {"says": "cancel"}})
    assert list(rules.custom) == ["cancels"]
    assert rules.moments == default_rules().moments
    fingerprints = {default_rules().fingerprint, rules.fingerprint}
    fingerprints.add(load_rules(custom={"cancels": {"says": "cancel", "severity": "critical"}}).fingerprint)
    fingerprints.add(load_rules(custom={"cancel": {"says": "cancel"}}).fingerprint)
    assert len(fingerprints) == 4
    assert load_rules(custom={"cancels": {"says": ["cancel"]}}).fingerprint == rules.fingerprint


def test_every_key_of_a_rule_has_words_for_what_it_may_hold() -> None:
    assert set(ALLOWED) == KEYS


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "rules.mine cannot be used: it says nothing about what to find"),
        ({"role": "either"}, "says nothing about what to find"),
        ({"says": "x", "role": "caller"}, "rules.mine.role is 'caller': it must be agent, customer or either."),
        ({"says": "x", "roll": "agent"}, "rules.mine.roll is no key that can stand here: did you mean role"),
        ({"says": "x", "turns": 2}, "rules.mine.turns is no key that can stand here: did you mean last_turns"),
        ({"says": ["x", "?!"]}, r"rules.mine.says\[1\] cannot be used: the phrase '\?!' has no word in it."),
        ({"says": 3}, "rules.mine.says is 3: it must be a list of phrases."),
        ({"means": " "}, "an example sentence is empty"),
        ({"means": "x", "similarity": "high"}, "it must be loose, normal, strict, or a number from 0 to 1."),
        ({"means": "x", "similarity": 1.1}, "it must be loose, normal, strict, or a number from 0 to 1."),
        ({"does": "swears"}, "there is no act 'swears'"),
        (
            {"any": [{"silence_s": -1}]},
            r"rules.mine.any\[0\].silence_s is -1: it must be a number of seconds, 0 or more.",
        ),
        ({"any": {"says": "x"}}, "rules.mine.any is {'says': 'x'}: it must be a list of tables."),
        ({"not": [{"says": "x"}]}, "rules.mine.not is .*: it must be one table."),
        ({"not": {"says": "x"}, "role": "agent"}, "role cannot stand beside all, any or not"),
        ({"not": {"says": "x"}, "all": [{"says": "y"}]}, "use only one of all, any and not"),
        ({"not": {"says": "x"}, "times": 2}, "times cannot stand beside all, any or not"),
        ({"not": {"says": "x"}, "met_by": {"says": "y"}}, "met_by needs something that is said first"),
        ({"says": "x", "met_by": {"turns": 2}}, "rules.mine.met_by cannot be used: it says nothing about what meets"),
        ({"says": "x", "met_by": {"says": "y", "last_s": 9}}, "cannot depend on where the call ends"),
        ({"says": "x", "unless": {"last_turns": 9}}, "also and unless cannot count from the call's end"),
        ({"says": "x", "frustration_from": 3}, "rules.mine.frustration_from is 3: it must be a number from 0 to 1."),
        ({"says": "x", "severity": "fatal"}, "rules.mine.severity is 'fatal': it must be critical or minor."),
        ("says", "rules.mine is 'says': it must be a table"),
    ],
)
def test_a_mistake_in_a_users_rule_is_one_sentence(table: object, said: str) -> None:
    with pytest.raises(RulesError, match=said) as caught:
        load_rules(custom={"mine": table})  # type: ignore[dict-item]
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize("name", ["talk_over", "a b", "a/b", "", "x" * 61])
def test_a_name_that_cannot_be_a_kind_is_refused(name: str) -> None:
    with pytest.raises(RulesError):
        load_rules(custom={name: {"says": "x"}})


def test_a_name_may_be_in_any_script() -> None:
    assert list(load_rules(custom={"要取消": {"says": "取消"}}).custom) == ["要取消"]
