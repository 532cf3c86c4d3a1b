"""What `heard batch` and `heard watch` do: set up the work, show how it goes, and say at the end what came of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from time import monotonic

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audio.errors import StoreError
from audio.models import cores
from monitor.analyze import Analyzer
from monitor.archive.batch import Batch, Status
from monitor.archive.crew import Crew
from monitor.archive.log import EventLog
from monitor.archive.make import make_of
from monitor.archive.processes import Processes, Spec
from monitor.archive.sources import Listing
from monitor.archive.work import Examiner
from monitor.cli.batch_progress import Display
from monitor.cli.log import start_log
from monitor.rules import load_rules
from monitor.settings import Settings
from monitor.store import Store
from monitor.store.job_records import Item, Make
from monitor.store.jobs import Found, compare, counts, lines
from monitor.store.jobs import retry_failed as retry
from monitor.titles import clock

INTERRUPTED = 130
_SHOWN = 20
"""So many calls of a dry run, and so many reasons of failures, are printed."""
_WORKER_BYTES = 2_500_000_000
"""Memory that a worker may come to need, with all models loaded and a long call in hand."""
_CORES_EACH = 2
"""A worker with two cores does more than two workers with one each, in half the memory."""


def begin(
    settings: Settings,
    listing: Iterable[Item | None],
    *,
    workers: int | None = None,
    times: float,
    log_json: str | None,
    retry_failed: bool = False,
    make_examiner: Callable[[Settings], Examiner] = Analyzer,
    make_crew: Callable[[Spec, int], Crew] = Processes,
) -> int:
    """Work off the queue, with what a listing adds to it; the exit code."""
    log = start_log(settings.log)
    rules = load_rules(settings.moments, settings.rules)
    make = make_of(settings, rules)
    size = workers or default_workers()
    events = EventLog(log_json)
    with Store.open(settings.store) as store:
        if retry_failed:
            again = retry(store, make)
            typer.echo(f"heard: {again} failed or quarantined {_calls(again)} will be tried again.", err=True)
        spec = Spec(settings, make_examiner, log, max(1, cores() // size), times)
        with closing(make_crew(spec, size)) as crew, Display() as display:
            batch = Batch(store, make, crew, rules=rules.fingerprint, log=events, show=display)
            stopped = False
            try:
                status = batch.run(listing)
            except KeyboardInterrupt:
                status, stopped = batch.status, True
        events.close()
        problems = listing.problems if isinstance(listing, Listing) else []
        _summary(store, make, status, Console(stderr=log_json == "-"))
        _name_problems(listing)
    if stopped or status.stopping:
        typer.echo("heard: stopped; the same command goes on from here.", err=True)
        return INTERRUPTED
    return 1 if problems or status.queue.get("failed") or status.queue.get("quarantined") else 0


def plan(settings: Settings, listing: Listing) -> int:
    """Print what `begin` would do, and do nothing."""
    make = make_of(settings, load_rules(settings.moments, settings.rules))
    console, shown = Console(), Table(box=None, pad_edge=False, header_style="dim")
    for head in ("source", "call id", "agent", "team", "start", "direction", "agent's side", "language"):
        shown.add_column(head, overflow="fold")
    found: Counter[Found] = Counter()
    store: Store | None = None
    with suppress(StoreError):
        store = Store.open(settings.store, create=False)
    items = iter(listing)
    while some := list(islice(items, 500)):
        for item in some[: max(0, _SHOWN - shown.row_count)]:
            shown.add_row(*_cells(item))
        found.update(compare(store, some, make) if store is not None else {"new": len(some)})
    if store is not None:
        store.close()
    if shown.row_count:
        console.print(shown)
    if found.total() > shown.row_count:
        console.print(f"... and {found.total() - shown.row_count:,} more", style="dim")
    for line in _planned(found):
        typer.echo(line)
    _name_problems(listing)
    return 1 if listing.problems else 0


def default_workers() -> int:
    """As many as the cores keep busy, and the memory holds."""
    by_cores = max(1, cores() // _CORES_EACH)
    free = _free_bytes()
    return by_cores if free is None else max(1, min(by_cores, free // _WORKER_BYTES))


def _free_bytes() -> int | None:
    """Memory that is to be had just now, None where the system does not say."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024
    return None


