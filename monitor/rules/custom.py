"""Rules that a user writes: what one turn must be like, how several are combined, and what would meet it.

    [rules.threatens_to_cancel]
    role = "customer"
    means = ["I want to cancel.", "I'll take my business elsewhere."]
    severity = "critical"
    met_by = { means = ["What would make it right for you?"], turns = 2 }

docs/RULES.md explains every key with examples. Keys that stand together in one table must all hold of the same turn;
`all`, `any` and `not` combine tables over the whole call.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from audio.facts import Fact
from monitor.acts.names import ACTS_OF
from monitor.records import Severity
from monitor.rules.phrases import phrase_pattern

Speaker = Literal["agent", "customer", "either"]
Knob = Literal["loose", "normal", "strict"]

ACTS = tuple(dict.fromkeys(act for acts in ACTS_OF.values() for act in acts))


def _listed(value: Any) -> Any:
    """One string may stand for a list of one."""
    return (value,) if isinstance(value, str) else value


def _act(name: str) -> str:
    if name not in ACTS:
        raise ValueError(f"there is no act {name!r}: it must be one of {', '.join(ACTS)}")
    return name


def _phrase(phrase: str) -> str:
    phrase_pattern(phrase)
    return phrase


def _sentence(sentence: str) -> str:
    if not sentence.strip():
        raise ValueError("an example sentence is empty")
    return sentence


Sentences = Annotated[tuple[Annotated[str, BeforeValidator(_sentence)], ...], BeforeValidator(_listed)]
Phrases = Annotated[tuple[Annotated[str, BeforeValidator(_phrase)], ...], BeforeValidator(_listed)]
Acts = Annotated[tuple[Annotated[str, BeforeValidator(_act)], ...], BeforeValidator(_listed)]
Seconds = Annotated[float, Field(ge=0, strict=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class TurnRule(Fact):
    """What one turn must be like: all that is given must hold of it."""

    role: Speaker = "either"
    means: Sentences = ()
    """A sentence of the turn means about the same as any of these, in whatever language."""
    similarity: Knob | Share = "normal"
    """How alike in meaning: a word, or the cosine itself."""
    says: Phrases = ()
    """Any of these phrases, word for word (see `phrases`)."""
    does: Acts = ()
    """It performs any of these acts."""
    frustration_from: Share | None = None
    frustration_below: Share | None = None
    """Bounds of the customer's level at that time, whoever speaks; the agent's feelings are never judged."""
    frustration_rise: Share | None = None
    frustration_fall: Share | None = None
    """Her level has risen above the lowest, or fallen below the highest, heard so far by so much."""
    talks_over_s: Seconds | None = None
    """It starts while the other party speaks, and both go on for so long."""
    silence_s: Seconds | None = None
    """Nobody spoke for so long before it."""
    first_s: Seconds | None = None
    last_s: Seconds | None = None
    from_s: Seconds | None = None
    until_s: Seconds | None = None
    first_share: Share | None = None
    last_share: Share | None = None
    first_turns: Count | None = None
    last_turns: Count | None = None
    """Where in the call it starts: by seconds, by share of its length, by number among the turns of `role`."""
    also: "TurnRule | None" = None
    """A second description that the same turn must fit."""
    unless: "TurnRule | None" = None
    """A description that the same turn must not fit."""

    @cached_property
    def at_the_end(self) -> bool:
        """Whether it can be told only when the call has ended."""
        ends = (self.last_s, self.last_turns, self.first_share, self.last_share)
        parts = (part for part in (self.also, self.unless) if part is not None)
        return any(end is not None for end in ends) or any(part.at_the_end for part in parts)

    def turn_rules(self) -> "Iterator[TurnRule]":
        """This description and those within it."""
        yield self
        for part in (self.also, self.unless):
            if part is not None:
                yield from part.turn_rules()

    @model_validator(mode="after")
    def _inner_positions(self) -> Self:
        for part in (self.also, self.unless):
            if part is not None and part.at_the_end:
                raise ValueError("also and unless cannot count from the call's end or by shares; put that beside them")
        return self


class Condition(TurnRule):
    """Turns to be found in a call, or several such conditions combined."""

    times: Count = 1
    """How many such turns there must be."""
    all: "tuple[Condition, ...]" = ()
    """Each of these is found somewhere in the call."""
    any: "tuple[Condition, ...]" = ()
    """At least one of these is found."""
    not_: "Condition | None" = Field(default=None, alias="not")
    """This is never found."""

    @property
    def combined(self) -> bool:
        """Whether it combines other conditions instead of describing turns."""
        return bool(self.all or self.any or self.not_)

    @property
    def parts(self) -> "tuple[Condition, ...]":
        """The conditions that it combines."""
        return (*self.all, *self.any, *([self.not_] if self.not_ else ()))

    @property
    def positive(self) -> bool:
        """Whether it finds something that was said, and not only what was not."""
        if self.not_ is not None:
            return False
        return any(part.positive for part in self.parts) if self.combined else True

    def turn_rules(self) -> Iterator[TurnRule]:
        yield from super().turn_rules()
        for part in self.parts:
            yield from part.turn_rules()

    @model_validator(mode="after")
    def _one_way_or_the_other(self) -> Self:
        told = [*described(self), *(["times"] if self.times > 1 else [])]
        if sum(map(bool, (self.all, self.any, self.not_))) > 1:
            raise ValueError("use only one of all, any and not in one table; put the others inside it")
        if self.combined and told:
            raise ValueError(f"{told[0]} cannot stand beside all, any or not; put it inside them")
        if not self.combined and not told:
            raise ValueError("it says nothing about what to find; give it means, says, does, silence_s or the like")
        return self


class Answer(TurnRule):
    """What meets an opening, and within which window."""

    role: Speaker = "agent"
    turns: Count = 2
    """How many full turns of that role after the opening may meet it."""
    seconds: Seconds = 60.0
    """Seconds after the opening in which they may; the first full turn always may."""

    @model_validator(mode="after")
    def _told(self) -> Self:
        if self.at_the_end:
            raise ValueError("what meets a moment cannot depend on where the call ends")
        if not described(self):
            raise ValueError("it says nothing about what meets the moment; give it means, says or does")
        return self


class CustomRule(Condition):
    """One kind of moment of the user's own."""

    about: str = ""
    """One line for people, as `heard rules` prints it."""
    enabled: bool = True
    severity: Severity = "minor"
    verdict: Literal["missed", "handled"] = "missed"
    """What a finding is where there is no `met_by`: something to look into, or something to praise."""
    once: bool = False
    """Whether only the first is kept."""
    why: str = ""
    """What the reviewer is told; what was found, if empty."""
    met_by: Answer | None = None

    def turn_rules(self) -> Iterator[TurnRule]:
        yield from super().turn_rules()
        if self.met_by is not None:
            yield from self.met_by.turn_rules()

    @model_validator(mode="after")
    def _meetable(self) -> Self:
        if self.met_by is not None and not self.positive:
            raise ValueError("met_by needs something that is said first, not only a not")
        return self


_APART = frozenset({"also", "unless", "all", "any", "not_", "times", "similarity", "turns", "seconds", "role"})
_ABOUT = frozenset({"about", "enabled", "severity", "verdict", "once", "why", "met_by"})


def described(rule: TurnRule) -> list[str]:
    """The keys by which a rule describes a turn, as far as they are given; `role` counts where it was set."""
    fields = [name for name in type(rule).model_fields if name not in _APART | _ABOUT]
    given = [name for name in fields if getattr(rule, name) not in (None, ())]
    also = [name for name in ("also", "unless") if getattr(rule, name) is not None]
    return [*(["role"] if rule.role != type(rule).model_fields["role"].default else []), *given, *also]
