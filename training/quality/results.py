"""What a part measured, as it is kept between runs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from monitor.evaluate.statistics import Interval


@dataclass(frozen=True)
class Beside:
    """What a simpler way reaches on the same data."""

    name: str
    value: float
    interval: Interval | None = None


@dataclass(frozen=True)
class Row:
    """One figure."""

    what: str
    on: str
    figure: str
    """What the numbers are: F1, AUC, word error rate ..."""
    ours: float
    interval: Interval | None = None
    """95 % by bootstrap over what `on` counts: calls, dialogues, actors."""
    beside: list[Beside] = field(default_factory=list)
    reach: float | None = None
    """The target; None for a figure that is told for its own sake."""
    lower: bool = False
    """Whether less is better."""

    @property
    def holds(self) -> bool | None:
        """Whether the target is reached, at the precision that is printed; None without one."""
        if self.reach is None:
            return None
        ours, reach = round(self.ours, 3), round(self.reach, 3)
        return ours <= reach if self.lower else ours >= reach


@dataclass
class Result:
    """All that one part measured."""

    part: str
    title: str
    data: str
    """On which data, and how kept apart from what trains."""
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    """What a reader must know to read the figures."""
    curves: dict[str, list[list[float]]] = field(default_factory=dict)
    """Points of pictures: "reliability missed": [[confidence, share, count], ...]."""
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    """Further tables, heading first, in the words that they are printed in."""
    date: str = ""
    took_s: float = 0.0
    version: str = ""
    """The commit that was measured."""

    @property
    def command(self) -> str:
        """What measures it again."""
        return f"make quality PARTS={self.part}"


def save(result: Result, folder: Path) -> Path:
    """Keep a result; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.part}.json"
    path.write_text(json.dumps(_rounded(asdict(result)), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load(folder: Path) -> dict[str, Result]:
    """The kept results by part."""
    found = [_result(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]
    return {result.part: result for result in found}


def _result(record: dict[str, Any]) -> Result:
    rows = [
        Row(**{**row, "interval": _pair(row["interval"]), "beside": [_beside(one) for one in row["beside"]]})
        for row in record["rows"]
    ]
    return Result(**{**record, "rows": rows})


def _beside(record: dict[str, Any]) -> Beside:
    return Beside(**{**record, "interval": _pair(record["interval"])})


def _pair(values: list[float] | None) -> Interval | None:
    return (values[0], values[1]) if values else None


def _rounded(value: Any) -> Any:
    """Four digits: more is noise in a diff."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return round(float(value), 4) if isinstance(value, float) else value
