"""Draws docs/timeline.svg: the timeline of the bundled call as `heard show` prints it.

Run after `make demo`, from the root of the project: python docs/make_timeline.py
"""

import re
from html import unescape
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from monitor.store import Store
from monitor.terminal import print_report

STORE = Path("build/demo.db")
CALL = "wifi-missed"
COLUMNS = 96
INDENTED = re.compile(
    r'x="(?P<x>[\d.]+)"(?P<y> y="[\d.]+" )textLength="(?P<length>[\d.]+)"(?P<clip>[^>]*)>'
    r"(?P<spaces>(?:&#160;)+)(?P<rest>[^<]*[^<;]|[^<]+)</text>"
)


def main() -> None:
    """Load the report of the demo and write the picture."""
    store = Store.open(str(STORE))
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    print_report(store.load(CALL), console)
    store.close()
    svg = console.export_svg(title=f"heard show {CALL}", theme=MONOKAI)
    # The reader's own monospace font will do: the picture should not fetch one.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = INDENTED.sub(start_after_spaces, svg)
    Path("docs/timeline.svg").write_text(svg, encoding="utf-8")


def start_after_spaces(text: re.Match[str]) -> str:
    """The same piece of text without the spaces before it, placed where they end: not every viewer draws spaces."""
    spaces = len(unescape(text["spaces"]))
    width = float(text["length"]) / (spaces + len(unescape(text["rest"])))
    return (
        f'x="{float(text["x"]) + spaces * width:.1f}"{text["y"]}'
        f'textLength="{float(text["length"]) - spaces * width:.1f}"{text["clip"]}>{text["rest"]}</text>'
    )


if __name__ == "__main__":
    main()
