"""Kinds of a user's own: an opening that a rule describes, the response that would meet it, and the verdict."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from monitor.moments.base import Finding, clock
from monitor.moments.custom_calls import Match, Node, match_of, node_of
from monitor.moments.custom_turns import Encoder, Examples, Reading, Spoken, fits, together
from monitor.moments.scene import Heard, Scene
from monitor.records import Moment, Response, Verdict
from monitor.rules import Answer, CustomRule, Rules


@dataclass(frozen=True, slots=True)
class Reply:
    """A full turn that could meet an opening, and whether it does."""

    heard: Heard
    reading: Reading


class CustomKind:
    """One kind of the user's own, listening to one call."""

    def __init__(self, name: str, rule: CustomRule) -> None:
        self.name = name
        self.rule = rule
        self.node: Node = node_of(rule)
        self._replies: list[Reply] = []
        self._waiting: list[Match] = []
        self._told: set[int] = set()

    def hear(self, spoken: Spoken) -> Iterator[Finding]:
        """Listens to a turn that has just been added to the scene."""
        self.node.hear(spoken)
        met_by = self.rule.met_by
        if met_by is not None and not spoken.heard.backchannel and met_by.role in ("either", spoken.heard.turn.speaker):
            self._replies.append(Reply(spoken.heard, together(fits(met_by, spoken))))
        yield from self._listen(spoken.scene, ended=False)

    def close(self, scene: Scene) -> Iterator[Finding]:
        """Settles what only the end of the call can tell."""
        if scene.turns:
            yield from self._listen(scene, ended=True)

    def near_misses(self, scene: Scene) -> list[Match]:
        """When the call has ended, turns that would have been found had the rule been a little looser."""
        if not scene.turns:
            return []
        responses = [replace(reply.reading, note=f"as a response, {reply.reading.note}") for reply in self._replies]
        almost = [
            match_of(reply.heard, reading)
            for reply, reading in zip(self._replies, responses, strict=True)
            if reading.near and not reading.held
        ]
        return self.node.near_misses(scene) + almost

    def _listen(self, scene: Scene, *, ended: bool) -> Iterator[Finding]:
        for match in self._new(scene, ended):
            if self.rule.met_by is None:
                yield self._finding(match, match.heard, self.rule.verdict, match.confidence)
            else:
                self._waiting.append(match)
        still: list[Match] = []
        for match in self._waiting:
            if any(other.heard.index < match.heard.index for other in still):
                continue  # Voiced again inside an open window, it is the same opening (convention 3).
            settled = self._answered(self.rule.met_by, match, scene, ended) if self.rule.met_by else None
            if settled is None and not ended:
                still.append(match)
            elif settled is not None:
                yield settled
        self._waiting = still

    def _new(self, scene: Scene, ended: bool) -> list[Match]:
        """What has not been told yet: every match, or all together where they are one finding."""
        if self.node.repeats:
            found = self.node.matches(scene, ended) if ended else self.node.fresh(scene)
        elif not self._told and self.node.holds(scene, ended):
            found = [_as_one(self.node.matches(scene, ended))]
        else:
            return []
        new = []
        for match in found:
            if match.heard.index not in self._told and not (self.rule.once and self._told):
                self._told.add(match.heard.index)
                new.append(match)
        return new

    def _answered(self, met_by: Answer, match: Match, scene: Scene, ended: bool) -> Finding | None:
        """The verdict on an opening; None while its window is open, and where nobody had a chance to answer."""
        own, later = self._after(match)
        in_time = [
            reply
            for number, reply in enumerate(later[: met_by.turns])
            if number == 0 or reply.heard.turn.start_s - match.heard.turn.end_s <= met_by.seconds
        ]
        for reply in (*own, *in_time):
            if reply.reading.held:
                return self._finding(match, reply.heard, "handled", match.confidence * reply.reading.probability)
        late = scene.turns[-1].turn.start_s - match.heard.turn.end_s > met_by.seconds
        closed = ended or len(later) >= met_by.turns or (later and late)
        if not closed or not (own or later):
            return None
        best = max((reply.reading.probability for reply in (*own, *in_time)), default=0.0)
        flagged = (*own, *later)[0].heard
        return self._finding(match, flagged, "missed", match.confidence * (1.0 - best))

    def _after(self, match: Match) -> tuple[list[Reply], list[Reply]]:
        """The opening turn itself where the same party could meet it there, and the replies that followed it."""
        own: list[Reply] = []
        later: list[Reply] = []
        for reply in reversed(self._replies):
            if reply.heard.index < match.heard.index:
                break
            if reply.heard is match.heard:
                own.append(reply)
            elif reply.heard.turn.end_s > match.heard.turn.end_s:
                later.append(reply)
        return own, later[::-1]

    def _finding(self, match: Match, turn: Heard, verdict: Verdict, confidence: float) -> Finding:
        answered = self.rule.met_by is not None and verdict == "handled"
        latency_s = round(max(0.0, turn.turn.start_s - match.heard.turn.end_s), 3)
        return Finding(
            f"{self.name}:{match.heard.index}",
            Moment(
                kind=self.name,
                verdict=verdict,
                severity=self.rule.severity,
                turn=turn.index,
                start_s=match.start_s,
                end_s=max(match.heard.turn.end_s, turn.turn.end_s),
                confidence=round(confidence, 4),
                quote=match.quote,
                why=self._why(match, turn, verdict),
                opening_turn=None if match.absent else match.heard.index,
                response=Response(turn=turn.index, latency_s=latency_s) if answered else None,
            ),
        )

    def _why(self, match: Match, turn: Heard, verdict: Verdict) -> str:
        found = self.rule.why or f"{self.rule.about or self.name}: {match.note or 'found'}"
        if self.rule.met_by is None:
            return found if found.endswith((".", "。", "!", "?")) else f"{found}."
        outcome = f"met at {clock(turn.turn.start_s)}" if verdict == "handled" else "not met"
        return f"{found.rstrip('.。')}; {outcome}."


