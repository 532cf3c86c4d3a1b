"""Whether one turn fits what a user's rule says of turns, and by how little it does not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.moments.scene import Heard, Scene
from monitor.rules import TurnRule
from monitor.rules.phrases import fold, phrase_pattern
from monitor.rules.similarity import probability, threshold
from monitor.sentences import split_sentences

NEAR_COSINE = 0.1
"""So far below the threshold of similarity a turn counts as a near miss."""
NEAR_SHARE = 0.8
"""So near to a bound of seconds or of a level it does."""
_ACT_FROM = 0.5


class Encoder(Protocol):
    """Knows what sentences mean."""

    def meanings(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of sentences, shape (n_sentences, dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What one test says of a turn."""

    held: bool
    probability: float
    """That it holds indeed: 0 or 1 but for meanings and acts."""
    near: bool = False
    """It does not hold, but almost."""
    note: str = ""
    quote: str = ""
    """The sentence that it rests on."""
    before_s: float = 0.0
    """So long before the turn, what was found begins."""


class Examples:
    """The example sentences of all rules, encoded together."""

    def __init__(self, sentences: Sequence[str], encoder: Encoder | None) -> None:
        self._rows = {sentence: row for row, sentence in enumerate(dict.fromkeys(sentences))}
        self._texts = list(self._rows)
        self._vectors = encoder.meanings(self._texts) if self._texts and encoder else np.zeros((0, 0), np.float32)

    def likeness(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of every sentence of a turn with every example, shape (n_sentences, n_examples)."""
        if not len(vectors) or not self._texts:
            return np.zeros((len(vectors), len(self._texts)), np.float32)
        return np.asarray(vectors @ self._vectors.T, np.float32)

    def likest(self, likeness: NDArray[np.float32], sentences: Sequence[str]) -> tuple[float, int, str]:
        """Of these examples the cosine of the likest, the number of the turn's sentence, and the example."""
        rows = [self._rows[sentence] for sentence in sentences]
        part = likeness[:, rows]
        if not part.size:
            return 0.0, 0, sentences[0]
        sentence, example = np.unravel_index(int(part.argmax()), part.shape)
        return float(part[sentence, example]), int(sentence), sentences[int(example)]


@dataclass
class Spoken:
    """A turn that was just heard, as rules look at it; what several rules need is worked out once."""

    scene: Scene
    heard: Heard
    examples: Examples
    range_of_levels: tuple[float, float] = (0.0, 0.0)
    """The lowest and the highest level of the customer in her turns before this one."""
    number: dict[str, int] = field(default_factory=dict)
    """How many full turns of each role had been heard before this one."""

    @cached_property
    def sentences(self) -> list[str]:
        return split_sentences(self.heard.turn.text, self.scene.language)

    @cached_property
    def folded(self) -> list[str]:
        return [fold(sentence) for sentence in self.sentences]

    @cached_property
    def likeness(self) -> NDArray[np.float32]:
        return self.examples.likeness(self.heard.vectors)

    @property
    def start_s(self) -> float:
        return self.heard.turn.start_s


def fits(rule: TurnRule, spoken: Spoken) -> list[Reading]:
    """What the tests of a rule say of a turn, up to the first that surely fails; it fits if all hold. Positions from the call's end
    are left out."""
    readings = []
    for reading in _readings(rule, spoken):
        readings.append(reading)
        if not (reading.held or reading.near or reading.probability):
            break
    return readings


def together(readings: Sequence[Reading]) -> Reading:
    """All tests as one: it holds if all do, and nearly if one alone fails by little."""
    failed = [reading for reading in readings if not reading.held]
    return Reading(
        held=not failed,
        probability=min((reading.probability for reading in readings), default=1.0),
        near=len(failed) == 1 and failed[0].near,
        note=", ".join(reading.note for reading in readings if reading.note),
        quote=next((reading.quote for reading in readings if reading.quote), ""),
        before_s=max((reading.before_s for reading in readings), default=0.0),
    )


def _readings(rule: TurnRule, spoken: Spoken) -> Iterator[Reading]:
    yield _plain(rule.role in ("either", spoken.heard.turn.speaker))
    yield from _position(rule, spoken)
    if rule.says:
        yield _says(rule, spoken)
    if rule.means:
        yield _means(rule, spoken)
    if rule.does:
        yield _does(rule, spoken)
    yield from _frustration(rule, spoken)
    if rule.talks_over_s is not None:
        overlap_s = overlap_of(spoken.scene, spoken.heard)
        yield _at_least(overlap_s, rule.talks_over_s, f"{overlap_s:.1f} s over the other party")
    if rule.silence_s is not None:
        silence_s = spoken.scene.silence_before_s(spoken.heard)
        yield _at_least(silence_s, rule.silence_s, f"after {silence_s:.0f} s of silence", before_s=max(0.0, silence_s))
    if rule.also is not None:
        yield together(fits(rule.also, spoken))
    if rule.unless is not None:
        excepted = together(fits(rule.unless, spoken))
        yield Reading(held=not excepted.held, probability=1.0 - excepted.probability if excepted.held else 1.0)


def _plain(held: bool) -> Reading:
    return Reading(held, float(held))


def _position(rule: TurnRule, spoken: Spoken) -> Iterator[Reading]:
    start_s = spoken.start_s
    if rule.first_s is not None:
        yield _plain(start_s < rule.first_s)
    if rule.from_s is not None:
        yield _plain(start_s >= rule.from_s)
    if rule.until_s is not None:
        yield _plain(start_s < rule.until_s)
    if rule.first_turns is not None:
        yield _plain(turns_before(rule, spoken.number) < rule.first_turns)


def turns_before(rule: TurnRule, number: dict[str, int]) -> int:
    """How many full turns of a rule's role came before."""
    return sum(count for role, count in number.items() if rule.role in ("either", role))


def _says(rule: TurnRule, spoken: Spoken) -> Reading:
    for phrase in rule.says:
        pattern = phrase_pattern(phrase)
        for sentence, folded in zip(spoken.sentences, spoken.folded, strict=True):
            if pattern.search(folded):
                return Reading(True, 1.0, note=f"“{phrase}”", quote=sentence)
    return _plain(False)


def _means(rule: TurnRule, spoken: Spoken) -> Reading:
    cosine, number, example = spoken.examples.likest(spoken.likeness, rule.means)
    bound = threshold(rule.similarity)
    if cosine < bound - NEAR_COSINE:  # most turns: what only a finding shows is left out
        return Reading(held=False, probability=probability(cosine))
    return Reading(
        held=cosine >= bound,
        probability=probability(cosine),
        near=True,
        note=f"{cosine:.2f} like “{example}”",
        quote=spoken.sentences[number] if number < len(spoken.sentences) else "",
    )


def _does(rule: TurnRule, spoken: Spoken) -> Reading:
    likely, act = max((spoken.heard.act(act), act) for act in rule.does)
    return Reading(likely >= _ACT_FROM, likely, likely >= _ACT_FROM * NEAR_SHARE, f"{act} {likely:.2f}")


def _frustration(rule: TurnRule, spoken: Spoken) -> Iterator[Reading]:
    level = spoken.scene.level
    lowest, highest = spoken.range_of_levels
    if rule.frustration_from is not None:
        yield _at_least(level, rule.frustration_from, f"frustration {level:.2f}")
    if rule.frustration_below is not None:
        below = level < rule.frustration_below
        yield Reading(below, float(below), note=f"frustration {level:.2f}")
    if rule.frustration_rise is not None:
        yield _at_least(level - lowest, rule.frustration_rise, f"frustration up by {level - lowest:.2f}")
    if rule.frustration_fall is not None:
        yield _at_least(highest - level, rule.frustration_fall, f"frustration down by {highest - level:.2f}")


def _at_least(value: float, bound: float, note: str, before_s: float = 0.0) -> Reading:
    held = value >= bound
    return Reading(held, float(held), value >= bound * NEAR_SHARE, note, before_s=before_s)


def overlap_of(scene: Scene, heard: Heard) -> float:
    """For how long a full turn runs on together with the other party's turn that it interrupts, in seconds."""
    other = None if heard.backchannel else scene.previous(heard, agent=not heard.agent)
    if other is None or other.turn.start_s > heard.turn.start_s:
        return 0.0
    return max(0.0, min(other.turn.end_s, heard.turn.end_s) - heard.turn.start_s)
