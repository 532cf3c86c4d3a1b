"""Hears all calls of a server: one thread that listens and judges, a few that recognise words, shared out fairly.

Sound is read from disk, where the connections write it, so a machine that cannot keep up loses nothing: it lags, says so, gives up
first impressions before anything else, and recognises what has piled up in larger, cheaper portions.
"""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event as Flag
from threading import Thread

from audio.errors import HeardError
from audio.live.side import Job
from audio.models import cores
from audio.ports import Transcript
from monitor.live.call import CallHearing, Models
from monitor.live.events import Outlet
from monitor.live.intake import Intake
from monitor.live.spool import Note
from monitor.rules import Rules

log = logging.getLogger("heard.live")

AT_ONCE = cores()
"""Utterances that are recognised at once, one core each. Fewer, by several cores each, would be known sooner one by one, but with four
calls on two cores they then wait for each other: half of them a second longer. An utterance has two where calls are few."""
REST_S = 0.03
"""How long to wait for sound when there is nothing to do."""
GIVE_UP_S = 60.0
"""A call that ends further behind than this is left to the analysis of its recording."""


@dataclass
class _Done:
    call: CallHearing
    job: Job
    future: "Future[Transcript]"


class Hearing:
    """The hearing of all calls.

    Args:
        models: what hears and understands.
        rules: the rules in force.
        outlet: is told what happens.
        finish: is given each call that has ended, to analyse its recording.
        workers: utterances that are recognised at once.
        language: ISO 639-1 of every call, where that is set.
    """

    def __init__(
        self,
        models: Models,
        rules: Rules,
        outlet: Outlet,
        finish: Callable[[Note], None],
        *,
        workers: int = AT_ONCE,
        language: str | None = None,
    ) -> None:
        self._models = models
        self._rules = rules
        self._outlet = outlet
        self._finish = finish
        self._workers = workers
        self._language = language
        self._new: deque[Intake] = deque()
        self._calls: list[CallHearing] = []
        self._deaf: list[CallHearing] = []
        """Calls whose live hearing has failed: they are recorded, and analysed at the end."""
        self._in_flight: list[_Done] = []
        self._served: dict[str, int] = {}
        self._turn = 0
        self._stopping = False
        self._wake = Flag()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="words")
        self._thread = Thread(target=self._run, name="hearing", daemon=True)
        self._thread.start()

    def begin(self, intake: Intake) -> None:
        """A call begins, or goes on: it is heard until `intake.ended`."""
        self._new.append(intake)
        self._wake.set()

    def close(self, timeout_s: float = 30.0) -> None:
        """Hear the calls that have ended to their end, and stop."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_s)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopping or self._calls or self._deaf or self._new:
            if not self._round():
                self._wake.wait(REST_S)
                self._wake.clear()

    def _round(self) -> bool:
        """Everything that can be done now, once; returns whether there was anything."""
        while self._new:
            self._begin(self._new.popleft())
        busy = self._take_done()
        for call in list(self._calls):
            busy |= self._attempt(call, call.listen)
        self._hand_out()
        for call in list(self._calls):
            busy |= self._attempt(call, call.judge)
            self._attempt(call, call.tell_state)
            busy |= self._take_done()
            self._hand_out()
        for call in [*self._calls, *self._deaf]:
            self._end_if_over(call)
        return busy

    def _begin(self, intake: Intake) -> None:
        try:
            call = CallHearing(intake, self._models, self._rules, self._outlet.tell, language=self._language)
        except HeardError:
            log.exception("The call %s cannot be heard live.", intake.note.call_id)
            return
        self._calls.append(call)

    def _attempt(self, call: CallHearing, step: Callable[[], bool]) -> bool:
        """A step of one call; its failure ends the live hearing of that call, and of no other."""
        try:
            return step()
        except Exception as error:
            log.exception("The live hearing of %s failed.", call.intake.note.call_id)
            self._calls.remove(call)
            self._deaf.append(call)
            said = (
                str(error) if isinstance(error, HeardError) else "The live hearing failed; the server's log says how."
            )
            call.fail(said)
            return True

    def _hand_out(self) -> None:
        """Give free workers the most urgent work: whole utterances before first impressions, calls in turn."""
        while len(self._in_flight) < self._workers:
            waiting = [(call, job) for call in self._calls for job in call.jobs()]
            if any(job.final for _, job in waiting):
                waiting = [(call, job) for call, job in waiting if job.final]
            if not waiting and all(one.job.passing for one in self._in_flight):
                waiting = [(call, job) for call in self._calls for job in call.breaths()]
            if not waiting and not self._in_flight:
                waiting = [(call, job) for call in self._calls for job in call.impressions()]
            if not waiting:
                return
            call, job = min(waiting, key=lambda one: (one[0].in_flight, self._served.get(_id(one[0]), 0), one[1].end_s))
            self._turn += 1
            self._served[_id(call)] = self._turn
            call.start(job)
            future = self._pool.submit(self._recognise, job, call.language, self._has_room_for(job))
            future.add_done_callback(lambda _: self._wake.set())
            self._in_flight.append(_Done(call, job, future))

    def _has_room_for(self, job: Job) -> bool:
        """Whether an utterance may have two cores: where there are as many for each call, and nothing else is recognised."""
        return not job.passing and not self._in_flight and 2 * len(self._calls) <= self._workers

    def _recognise(self, job: Job, language: str | None, quick: bool) -> Transcript:
        recogniser = (quick and self._models.quick) or self._models.transcriber
        [transcript] = recogniser().transcribe([job.track], language=language)
        return transcript

    def _take_done(self) -> bool:
        done = [one for one in self._in_flight if one.future.done()]
        for one in done:
            self._in_flight.remove(one)
            one.call.in_flight -= 1
            if one.call in self._calls:
                self._attempt(one.call, partial(one.call.take, one.job, one.future))
        return bool(done)

    def _end_if_over(self, call: CallHearing) -> None:
        if not call.intake.ended or call.in_flight:
            return
        hopeless = call in self._deaf or call.lag_s > GIVE_UP_S
        if not (hopeless or call.finished()):
            return
        if not hopeless:
            self._attempt(call, lambda: call.judge(end=True))
        call.tell_end()
        for calls in (self._calls, self._deaf):
            if call in calls:
                calls.remove(call)
        self._served.pop(_id(call), None)
        call.intake.recording.close()
        self._finish(call.intake.note)


def _id(call: CallHearing) -> str:
    return call.intake.note.call_id
