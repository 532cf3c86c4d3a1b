"""The pictures of a result: whether confidences are right, and what precision each recall costs."""

from pathlib import Path
from typing import Any

from training.quality.results import Result

COLOURS = {"missed": "#b3402a", "handled": "#2a6f97"}
STYLES = {"missed": "-", "handled": "--"}
"""Never told apart by colour alone."""
MUTED = "#888888"
"""Grey that can be read on white and on black alike: the background is left transparent."""


def draw(result: Result, folder: Path) -> list[tuple[str, str]]:
    """Draw what the result has points for; file names and titles."""
    drawn = []
    for prefix, title, paint in (
        ("reliability", "Of the moments with this confidence, how many are right", _reliability),
        ("precision-recall", "Precision and recall as the threshold moves", _precision_recall),
    ):
        lines = {
            name.removeprefix(f"{prefix} "): points for name, points in result.curves.items() if name.startswith(prefix)
        }
        if lines:
            _picture(folder / f"{result.part}-{prefix}.svg", lines, paint)
            drawn.append((f"{result.part}-{prefix}.svg", title))
    return drawn


def _picture(path: Path, lines: dict[str, list[list[float]]], paint: Any) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    # Text stays text, and the same figures give the same file.
    look = {"svg.fonttype": "none", "svg.hashsalt": path.name, "font.size": 9, "axes.edgecolor": MUTED}
    look |= dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color", "text.color"), MUTED)
    with mpl.rc_context(look):
        figure, axes = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
        for name, points in lines.items():
            paint(axes, name, points)
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, labelcolor=MUTED)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, transparent=True, metadata={"Date": None})
        plt.close(figure)


def _reliability(axes: Any, name: str, points: list[list[float]]) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    told, right, counts = zip(*points, strict=True)
    axes.plot(
        told, right, STYLES[name], color=COLOURS[name], marker="o", markersize=3, label=f"{name} ({sum(counts):.0f})"
    )
    axes.set(xlabel="confidence", ylabel="share that is right")


def _precision_recall(axes: Any, name: str, points: list[list[float]]) -> None:
    recall, precision, best = zip(*points, strict=True)
    axes.plot(recall, precision, STYLES[name], color=COLOURS[name], label=name)
    at = max(range(len(best)), key=best.__getitem__)
    axes.plot([recall[at]], [precision[at]], "o", color=COLOURS[name], markersize=4)
    axes.annotate(
        f"F1 {best[at]:.2f}",
        (recall[at], precision[at]),
        textcoords="offset points",
        xytext=(5, 4),
        color=COLOURS[name],
    )
    axes.set(xlabel="recall", ylabel="precision")
