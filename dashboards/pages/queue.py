"""The review queue: what to listen to first, and why."""

from dashboards.context import Context
from dashboards.parts import draw, tile, tiles, title


def show(context: Context) -> None:
    """Draw the page."""
    draw(title(context, "queue", aside="hello"))
    draw(tiles(tile("Calls", "12"), tile("Critical", "3", change="+2", good=False)))
