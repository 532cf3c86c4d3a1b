"""Draws docs/timeline.svg: the timeline of the bundled call as `heard show` prints it.

Run after `make demo`, from the root of the project: python docs/make_timeline.py
"""

import re
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from monitor.store import Store
from monitor.terminal import print_report

STORE = Path("build/demo.db")
CALL = "wifi-missed"
COLUMNS = 96


def main() -> None:
    """Load the report of the demo and write the picture."""
    store = Store.open(str(STORE))
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    print_report(store.load(CALL), console)
    store.close()
    svg = console.export_svg(title=f"heard show {CALL}", theme=MONOKAI)
    # The reader's own monospace font will do: the picture should not fetch one.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    Path("docs/timeline.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