def _summary(store: Store, make: Make, status: Status, console: Console) -> None:
    """What this run did, and how the queue stands."""
    ended, took_s = status.ended, monotonic() - status.began
    done = ended["done"] + ended["judged"] + ended["same"]
    parts = [f"{done:,} {_calls(done)} done"]
    parts += [f"{ended['judged']:,} of them judged again without being heard"] if ended["judged"] else []
    parts += [f"{ended['same']:,} of them the same recording as another"] if ended["same"] else []
    parts += [f"{ended[name]:,} {name}" for name in ("failed", "quarantined") if ended[name]]
    pace = f", {status.heard_s / took_s:.1f} times as fast as real time" if status.heard_s else ""
    console.print(f"This run: {', '.join(parts)}, in {clock(took_s)}{pace}.", highlight=False)
    with suppress(StoreError):
        queue = counts(store)
        whole = ", ".join(f"{n:,} {state}" for state, n in queue.items() if n) or "empty"
        console.print(f"The queue in {store.name}: {whole}.", highlight=False, soft_wrap=True)
        other = queue["waiting"] - counts(store, make)["waiting"]
        if other:
            console.print(f"{other:,} of those waiting were queued with other models or rules.", highlight=False)
        _name_failures(store, queue["failed"] + queue["quarantined"])


def _name_failures(store: Store, total: int) -> None:
    if not total:
        return
    typer.echo(f"\nheard: {total:,} {_calls(total)} could not be analysed:", err=True)
    for line in lines(store, ("failed", "quarantined"), limit=_SHOWN):
        named = line.reason if line.source in line.reason else f"{line.source}: {line.reason}"
        typer.echo(f"  {named}", err=True)
    if total > _SHOWN:
        typer.echo(f"  ... and {total - _SHOWN:,} more", err=True)
    typer.echo("  `heard batch --retry-failed` tries them again.", err=True)


def _name_problems(listing: Iterable[Item | None]) -> None:
    """What of the archive could not be listed, and what was left out of it."""
    listing = listing if isinstance(listing, Listing) else getattr(listing, "listing", None) or Listing(())
    for sentence in listing.problems[:_SHOWN]:
        typer.echo(f"heard: {sentence}", err=True)
    if listing.problem_count > _SHOWN:
        typer.echo(f"heard: ... and {listing.problem_count - _SHOWN:,} more problems with what was listed.", err=True)
    if listing.left_out:
        sorts = ", ".join(f"{suffix} {n:,}" for suffix, n in listing.left_out.most_common(5))
        n = listing.left_out.total()
        typer.echo(
            f"heard: {n:,} {'file is' if n == 1 else 'files are'} left out, being no recordings by name ({sorts}).",
            err=True,
        )
    if listing.unfitting:
        typer.echo(
            f"heard: {listing.unfitting:,} {'path does' if listing.unfitting == 1 else 'paths do'} not fit --name-pattern.",
            err=True,
        )


def _planned(found: Counter[Found]) -> Iterator[str]:
    total = found.total()
    yield f"{total:,} {_calls(total)}: nothing is done on a dry run."
    told = {
        "new": "new",
        "changed": "to be done again: the file, what is said about it, the models or the rules have changed",
        "waiting": "waiting in the queue already",
        "running": "being analysed just now",
        "done": "done",
        "failed": "failed before; --retry-failed tries again",
        "quarantined": "quarantined before; --retry-failed tries again",
    }
    for name, words in told.items():
        if found[name]:  # type: ignore[index]
            yield f"  {found[name]:,} {words}"  # type: ignore[index]


def _cells(item: Item) -> list[Text]:
    asked, details = item.asked, item.details
    start = details.started_at.isoformat(" ", "minutes") if details.started_at else ""
    side = "" if asked.agent == "auto" else asked.agent
    cells = (
        item.source,
        asked.call_id,
        details.agent_name,
        details.team,
        start,
        details.direction,
        side,
        asked.language,
    )
    return [Text(cell or "") for cell in cells]


def _calls(n: int) -> str:
    return "call" if n == 1 else "calls"
