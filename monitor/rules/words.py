"""A user's rule in plain words, as `heard rules show` prints it."""

from collections.abc import Iterator, Sequence

from monitor.rules.custom import Condition, CustomRule, TurnRule
from monitor.rules.similarity import threshold

_BOUNDS = {
    "frustration_from": "the customer's frustration is {:g} or more",
    "frustration_below": "the customer's frustration is below {:g}",
    "frustration_rise": "her frustration is {:g} or more above its lowest so far",
    "frustration_fall": "her frustration is {:g} or more below its highest so far",
    "talks_over_s": "it talks over the other party for {:g} s or more",
    "silence_s": "{:g} s or more of silence go before it",
    "first_s": "it starts in the first {:g} s",
    "last_s": "it starts in the last {:g} s",
    "from_s": "it starts at {:g} s or later",
    "until_s": "it starts before {:g} s",
    "first_share": "it starts in the first {:.0%} of the call",
    "last_share": "it starts in the last {:.0%} of the call",
    "first_turns": "it is among the first {} such turns",
    "last_turns": "it is among the last {} such turns",
}
_SPEAKERS = {"agent": "a turn of the agent", "customer": "a turn of the customer", "either": "a turn of either party"}


def in_words(rule: CustomRule) -> str:
    """What a rule finds, and what meets it, over several lines."""
    lines = list(_condition(rule))
    if rule.met_by is not None:
        answer = rule.met_by
        lines.append(f"met by {_turn(answer)}, within {_turns(answer.turns)} and {answer.seconds:g} s")
    return "\n".join(lines)


def _turns(count: int) -> str:
    return "1 turn" if count == 1 else f"{count} turns"


def _condition(rule: Condition, indent: str = "") -> Iterator[str]:
    for heading, parts in (("all of", rule.all), ("any of", rule.any), ("never", (rule.not_,) if rule.not_ else ())):
        if parts:
            yield f"{indent}{heading}:"
            for part in parts:
                yield from _condition(part, indent + "  ")
    if not rule.combined:
        often = f"{rule.times} times: " if rule.times > 1 else ""
        yield f"{indent}{often}{_turn(rule)}"


def _turn(rule: TurnRule) -> str:
    tests = list(_tests(rule))
    return f"{_SPEAKERS[rule.role]}{' where ' if tests else ''}{' and '.join(tests)}"


def _tests(rule: TurnRule) -> Iterator[str]:
    if rule.means:
        yield f"a sentence means {_quoted(rule.means)} (cosine {threshold(rule.similarity):g} or more)"
    if rule.says:
        yield f"the words are {_quoted(rule.says)}"
    if rule.does:
        yield f"the act is {' or '.join(rule.does)}"
    for name, words in _BOUNDS.items():
        bound = getattr(rule, name)
        if bound is not None:
            yield words.format(bound)
    if rule.also is not None:
        yield f"it is also {_turn(rule.also)}"
    if rule.unless is not None:
        yield f"it is not {_turn(rule.unless)}"


def _quoted(texts: Sequence[str]) -> str:
    return " or ".join(f"“{text}”" for text in texts)