def _as_one(matches: Sequence[Match]) -> Match:
    """Several matches as one finding: what was said last carries the flag; a place where something is missing, only
    if nothing was said."""
    last = ([match for match in matches if not match.absent] or matches)[-1]
    if len(matches) == 1:
        return last
    told = [f"{match.heard.turn.speaker} at {clock(match.heard.turn.start_s)}: {match.note}" for match in matches]
    return replace(last, confidence=min(match.confidence for match in matches), note="; ".join(told))


class CustomKinds:
    """All kinds of the user's own, listening to one call together.

    Args:
        rules: their rules; those that are not enabled are left out.
        encoder: gives the meaning of the example sentences; one that it has met before costs it nothing. None where there
            are no such sentences.
        but: names of kinds that are left out.
    """

    def __init__(self, rules: Rules, encoder: Encoder | None, *, but: Set[str] = frozenset()) -> None:
        enabled = {name: rule for name, rule in rules.custom.items() if rule.enabled and name not in but}
        self.kinds = [CustomKind(name, rule) for name, rule in enabled.items()]
        examples = [text for rule in enabled.values() for part in rule.turn_rules() for text in part.means]
        self._examples = Examples(examples, encoder)
        self._levels: list[float] = []
        self._number = {"agent": 0, "customer": 0}

    def hear(self, scene: Scene, heard: Heard) -> Iterator[Finding]:
        """Listens to a turn that has just been added to the scene, back-channels too."""
        if not self.kinds:
            return
        before = self._levels or [scene.level]
        spoken = Spoken(scene, heard, self._examples, (min(before), max(before)), dict(self._number))
        for kind in self.kinds:
            yield from kind.hear(spoken)
        if not heard.backchannel:
            self._number[heard.turn.speaker] += 1
        if not heard.agent:
            self._levels = [min(before[0], heard.level), max(before[-1], heard.level)]

    def close(self, scene: Scene) -> Iterator[Finding]:
        """Settles what only the end of the call can tell."""
        for kind in self.kinds:
            yield from kind.close(scene)
