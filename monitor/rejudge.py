"""Every stored call judged anew by the rules in force: in several processes, in batches, and to be continued at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import chain, islice
from multiprocessing import get_context

from audio.errors import HeardError
from audio.facts import Fact
from monitor.analyze import Analyzer
from monitor.judging import heard_version
from monitor.listener import Settled
from monitor.moments.background_distress import BackgroundDistress
from monitor.records import CallReport
from monitor.rules import Rules, changed_kinds
from monitor.settings import Settings
from monitor.store import Store, rules_json
from monitor.store.jobs import judged_anew
from monitor.store.rejudged import (
    Judgeable,
    Rejudged,
    judgeable,
    outdated,
    outdated_calls,
    record_rules,
    save_rejudged,
)

BATCH = 100
"""Calls that are written in one transaction: other writers wait for a fifth of a second at most."""


class Tally(Fact):
    """What came of judging calls anew."""

    judged: int = 0
    skipped: int = 0
    """Analysed again, or deleted, while they were judged."""
    failed: tuple[str, ...] = ()
    """Ids of calls whose reports do not fit this version."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            judged=self.judged + other.judged,
            skipped=self.skipped + other.skipped,
            failed=self.failed + other.failed,
        )

    @property
    def done(self) -> int:
        """Calls that were looked at."""
        return self.judged + self.skipped + len(self.failed)


class Rejudge:
    """Judges stored calls anew, batch by batch, in one process."""

    def __init__(self, store: Store, analyzer: Analyzer) -> None:
        self._store = store
        self._analyzer = analyzer
        self._unchanged: dict[str, frozenset[str]] = {}
        """By the fingerprint of the rules that a call was judged by, the kinds that need not listen again."""

    def batch(self, call_ids: Sequence[str]) -> Tally:
        """Judge these calls and write them."""
        calls, unfit = judgeable(self._store, call_ids)
        judged = [self._one(call) for call in calls]
        done = save_rejudged(self._store, judged)
        return Tally(judged=done, skipped=len(call_ids) - done - len(unfit), failed=tuple(unfit))

    def _one(self, call: Judgeable) -> Rejudged:
        judged = self._analyzer.judge_kept(call.kept, self._settled(call.report))
        return Rejudged(call, judged.report, judged.mentions, judged.kept)

    def _settled(self, report: CallReport) -> Settled | None:
        """What stands of a report; None where another version of heard has judged it."""
        if report.provenance.heard != heard_version():
            return None
        kinds = self._kinds(report.provenance.rules)
        moments = tuple(moment for moment in report.moments if moment.kind in kinds)
        # Of the rules, the curve depends on nothing but the sounds that count as distress.
        as_read = BackgroundDistress.name in kinds
        return Settled(
            kinds=kinds,
            moments=moments,
            turns=report.turns if as_read else (),
            frustration=report.frustration if as_read else (),
        )

    def _kinds(self, fingerprint: str) -> frozenset[str]:
        if fingerprint not in self._unchanged:
            self._unchanged[fingerprint] = _unchanged(rules_json(self._store, fingerprint), fingerprint, self._analyzer)
        return self._unchanged[fingerprint]


def _unchanged(json: str | None, fingerprint: str, analyzer: Analyzer) -> frozenset[str]:
    """The kinds that are judged as they were by the rules of a fingerprint: none where those are not known, or where their
    fingerprint would be another today, since what is learned has changed, too."""
    try:
        before = Rules.model_validate_json(json or "")
    except ValueError:
        return frozenset()
    if before.fingerprint != fingerprint:
        return frozenset()
    now = analyzer.rules
    return frozenset({*now.moments, *now.custom}) - changed_kinds(before, now)


def rejudge_all(settings: Settings, *, workers: int, progress: Callable[[Tally, int], None] = lambda *_: None) -> Tally:
    """Judge every stored call anew that was judged by other rules than those in force.

    Each batch is written by itself: whatever ends this, the calls that are written stay so, and the next run goes on.

    Args:
        settings: of the store and the rules.
        workers: how many processes judge; with 1 it is this one.
        progress: told what has been done so far, and how many calls there were to do.
    """
    analyzer = Analyzer(settings)
    fingerprint = analyzer.rules.fingerprint
    with Store.open(settings.store, create=False) as store:
        total = outdated(store, fingerprint)
        batches = _batches(outdated_calls(store, fingerprint))
        done = Tally()
        if total:
            record_rules(store, fingerprint, analyzer.rules.to_json())
        results = (
            map(Rejudge(store, analyzer).batch, batches)
            if workers == 1 or total <= BATCH
            else _in_processes(settings, batches, workers)
        )
        for tally in results:
            done += tally
            progress(done, total)
        judged_anew(store, fingerprint)
    return done


def _batches(call_ids: Iterator[str]) -> Iterator[Sequence[str]]:
    while batch := list(islice(call_ids, BATCH)):
        yield batch


def _in_processes(settings: Settings, batches: Iterator[Sequence[str]], workers: int) -> Iterator[Tally]:
    """What comes of each batch, in whatever order; a few batches wait, so that nobody is idle."""
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start, initargs=(settings,)
    ) as pool:
        running: set[Future[Tally]] = set()
        try:
            for batch in chain[Sequence[str] | None](batches, (None,)):
                if batch is not None:
                    running.add(pool.submit(_work, batch))
                while running and (batch is None or len(running) >= 2 * workers):
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    for one in ready:
                        yield one.result()
        finally:
            for one in running:
                one.cancel()


_worker: Rejudge | None = None


def _start(settings: Settings) -> None:
    """Begins a worker process."""
    global _worker
    _worker = Rejudge(Store.open(settings.store, create=False), Analyzer(settings))


def _work(call_ids: Sequence[str]) -> Tally:
    if _worker is None:
        raise HeardError("A worker was asked to judge calls before it had begun.")
    return _worker.batch(call_ids)
