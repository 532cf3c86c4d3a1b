"""From the events of a call to what is known of it now: a call at a glance, and items put by name."""

from collections.abc import Iterable

from monitor.live.events import (
    CallAnalysed,
    CallEnded,
    CallStarted,
    Event,
    FrustrationMoved,
    HintGiven,
    HoldBegan,
    HoldEnded,
    LagMeasured,
    LanguageFound,
    MomentFound,
    MomentRevised,
    MomentWithdrawn,
    PartialWords,
    SoundHeard,
    TroubleCounted,
    TurnSettled,
)
from monitor.records import Moment
from monitor.store import LiveCall, LiveHint, LiveHold, LiveMoment, LivePartial, Trouble
from monitor.store.deliveries import SAME_MOMENT_S
from monitor.store.live import LiveItem, Sort

CURVE_POINTS = 96
"""A curve at a glance has no more points: older ones are thinned out."""


class Folded:
    """One call as it stands after the events so far."""

    def __init__(self, call: LiveCall, moments: Iterable[LiveMoment] = ()) -> None:
        self.call = call
        self._moments = {moment.id: moment for moment in moments}
        self._resumed = bool(self._moments)
        self._ends: dict[int, float] = {}
        """By index, when a turn ended as it was last told."""

    def hear(self, event: Event) -> list[LiveItem]:
        """Take an event; what is to be put or taken away. `call` then stands anew."""
        call = self.call
        changes: dict[str, object] = {"updated_at": event.at}
        if event.time_s >= call.heard_s:
            changes |= {"heard_s": event.time_s, "heard_at": event.at}
        items: list[LiveItem] = []
        match event:
            case CallStarted():
                changes |= {"state": "live", "protocol": event.protocol, "lag_s": 0.0, "ended_at": None, "reason": ""}
                told = event.model_dump(include={"language", "agent_name", "team"}, exclude_none=True)
                changes |= told | {"metadata": call.metadata | event.metadata}
            case LanguageFound():
                changes |= {"language": event.language}
            case PartialWords():
                partial = LivePartial(**event.model_dump(include={"speaker", "start_s", "end_s", "text"}))
                items.append(self._item("partial", event.speaker, partial.start_s, partial.model_dump_json()))
            case TurnSettled():
                turn = event.turn
                items.append(self._item("turn", str(turn.index), turn.start_s, turn.model_dump_json()))
                items.append(self._item("partial", turn.speaker))
                before_s = self._ends.get(turn.index, turn.end_s)
                self._ends[turn.index] = turn.end_s
                if before_s != turn.end_s:
                    # The turn has grown: its level will be told for its new end.
                    items.append(self._item("point", f"{before_s:.3f}"))
                    changes |= {"curve": tuple(known for known in call.curve if known[0] != round(before_s, 2))}
            case FrustrationMoved():
                point = event.point
                items.append(self._item("point", f"{point.time_s:.3f}", point.time_s, point.model_dump_json()))
                # A call that is heard anew, after its server was lost, is told anew.
                before = tuple(known for known in call.curve if known[0] < round(point.time_s, 2))
                changes |= {"curve": thinned((*before, (round(point.time_s, 2), round(point.level, 3))))}
            case SoundHeard():
                sound = event.sound
                name = f"{sound.label}@{sound.start_s:.1f}"
                items.append(self._item("sound", name, sound.start_s, sound.model_dump_json()))
            case MomentFound() | MomentRevised():
                items += self._moment(event)
                changes |= self._counts()
            case MomentWithdrawn():
                self._moments.pop(event.id, None)
                items.append(self._item("moment", event.id))
                changes |= self._counts()
            case HoldBegan():
                hold = LiveHold(start_s=event.start_s)
                items.append(self._item("hold", f"{event.start_s:.1f}", event.start_s, hold.model_dump_json()))
                changes |= {"holding_since_s": event.start_s}
            case HoldEnded():
                hold = LiveHold(start_s=event.start_s, end_s=event.end_s)
                items.append(self._item("hold", f"{event.start_s:.1f}", event.start_s, hold.model_dump_json()))
                changes |= {"holding_since_s": None}
            case HintGiven():
                hint = LiveHint(**event.model_dump(include={"id", "cause", "text", "about_s", "at"}))
                items.append(self._item("hint", hint.id, event.time_s, hint.model_dump_json()))
                changes |= {"hint": hint}
            case LagMeasured():
                changes |= {"lag_s": event.lag_s}
            case TroubleCounted():
                changes |= {"trouble": Trouble(**event.model_dump(include={*Trouble.model_fields}))}
            case CallEnded():
                changes |= {"state": "ended", "ended_at": event.at, "holding_since_s": None, "reason": event.reason}
                changes |= {"heard_s": max(call.heard_s, event.duration_s), "heard_at": event.at}
            case CallAnalysed():
                changes |= self._analysed(event)
        self.call = call.model_copy(update=changes)
        return items

    def _item(self, sort: Sort, name: str, time_s: float = 0.0, json: str | None = None) -> LiveItem:
        return LiveItem(call_id=self.call.call_id, sort=sort, name=name, time_s=time_s, json_=json)

    def _moment(self, event: MomentFound | MomentRevised) -> list[LiveItem]:
        moment = event.moment
        earlier = [self._moments[event.id]] if event.id in self._moments else self._same(moment)
        found_at, found_s = (earlier[0].found_at, earlier[0].found_s) if earlier else (event.at, event.time_s)
        gone = [self._item("moment", one.id) for one in earlier if one.id != event.id]
        for one in earlier:
            del self._moments[one.id]
        self._moments[event.id] = LiveMoment(id=event.id, moment=moment, found_at=found_at, found_s=found_s)
        return [*gone, self._item("moment", event.id, moment.start_s, self._moments[event.id].model_dump_json())]

    def _same(self, moment: Moment) -> list[LiveMoment]:
        """What was found of it before under another name, by a server that is gone."""
        return [
            one
            for one in self._moments.values()
            if self._resumed
            and one.moment.kind == moment.kind
            and abs(one.moment.start_s - moment.start_s) <= SAME_MOMENT_S
        ]

    def _counts(self) -> dict[str, object]:
        newest = max(self._moments.values(), key=lambda one: one.found_at, default=None)
        return {"newest": newest} | counts(one.moment for one in self._moments.values())

    def _analysed(self, event: CallAnalysed) -> dict[str, object]:
        if event.error:
            return {"state": "failed", "reason": event.error}
        known = {"critical_missed", "minor_missed", "handled"}
        return {"state": "analysed"} | (event.summary.model_dump(include=known) if event.summary else {})


def counts(moments: Iterable[Moment]) -> dict[str, object]:
    """How many were missed, by severity, and how many were met."""
    said = [(moment.verdict, moment.severity) for moment in moments]
    return {
        "critical_missed": said.count(("missed", "critical")),
        "minor_missed": said.count(("missed", "minor")),
        "handled": sum(verdict == "handled" for verdict, _ in said),
    }


def thinned(curve: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """The curve with every second point of its older half left out, where there are too many."""
    if len(curve) <= CURVE_POINTS:
        return curve
    half = len(curve) // 2
    return (*curve[:half:2], *curve[half:])
