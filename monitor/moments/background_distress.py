"""Distress is heard behind the customer; the agent asks about it, offers time, to wait or to call back."""

from collections.abc import Iterator
from typing import ClassVar

from audio.facts import Sound
from monitor.moments.base import Finding, Opening, clock, odds, story
from monitor.moments.graders import Features
from monitor.moments.scene import Heard, Scene, acts_of
from monitor.moments.window import WindowKind
from monitor.records import Verdict

_TURNS_SINCE_ONSET = 40
"""How many turns back a sound may have begun when it is announced."""


class BackgroundDistress(WindowKind):
    """ "Is that your child crying? Do you need to look after him? I'll gladly hold." """

    name: ClassVar[str] = "background_distress"

    def hear_sound(self, scene: Scene, sound: Sound) -> Iterator[Finding]:
        """Listens to a sound; turns that were heard before it was announced count, too."""
        name = f"{self.name}:{sound.label}@{sound.start_s:.1f}"
        known = any(opening.id == name for opening in self.openings)
        if known or sound.label not in self.rule.labels or sound.duration_s < self.rule.sound_s:
            return
        features = {"confidence": sound.confidence, "long": min(1.0, sound.duration_s / 10.0)}
        opening = Opening(
            id=name,
            turn=None,
            start_s=sound.start_s,
            end_s=sound.end_s,
            quote=f"[{sound.label.replace('_', ' ')}]",
            features=features,
            probability=self.graders.opening.probability(features),
            anchor_s=sound.start_s,
        )
        yield from self._open(scene, opening)
        for heard in scene.turns[-_TURNS_SINCE_ONSET:]:
            if heard.agent and not heard.backchannel:
                yield from self._follow(scene, opening, heard)

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        return None

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        noticed = heard.act("notices_background", "offers_time")
        return {
            "noticed_odds": odds(noticed),
            **acts_of(heard, "notices_background", "offers_time", "acknowledges_feeling", "asks_fact", "instructs"),
        }

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        return story(
            f"{opening.quote[1:-1].capitalize()} behind the customer from {clock(opening.start_s)}",
            verdict,
            turn,
            missed="the agent neither asked about it nor offered time",
            met="the agent took notice",
        )
