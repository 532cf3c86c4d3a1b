"""How alike in meaning a turn must be to the example sentences of a user's rule: thresholds, and a probability.

    python -m training.rule_similarity --calls ../shared/calls            # cross-validated figures
    python -m training.rule_similarity --calls ../shared/calls --write    # and monitor/rules/similarity.toml

Rules are imitated. For an act of a narrow meaning ("asks for a supervisor"), five sentences of the bank that perform it
are the examples of a rule, drawn four times for each language, once in the call's own language and once in English
for calls in other languages. The rule should find the turns of that language's calls that are labelled with the act, and no others. A turn's
score is what the rule sees: the highest cosine of any of its sentences with any example. The bank is not made of turns
of the calls, so examples and turns are apart; thresholds and the probability are tested on acts that they were not
fitted on, since a user's rule is about something new. An act is wider than a user's rule is, so this errs on the hard
side. The easy side is measured as well: the same statement in another language, where the bank has both.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from monitor.encoder import UseEncoder
from monitor.sentences import split_sentences
from training.acts import calibration_error
from training.bank import Example, load_bank
from training.calls import Call, load_calls

SCALE = Path(__file__).parents[1] / "monitor" / "rules" / "similarity.toml"
EXAMPLES, DRAWS = 5, 4
FEWEST = 3
"""Turns of an act that a language must have to be measured."""
GRID = np.round(np.arange(0.40, 0.90, 0.01), 2)
NORMAL_PRECISION, STRICT_PRECISION = 0.5, 0.75
RESTATED = (("de", "fr"), ("de", "it"), ("fr", "it"), ("fr", "ko"))
"""Languages whose banks largely say the same things line by line."""

NARROW = {
    "customer": (
        "asks_for_supervisor", "threatens_to_leave", "repeat_contact", "asks_to_wait", "thanks", "asks_recurrence",
    ),
    "agent": (
        "apologizes", "asks_to_hold", "moves_to_close", "checks_resolution", "offers_time", "cites_policy",
        "lacks_authority", "notices_background", "takes_ownership",
    ),
}  # fmt: skip
"""Acts that are about one thing, as users' rules are."""


@dataclass(frozen=True)
class Rule:
    """One imitated rule on the calls of one language."""

    act: str
    language: str
    own_language: bool
    """Whether the examples are in the language of the calls, or in English."""
    scores: NDArray[np.float32]
    """Of every turn of the role, shape (n_turns,)."""
    labels: NDArray[np.bool_]


