"""The pages: each is a module here with `show(context)`, imported when it is first opened."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from dashboards.context import Context


@dataclass(frozen=True)
class Entry:
    """A page's place in the navigation."""

    name: str
    icon: str
    listed: bool = True

    def load(self) -> Callable[[Context], None]:
        """The function that draws the page."""
        show: Callable[[Context], None] = import_module(f"dashboards.pages.{self.name}").show
        return show


PAGES = (
    Entry("queue", ":material/queue_music:"),
    Entry("call", ":material/graphic_eq:", listed=False),
    Entry("live", ":material/sensors:"),
    Entry("overview", ":material/monitoring:"),
    Entry("coaching", ":material/school:"),
    Entry("health", ":material/tune:"),
    Entry("runs", ":material/history:"),
)
