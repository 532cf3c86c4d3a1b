"""How the judgement carries over to what others wrote and rated, none of which has tuned it."""

import csv
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from random import Random

import numpy as np

from audio.facts import Turn
from monitor.acts.reader import ActReader
from monitor.dialogue import DialogueEncoder
from monitor.encoder import UseEncoder
from monitor.evaluate.statistics import Interval, auc, grouped_interval
from monitor.frustration import FrustrationFilter
from training.baseline import negativity
from training.quality.results import Beside, Result, Row

ROLES = {"USER": "customer", "SYSTEM": "agent"}
WORDS_PER_SECOND = 2.5
DIALOGUES = 80
"""How many are read, drawn at random once and for all: reading one takes some four seconds, reading all of them an hour."""
SEED = 20
REPLIES = 500
"""How many are read, spread evenly over the data: each takes about a second."""
EMPATHY = ("acknowledges_feeling", "acknowledges_effort", "saves_face")
"""The acts that make a reply an empathic one; the surest of them counts."""
EMPATHIC_WORDS = r"sorry|understand|feel|hope|hug|love|care|here for you|been there|same|tough|hard|awful|hurts|proud"
POST_CHARACTERS = 600
"""Posts are letters, not turns: their beginning is read."""


def transfer(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """The frustration level at turns that annotators found dissatisfied.

    A turn counts as dissatisfied if more than half of its annotators gave it less than 3 of 5 (Sun et al. 2021,
    "Simulating User Satisfaction for the Evaluation of Task-oriented Dialogue Systems").
    """
    every = list(dialogues(shared / "data" / "text" / "satisfaction-mwoz.txt"))
    encoder, model = UseEncoder(), DialogueEncoder()
    ours, vader = [], []
    chosen = sorted(Random(SEED).sample(range(len(every)), min(DIALOGUES, len(every))))
    for turns, marks in (every[number] for number in chosen):
        reader = ActReader(encoder, dialogue=model, language="en")
        heard = FrustrationFilter(reader)
        rows = []
        for turn, dissatisfied in zip(turns, marks, strict=True):
            point = heard.hear(turn, reader.read(turn, []))
            if point is not None and dissatisfied is not None:
                rows.append((dissatisfied, point.level, negativity(turn.text)))
        ours.append(np.array([(truth, level) for truth, level, _ in rows], float).reshape(-1, 2))
        vader.append(np.array([(truth, score) for truth, _, score in rows], float).reshape(-1, 2))
    area, beside = _area(ours), _area(vader)
    turns_in_all = sum(map(len, ours))
    return Result(
        part="transfer",
        title="Dissatisfaction in rated dialogues",
        data="Dialogues with a booking system, user turns rated by annotators (USS, MWOZ part; no licence stated). They measure alone.",
        rows=[
            Row("dissatisfied turns", f"satisfaction-mwoz ({len(ours)} of {len(every)} dialogues, {turns_in_all} turns, "
                f"{sum(int(rows[:, 0].sum()) for rows in ours)} dissatisfied)", "AUC", *area, beside=[Beside("VADER", *beside)],
                reach=beside[0] + 0.10),
        ],
        notes=[
            "The target is the baseline and 0.10. Intervals are over dialogues.",
            f"The dialogues are a random sample, the same each time (`SEED` {SEED} in `training/quality/transfer.py`).",
        ],
    )  # fmt: skip


def empathy(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Whether replies that show an emotional reaction are read as acknowledging ones."""
    with (shared / "data" / "text" / "epitome-emotional-reactions.csv").open(encoding="utf-8", newline="") as file:
        every = list(csv.DictReader(file))
    chosen = every[:: max(1, len(every) // REPLIES)][:REPLIES]
    encoder, model = UseEncoder(), DialogueEncoder()
    truth, columns = [], []
    for row in chosen:
        reader = ActReader(encoder, dialogue=model, language="en")
        post = _turn(0, "customer", row["seeker_post"][:POST_CHARACTERS])
        reply = _turn(1, "agent", row["response_post"][:POST_CHARACTERS])
        reader.read(post, [])
        acts = reader.read(reply, [post])
        truth.append(int(row["level"]) >= 1)
        words = len(re.findall(EMPATHIC_WORDS, reply.text.lower()))
        columns.append((max(acts[name] for name in EMPATHY), len(reply.text), words))
    scores = [[np.array([[t, values[n]]], float) for t, values in zip(truth, columns, strict=True)] for n in range(3)]
    ours, length, words = (_area(groups) for groups in scores)
    return Result(
        part="empathy",
        title="Empathic replies",
        data="Posts in support forums and replies, graded by annotators (EPITOME, emotional reactions; for research). They measure alone.",
        rows=[
            Row("emotional reactions (level 1 and 2)", f"epitome ({len(chosen)} of {len(every)} replies, {sum(truth)} with one)", "AUC",
                *ours, beside=[Beside("length", *length), Beside("word list", *words)], reach=0.80),
        ],
        notes=[f"A reply's score is the surest of the acts {', '.join(f'`{name}`' for name in EMPATHY)}. Intervals are over replies."],
    )  # fmt: skip


def dialogues(path: Path) -> Iterator[tuple[list[Turn], list[bool | None]]]:
    """Turns of each dialogue, timed by their length, and whether each is dissatisfied (None for the system's)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for spoken, group in groupby(lines, key=lambda line: bool(line.strip())):
        if not spoken:
            continue
        turns: list[Turn] = []
        marks: list[bool | None] = []
        clock = 0.0
        for line in group:
            role, text, _, given = (line.split("\t") + [""] * 3)[:4]
            if text == "OVERALL":
                continue
            turns.append(_turn(len(turns), ROLES[role], text, clock))
            clock = turns[-1].end_s + 0.5
            numbers = [int(mark) for mark in given.split(",") if mark.strip()]
            marks.append(bool(np.mean([number < 3 for number in numbers]) > 0.5) if numbers else None)
        yield turns, marks


def _turn(index: int, speaker: str, text: str, start_s: float = 0.0) -> Turn:
    return Turn(
        index=index, speaker=speaker, start_s=start_s, end_s=start_s + len(text.split()) / WORDS_PER_SECOND, text=text
    )


def _area(groups: list[np.ndarray]) -> tuple[float, Interval | None]:
    return auc(np.concatenate(groups)) or 0.0, grouped_interval(auc, groups)
