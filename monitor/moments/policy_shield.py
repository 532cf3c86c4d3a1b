"""The agent refuses by rule or rank; an alternative, a next step or a reason meets it, at once or in the next turn."""

from typing import ClassVar

from monitor.moments.base import Opening, clock, odds, story
from monitor.moments.graders import Features
from monitor.moments.scene import Heard, Scene, acts_of, likeness
from monitor.moments.window import WindowKind
from monitor.records import Verdict

_CANDIDATE_FROM = 0.02
_SUBJECT_TURNS = 6


class PolicyShield(WindowKind):
    """What customers least like to hear."""

    name: ClassVar[str] = "policy_shield"
    by_agent: ClassVar[bool] = True
    own_turn: ClassVar[bool] = True

    def opening(self, scene: Scene, heard: Heard) -> Features | None:
        shield = heard.act("cites_policy", "lacks_authority", "refuses")
        if shield < _CANDIDATE_FROM:
            return None
        earlier = list(scene.earlier(heard, agent=True, limit=_SUBJECT_TURNS))
        asked = scene.previous(heard, agent=False)
        return {
            "shield_odds": odds(heard.act("cites_policy", "lacks_authority")),
            "refuses_odds": odds(heard.act("refuses")),
            "shield_before": max((turn.act("cites_policy", "lacks_authority") for turn in earlier), default=0.0),
            "same_subject": max((turn.act("refuses") * likeness(heard, turn) for turn in earlier), default=0.0),
            **acts_of(
                heard, "refuses", "cites_policy", "lacks_authority", "contradicts", "offers_alternative", "cites_others"
            ),
            **acts_of(asked, "voices_need", "asks_for_supervisor", "rejects", prefix="asked_"),
        }

    def response(self, scene: Scene, opening: Opening, heard: Heard) -> Features:
        between = scene.previous(heard, agent=False) if opening.answers else None
        return {
            "offers_odds": odds(heard.act("offers_alternative")),
            "same_turn": float(not opening.answers),
            "long": min(1.0, heard.turn.duration_s / 15.0),
            "pressed": between.act("rejects", "voices_frustration", "asks_for_supervisor") if between else 0.0,
            **acts_of(heard, "offers_alternative", "explains_cause", "takes_ownership", "announces_hold", "refuses"),
            **acts_of(
                heard, "cites_policy", "lacks_authority", "gives_information", "acknowledges_feeling", "asks_fact"
            ),
        }

    def why(self, opening: Opening, verdict: Verdict, turn: Heard) -> str:
        return story(
            f"The agent refused by rule or rank ({clock(opening.start_s)})",
            verdict,
            turn,
            missed="no alternative, next step or reason came with it or in the next turn",
            met="a reason or another way was given",
        )
