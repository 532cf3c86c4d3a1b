"""Small scripted calls for the judging: what is said is given as acts, and graders are plain enough to foresee."""

import numpy as np

from audio.facts import Sound, Turn
from monitor.listener import Findings, Listener, in_order
from monitor.moments.catalogue import KINDS
from monitor.moments.graders import Grader, KindGraders
from monitor.moments.hints import NoHints
from monitor.records import FrustrationPoint

SURE = 0.95
LEVELS = {"calm": 0.1, "uneasy": 0.3, "angry": 0.9}


class ScriptedReader:
    """Reads the acts that were scripted; sentences mean what their first word says."""

    def __init__(self, acts: dict[int, dict[str, float]]) -> None:
        self.acts = acts

    def read(self, turn: Turn, before: object) -> dict[str, float]:  # noqa: ARG002
        return self.acts[turn.index]

    def vectors(self, text: str) -> np.ndarray:
        vectors = np.zeros((1, 256), np.float32)
        vectors[0, sum(text.split()[0].encode()) % 256] = 1.0
        return vectors

    def turn_vector(self, turn: Turn) -> np.ndarray:  # noqa: ARG002
        return np.zeros(0, np.float32)


class ScriptedFrustration:
    """The levels that were scripted."""

    def __init__(self, levels: dict[int, float]) -> None:
        self.levels = levels
        self.sounds: list[Sound] = []

    def hear(self, turn: Turn, acts: dict[str, float]) -> FrustrationPoint | None:  # noqa: ARG002
        if turn.speaker != "customer":
            return None
        level = self.levels[turn.index]
        return FrustrationPoint(time_s=turn.end_s, level=level, low=level, high=level)

    def hear_sound(self, sound: Sound) -> None:
        self.sounds.append(sound)


class Scene:
    """A call, line by line: "a" or "c", seconds, acts, and what is said if it matters."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.acts: dict[int, dict[str, float]] = {}
        self.levels: dict[int, float] = {}
        self.sounds: list[Sound] = []
        self.end_s = 0.0

    def say(
        self, who: str, *acts: str, text: str = "words", lasts_s: float = 4.0, gap_s: float = 0.5, mood: str = "calm"
    ) -> "Scene":
        index, start_s = len(self.turns), self.end_s + gap_s
        speaker = {"a": "agent", "c": "customer"}[who]
        self.turns.append(Turn(index=index, speaker=speaker, start_s=start_s, end_s=start_s + lasts_s, text=text))
        self.acts[index] = dict.fromkeys(acts, SURE)
        self.levels[index] = LEVELS[mood]
        self.end_s = max(self.end_s, start_s + lasts_s)
        return self

    def sound(self, label: str, start_s: float, end_s: float) -> "Scene":
        self.sounds.append(Sound(label=label, start_s=start_s, end_s=end_s, confidence=0.9))
        return self

    def listener(self) -> Listener:
        return Listener(
            ScriptedReader(self.acts), ScriptedFrustration(self.levels), graders=plain_graders(), hints=NoHints()
        )

    def findings(self) -> Findings:
        listener = self.listener()
        for event in in_order(self.turns, self.sounds):
            listener.hear(event)
        listener.close()
        return listener.findings()

    def found(self, kind: str) -> list[tuple[str, int | None]]:
        return [(m.verdict, m.turn) for m in self.findings().moments if m.kind == kind]


def grader(bias: float = -4.0, **weights: float) -> Grader:
    return Grader(bias=bias, weights=weights)


def plain_graders() -> dict[str, KindGraders]:
    """Graders that believe the scripted acts: opening and response by their main features alone."""
    graders = {
        "background_distress": (grader(4.0), grader(notices_background=8.0, offers_time=8.0)),
        "repeated_instruction": (grader(like_done=9.0), grader(explains_repeat=8.0)),
        "unacknowledged_frustration": (grader(voiced=8.0), grader(acknowledges_feeling=8.0)),
        "interrogation": (grader(voiced_odds=5.0, is_second=5.0), grader(acknowledged_odds=8.0, bias=0.0)),
        "contradiction": (grader(contradicts=8.0), grader(saves_face=8.0)),
        "policy_shield": (grader(cites_policy=8.0, same_subject=-9.0), grader(offers_alternative=8.0)),
        "unexplained_hold": (
            grader(silent=8.0, held_again=8.0, customer_asks_to_wait=-8.0, agent_offers_time=-8.0),
            grader(announced=5.0, returns_with_news=3.0),
        ),
        "rushed_close": (grader(closes_odds=14.0), grader(last_confirms=8.0)),
        "repeat_contact": (grader(told=8.0), grader(acknowledges_effort=8.0)),
        "talk_over": (grader(4.0), grader(apologizes=8.0)),
        "hollow_apology": (grader(apologizes_odds=4.0, like=4.0), grader(action_odds=8.0, bias=0.0)),
        "divided_attention": (grader(cites_others=8.0), None),
        "unexplained_failure": (grader(asked_odds=14.0), grader(explains=8.0)),
        "tone_mismatch": (grader(cheer_in_trouble=8.0), None),
        "unmet_need": (grader(need=8.0), grader(notes_need=8.0)),
    }
    alone = (grader(act=8.0), None)
    return {
        kind.name: KindGraders(opening=opening, response=response)
        for kind in KINDS
        for opening, response in [graders.get(kind.name, alone)]
    }
