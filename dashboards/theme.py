"""Colours and type: one palette for pages, player and charts, told apart also by people who are colour-blind.

Bad is vermillion, warn amber, good blue (after Okabe and Ito, Color Universal Design, 2008); each comes with a symbol of its own,
never alone. The stylesheet `theme.css` has the same values as CSS variables.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Tone = Literal["plain", "bad", "warn", "good", "info"]

STYLE = Path(__file__).parent / "theme.css"
SYMBOLS = {"missed": "●", "critical": "●", "minor": "◆", "late": "◐", "handled": "✓"}
"""The signs that go with the colours, by verdict; of a miss also by its severity."""

OUTCOMES: dict[str, tuple[Tone, str]] = {
    "resolved": ("good", "✓"),
    "unresolved": ("bad", "✕"),
    "escalated": ("warn", "↑"),
}
"""By outcome, its tone and sign."""


@dataclass(frozen=True)
class Colours:
    """The palette on a light or a dark page."""

    page: str
    surface: str
    ink: str
    muted: str
    faint: str
    line: str
    accent: str
    bad: str
    warn: str
    good: str
    calm: str
    curve: str


LIGHT = Colours(
    page="#f7f6f3", surface="#ffffff", ink="#1d1f23", muted="#5f636b", faint="#8b8f97", line="#e4e2dc",
    accent="#1f4e5f", bad="#b93a0e", warn="#946200", good="#0f62a0", calm="#5b7f8c", curve="#7b3f82",
)  # fmt: skip
DARK = Colours(
    page="#131518", surface="#1b1e22", ink="#eceae6", muted="#a3a7ae", faint="#7c8088", line="#2e3238",
    accent="#7fc0d0", bad="#ff8a5c", warn="#e2b04a", good="#6cb6f2", calm="#8fb3bf", curve="#cf95d6",
)  # fmt: skip


def streamlit_theme() -> dict[str, Any]:
    """Streamlit's own settings for its widgets, so that they match."""
    options: dict[str, Any] = {
        "theme.baseRadius": "8px",
        "theme.baseFontSize": 15,
        "theme.headingFont": "serif",
        "theme.headingFontWeights": [600] * 6,
        "theme.showWidgetBorder": True,
    }
    for name, palette in (("light", LIGHT), ("dark", DARK)):
        options |= {
            f"theme.{name}.primaryColor": palette.accent,
            f"theme.{name}.backgroundColor": palette.page,
            f"theme.{name}.secondaryBackgroundColor": palette.surface,
            f"theme.{name}.textColor": palette.ink,
            f"theme.{name}.borderColor": palette.line,
            f"theme.{name}.linkColor": palette.accent,
        }
    return options


def variables() -> str:
    """The palette as CSS declarations; each has both colours, of which the page's own scheme chooses."""
    dark = asdict(DARK)
    return "".join(f"--{name}:light-dark({light},{dark[name]});" for name, light in asdict(LIGHT).items())
