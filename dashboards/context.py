"""What every page is given."""

from dataclasses import dataclass

from dashboards.access import Person
from dashboards.catalogue import Words
from dashboards.formats import Formats
from monitor.store import Store


@dataclass(frozen=True)
class Context:
    """The store, who is looking, and how they read."""

    store: Store
    person: Person
    say: Words
    show: Formats