def main() -> None:
    """Parses the arguments, measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, required=True, help="folder of labelled calls")
    parser.add_argument("--write", action="store_true", help=f"write {SCALE.name}")
    options = parser.parse_args()
    encoder, bank = UseEncoder(), load_bank()
    rules = imitate([call for call in load_calls(options.calls) if call.has_acts], bank, encoder)
    report(rules)
    restated(bank, encoder, choose(rules))
    if options.write:
        write(rules)


def imitate(calls: Sequence[Call], bank: Sequence[Example], encoder: UseEncoder) -> list[Rule]:
    """All imitated rules, scored."""
    rules = []
    for language in sorted({call.language for call in calls}):
        for role, acts in NARROW.items():
            turns = [
                turn
                for call in calls
                for turn in call.turns
                if call.language == language and turn.speaker == role and turn.acts is not None and turn.text.strip()
            ]
            vectors = [encoder.encode(split_sentences(turn.text, language)) for turn in turns]
            for act in acts:
                labels = np.array([act in (turn.acts or ()) for turn in turns])
                if labels.sum() < FEWEST:
                    continue
                for spoken in dict.fromkeys((language, "en")):
                    pool = [e.text for e in bank if (e.role, e.language) == (role, spoken) and act in e.acts]
                    if len(pool) < EXAMPLES:
                        continue
                    dice = random.Random(f"{act} {language} {spoken}")
                    for _ in range(DRAWS):
                        examples = encoder.encode(dice.sample(pool, EXAMPLES))
                        scores = np.array([(sentences @ examples.T).max() for sentences in vectors])
                        rules.append(Rule(act, language, spoken == language, scores, labels))
    return rules


def report(rules: Sequence[Rule]) -> None:
    """Prints precision and recall by threshold, then what is got on acts that were not fitted on."""
    print("cosine  precision  recall  F1")
    for cosine in GRID[::2]:
        precision, recall, f1 = figures(rules, cosine)
        print(f"{cosine:.2f}    {precision:.2f}       {recall:.2f}    {f1:.3f}")
    print(f"chosen on all acts: {choose(rules)}")
    seen: dict[str, list[tuple[Rule, float]]] = {"loose": [], "normal": [], "strict": []}
    likely, labels = [], []
    for act in sorted({rule.act for rule in rules}):
        others, own = [rule for rule in rules if rule.act != act], [rule for rule in rules if rule.act == act]
        chosen, scale = choose(others), fit(others)
        for word, pairs in seen.items():
            pairs += [(rule, chosen[word]) for rule in own]
        for rule in own:
            likely.append(1 / (1 + np.exp(-(scale[0] + scale[1] * rule.scores))))
            labels.append(rule.labels)
    print("\non acts not fitted on      precision  recall  F1")
    for word, pairs in seen.items():
        for name, part in groups(pairs).items():
            precision, recall, f1 = counted(part)
            print(f"{word:7s} {name:20s} {precision:.2f}       {recall:.2f}    {f1:.3f}   ({len(part)} rules)")
    calibration = calibration_error(np.concatenate(labels), np.concatenate(likely))
    ranked = np.mean([average_precision_score(rule.labels, rule.scores) for rule in rules])
    rate = np.mean(np.concatenate([rule.labels for rule in rules]))
    print(f"\naverage precision {ranked:.3f} where {rate:.3f} of the turns fit; calibration error {calibration:.3f}")


def groups(pairs: Sequence[tuple[Rule, float]]) -> dict[str, list[tuple[Rule, float]]]:
    """All rules; then by language, with the examples in it; then those with examples in English for other calls."""
    languages = sorted({rule.language for rule, _ in pairs})
    parts = {language: [p for p in pairs if p[0].language == language and p[0].own_language] for language in languages}
    across = [pair for pair in pairs if not pair[0].own_language]
    named = {"all": list(pairs), **parts, "English for others": across}
    return {name: part for name, part in named.items() if part}


def figures(rules: Sequence[Rule], cosine: float) -> tuple[float, float, float]:
    """Precision, recall and F1 of all rules together at one threshold."""
    return counted([(rule, cosine) for rule in rules])


def counted(pairs: Sequence[tuple[Rule, float]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of rules, each at its threshold, every rule counting alike."""
    found = missed = false = 0.0
    for rule, cosine in pairs:
        held = rule.scores >= cosine
        found += (held & rule.labels).sum() / rule.labels.sum()
        missed += (~held & rule.labels).sum() / rule.labels.sum()
        false += (held & ~rule.labels).sum() / rule.labels.sum()
    precision = found / (found + false) if found else 0.0
    recall = found / (found + missed)
    return precision, recall, 2 * precision * recall / (precision + recall) if found else 0.0


def choose(rules: Sequence[Rule]) -> dict[str, float]:
    """The cosines of the three words: the best F1; half of what is found is right; three quarters are."""
    by_cosine = {float(cosine): figures(rules, cosine) for cosine in GRID}
    loose = max(by_cosine, key=lambda cosine: by_cosine[cosine][2])
    normal, strict = (
        min(cosine for cosine, (precision, _, _) in by_cosine.items() if precision >= least)
        for least in (NORMAL_PRECISION, STRICT_PRECISION)
    )
    return {"loose": loose, "normal": normal, "strict": strict}


def restated(bank: Sequence[Example], encoder: UseEncoder, chosen: dict[str, float]) -> None:
    """Prints how often a sentence is found by its counterpart in another language, and how often by another sentence."""
    print("\nthe same statement in another language    found   by another sentence")
    for one, other in RESTATED:
        lines = [[example for example in bank if example.language == language] for language in (one, other)]
        alike = [(a.text, b.text) for a, b in zip(*lines, strict=False) if (a.role, a.acts) == (b.role, b.acts)]
        cosines = encoder.encode([a for a, _ in alike]) @ encoder.encode([b for _, b in alike]).T
        apart = ~np.eye(len(alike), dtype=bool)
        for word, cosine in chosen.items():
            own, others = np.mean(np.diag(cosines) >= cosine), np.mean(cosines[apart] >= cosine)
            print(f"{one}-{other} {word:7s} ({len(alike)} statements)          {own:.2f}    {others:.4f}")


def fit(rules: Sequence[Rule]) -> tuple[float, float]:
    """Bias and slope of a logistic regression on the cosine."""
    scores = np.concatenate([rule.scores for rule in rules])[:, None]
    model = LogisticRegression(C=100.0).fit(scores, np.concatenate([rule.labels for rule in rules]))
    return float(model.intercept_[0]), float(model.coef_[0, 0])


def write(rules: Sequence[Rule]) -> None:
    """Writes the scale, fitted on all acts."""
    chosen, (bias, slope) = choose(rules), fit(rules)
    lines = [
        "# Written by training/rule_similarity.py: cosines of the words, and the probability of a cosine.",
        "",
        "[cosine]",
        *(f"{word} = {cosine:.2f}" for word, cosine in chosen.items()),
        "",
        "[probability]",
        f"bias = {bias:.3f}",
        f"slope = {slope:.3f}",
    ]
    SCALE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
