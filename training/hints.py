"""Fits the hints: ridge regressions from the vectors of a turn and its neighbours to "this is where the flag sits"."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.moments.catalogue import KINDS
from monitor.moments.hints import LinearHints, NoHints, around
from monitor.moments.window import WindowKind
from training.openings import Rehearsal, window_pairs

PENALTY = 6.0
"""Strength of the L2 penalty; the rows' squared norms are about 4."""
FEWEST_POSITIVES = 6
INNER_FOLDS = 5

Rows = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class HintTrainer:
    """Rows of all calls, from which heads are fitted for any subset of them.

    A turn of the agent may carry a flag, a turn of the customer may be an opening: each is a row with the turn before
    it and, for kinds that wait for it, the reaction to it.
    """

    def __init__(self, rehearsals: Sequence[Rehearsal]) -> None:
        self.sets = [HeadSet(rehearsals, agent=agent, reaction=reaction) for agent, reaction in _SETS]

    def fit(self, calls: Sequence[int]) -> LinearHints:
        """Heads from the calls with these numbers."""
        parts = [heads.fit(calls) for heads in self.sets]
        return LinearHints(
            [name for names, _, _ in parts for name in names],
            np.concatenate([weights for _, weights, _ in parts]),
            np.concatenate([biases for _, _, biases in parts]),
        )

    def fit_apart(self, calls: Sequence[int]) -> dict[int, LinearHints]:
        """For each of these calls heads that were fitted on the others, by inner cross-validation."""
        hints = {}
        for fold in range(INNER_FOLDS):
            held = [call for place, call in enumerate(calls) if place % INNER_FOLDS == fold]
            fitted = self.fit([call for call in calls if call not in set(held)])
            hints.update(dict.fromkeys(held, fitted))
        return hints


_SETS = ((True, False), (True, True), (False, False), (False, True))
"""Whose turns the rows are, and whether the reaction is among their vectors."""


class HeadSet:
    """The heads that look at the turns of one side."""

    def __init__(self, rehearsals: Sequence[Rehearsal], *, agent: bool, reaction: bool) -> None:
        self.names = head_names(agent=agent, reaction=reaction)
        rows, labels, calls = [], [], []
        for number, rehearsal in enumerate(rehearsals):
            flagged = flags(rehearsal, self.names, agent=agent)
            for heard in rehearsal.turns:
                if heard.agent != agent or heard.backchannel:
                    continue
                after = rehearsal.reaction(heard) if reaction else None
                before = rehearsal.turns[heard.index - 1].vector if heard.index else None
                rows.append(around(heard.vector, before, after.vector if after else None))
                labels.append([heard.index in flagged[name] for name in self.names])
                calls.append(number)
        self.x = np.array(rows, dtype=np.float32)
        self.y = np.array(labels, dtype=np.float32).reshape(len(rows), len(self.names))
        self.calls = np.array(calls)
        self.gram = self.x @ self.x.T
        """How alike all rows are: worked out once, since heads are fitted some fifty times on different calls."""

    def fit(self, calls: Sequence[int]) -> tuple[list[str], NDArray[np.floating], NDArray[np.floating]]:
        """Names, weights and biases; the dual form, since there are fewer rows than columns."""
        chosen = np.isin(self.calls, list(calls))
        y = self.y[chosen]
        known = (y.sum(axis=0) >= FEWEST_POSITIVES) & (self.x.shape[1] > 0)
        mean_y = y.mean(axis=0)
        gram = self.gram[np.ix_(chosen, chosen)].astype(np.float64)
        mean = gram.mean(axis=0)
        gram += mean.mean() - mean - mean[:, None]
        gram[np.diag_indices_from(gram)] += PENALTY
        heights = np.linalg.solve(gram, (y - mean_y)[:, known])
        # Heights sum to nothing, so that the mean of the rows need not be taken from them once more.
        weights = heights.T.astype(np.float32) @ self.x[chosen]
        biases = mean_y[known] - weights @ self.x[chosen].mean(axis=0)
        return [name for name, good in zip(self.names, known, strict=True) if good], weights, biases


def head_names(*, agent: bool, reaction: bool) -> list[str]:
    """The heads that a set of rows can teach."""
    names = []
    for kind in KINDS:
        window = issubclass(kind, WindowKind)
        if window == reaction:
            continue
        if window and not agent and not kind.by_agent:
            names.append(f"{kind.name}.opening")
        if agent or getattr(kind, "by_agent", True) is None:
            names += [f"{kind.name}.missed", f"{kind.name}.handled"]
    return names


def flags(rehearsal: Rehearsal, names: Sequence[str], *, agent: bool) -> dict[str, set[int]]:
    """The turns that each head should find in a call."""
    found: dict[str, set[int]] = {name: set() for name in names}
    for moment in rehearsal.call.moments:
        part = "missed" if moment.verdict == "missed" else "handled"
        found.setdefault(f"{moment.kind}.{part}", set()).add(moment.turn)
    if not agent:
        seen = rehearsal.candidates(NoHints())
        for kind in KINDS:
            if f"{kind.name}.opening" in found:
                labels = [moment for moment in rehearsal.call.moments if moment.kind == kind.name]
                pairs = window_pairs(seen[kind.name], labels)
                found[f"{kind.name}.opening"] = {
                    o.turn.index for o in seen[kind.name] if o.id in pairs and o.turn is not None
                }
    return found
