"""The baseline that the moments must beat: keyword rules with VADER, in the manner of contact-centre "categories".

    python -m training.baseline --calls ../shared/calls

A category matches a phrase on one side of the call; negative sentiment is VADER's (English alone; elsewhere the
phrases, translated, stand by themselves). A flag sits on the agent turn that follows or holds the phrase. A phrase of
the answering list in that turn or the agent's next takes it back.
"""

import argparse
import re
from functools import cache
from pathlib import Path
from typing import Any

from monitor.records import Moment
from training.calls import Call, LabelledTurn, load_calls
from training.matching import Tally

NEGATIVE = -0.4
"""VADER's compound score below which a customer turn counts as negative; the usual "strongly negative" of its authors is -0.5."""

APOLOGY = r"sorry|apolog|understand|抱歉|不好意思|理解|disculp|siento|entiendo|désolé|comprends|tut mir leid|verstehe|desculp|申し訳"
CUSTOMER = {
    "unacknowledged_frustration": (
        r"ridiculous|frustrat|fed up|unacceptable|angry|sick of|kidding me|waste of|再也|气死|烦死|离谱|投诉|"
        r"harta?\b|indignante|vergüenza|inadmissible|marre|unverschämt|absurdo|ふざけ",
        APOLOGY,
    ),
    "repeat_contact": (
        r"(second|third|fourth) time|called (before|already|yesterday)|already (told|spoke)|last time i called|"
        r"打过(一|两|三|好几)|又打|ya llamé|otra vez llam|déjà appelé|schon angerufen|já liguei|何度も",
        r"notes|already told|have to repeat|记录|不用再说|" + APOLOGY,
    ),
    "unexplained_failure": (
        r"\bwhy\b|happen again|为什么|怎么会|por qué|pourquoi|warum|wieso|por que|どうして|なぜ",
        r"because|reason|caused|因为|原因|porque|parce que|weil|ので",
    ),
    "unmet_need": (
        r"do you (have|offer)|is there a way|can i get|有没有|能不能|hay alguna|est-ce qu'il y a|gibt es|tem como|ありますか",
        r"instead|suggest|pass (it|that) on|建议|反馈|en lugar|proposer|stattdessen|em vez|代わり",
    ),
}
AGENT = {
    "policy_shield": (
        r"policy|not allowed|can't do|unable to|nothing i can|规定|没有权限|没办法|política|no puedo|règlement|"
        r"vorschrift|norma|規則",
        r"but i can|what i can do|instead|because|可以帮您|因为|pero puedo|par contre|dafür|mas posso",
    ),
    "rushed_close": (
        r"anything else|have a (nice|great|good) day|survey|还有其他|祝您|评价|algo más|bonne journée|schönen tag|"
        r"mais alguma|ほかに",
        r"does that (solve|sort)|is it working|解决了吗",
    ),
    "contradiction": (
        r"you (should have|must have|didn't)|应该是您|您自己|usted debió|sie hätten|vous auriez dû",
        APOLOGY,
    ),
    "divided_attention": (
        r"other customers|queue|system is slow|short.staffed|系统.{0,3}慢|排队|sistema.{0,5}lento",
        r"$^",
    ),
    "tone_mismatch": (r"awesome|no worries|perfect|great!|好嘞|亲|genial|super", APOLOGY),
    "unexplained_hold": (
        r"one moment|hold on|bear with me|稍等|un moment|momento|moment bitte|少々お待ち",
        r"minute|分钟|minuto",
    ),
    "hollow_apology": (r"sorry for (the|any) inconvenience|给您带来不便|disculpe las molestias", r"i will|i'll|我会"),
    "repeated_instruction": (r"restart|unplug|重启|reinici|redémarr|neu starten", r"again because|i know you"),
}


def flag(call: Call) -> list[Moment]:
    """What the categories flag in a call."""
    found = []
    for turn in call.turns:
        rules = AGENT if turn.speaker == "agent" else CUSTOMER
        for kind, (opens, meets) in rules.items():
            negative = kind == "unacknowledged_frustration" and _negative(call, turn)
            if re.search(opens, turn.text.lower()) or negative:
                answers = [turn] if turn.speaker == "agent" else _next_agent_turns(call, turn)
                if answers and not any(re.search(meets, answer.text.lower()) for answer in answers):
                    found.append(_missed(kind, answers[0]))
    return found


def _negative(call: Call, turn: LabelledTurn) -> bool:
    if call.language != "en":
        return False
    return -negativity(turn.text) <= NEGATIVE


def negativity(text: str) -> float:
    """VADER's compound score of a text, negated: -1 (glad) to 1 (angry)."""
    return -float(_vader().polarity_scores(text)["compound"])


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _next_agent_turns(call: Call, turn: LabelledTurn) -> list[LabelledTurn]:
    return [other for other in call.turns[turn.index + 1 :] if other.speaker == "agent"][:2]


def _missed(kind: str, turn: LabelledTurn) -> Moment:
    return Moment(
        kind=kind,
        verdict="missed",
        severity="minor",
        turn=turn.index,
        start_s=turn.start_s,
        end_s=turn.end_s,
        confidence=1.0,
        quote=turn.text,
        why="A category matched.",
    )


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True)
    tally = Tally()
    for call in load_calls(parser.parse_args().calls):
        tally.add(call, flag(call))
    print("missed, all    P {:.3f} R {:.3f} F {:.3f} n {}".format(*tally.scores()))
    for group in ("en", "zh", "other"):
        print("missed, {:6} P {:.3f} R {:.3f} F {:.3f} n {}".format(group, *tally.scores(group=group)))


if __name__ == "__main__":
    main()
