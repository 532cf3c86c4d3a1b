"""How well what is heard live agrees with the analysis of the recording: turns and moments, as F1.

The same sound is heard twice: once as a stream that comes in piece by piece, each piece heard before the next one comes, and once
as the recording that it leaves behind. No clock is involved, so the figures do not depend on the machine.

A turn agrees with one of the same speaker that starts and ends within half a second of it; a moment with one of the same kind and
verdict whose flag is on a turn at the same time, or next to it. Each counts once.

    .venv/bin/python benchmarks/live_agreement.py [RECORDING ...]     (stereo, the agent left)
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.decode import decode
from audio.g711 import Pcm
from monitor.analyze import Analyzer, Options
from monitor.live.call import CallHearing
from monitor.live.events import Event, MomentFound, MomentRevised, MomentWithdrawn, TurnSettled
from monitor.live.intake import Intake
from monitor.live.protocols import Media, Opened
from monitor.live.serving import models_of
from monitor.live.spool import Spool
from monitor.records import CallReport, Moment, ReadTurn
from monitor.settings import load_settings

FIXTURES = Path(__file__).parent.parent / "fixtures"
RATE_HZ = 8_000
STEP = RATE_HZ // 10
NEAR_S = 0.5
BESIDE_S = 1.0


def tracks_of(path: Path) -> tuple[Pcm, Pcm]:
    """The agent's and the customer's sound, 8 kHz. A mono call with a text beside it is parted by the turns of the text."""
    with decode(path) as recording:
        channels = [recording.channel(i).read(0, recording.duration_s)[::2] for i in range(recording.channels)]
    if len(channels) == 1:
        turns = json.loads((FIXTURES / "calls" / f"{path.stem}.json").read_text("utf-8"))["turns"]
        agent = np.zeros(len(channels[0]), bool)
        for turn in turns:
            if turn["speaker"] == "agent":
                agent[int((turn["start"] - 0.1) * RATE_HZ) : int((turn["end"] + 0.1) * RATE_HZ)] = True
        channels = [channels[0] * agent, channels[0] * ~agent]
    return tuple((np.clip(channel, -1, 1) * 32_767).astype(np.int16) for channel in channels)  # type: ignore[return-value]


def heard_live(
    analyzer: Analyzer, spool: Spool, call_id: str, agent: Pcm, customer: Pcm
) -> tuple[dict[int, ReadTurn], dict[str, Moment], Path]:
    """What was told of a call by its end, and the recording that it left."""
    opened = Opened(
        call_id, call_id, ("agent", "customer"), {"agent": "agent", "customer": "customer"}, RATE_HZ, "en", {}
    )
    intake = Intake(spool, spool.open(opened, "pcm"), resumed=False)
    events: list[Event] = []
    call = CallHearing(intake, models_of(analyzer), analyzer.rules, events.append)
    for first in range(0, len(agent), STEP):
        for track, samples in (("agent", agent), ("customer", customer)):
            intake.take(Media(track, samples[first : first + STEP], first))
        _hear(call)
    intake.end("stop", finished=True)
    while not call.finished():
        _hear(call)
    call.judge(end=True)
    turns = {event.turn.index: event.turn for event in events if isinstance(event, TurnSettled)}
    moments: dict[str, Moment] = {}
    for event in events:
        if isinstance(event, MomentFound | MomentRevised):
            moments[event.id] = event.moment
        elif isinstance(event, MomentWithdrawn):
            del moments[event.id]
    withdrawn = sum(isinstance(event, MomentWithdrawn) for event in events)
    found = sum(isinstance(event, MomentFound) for event in events)
    print(f"  found on the way: {found} moments, of which {withdrawn} were withdrawn")
    return turns, moments, spool.audio(call_id)


def _hear(call: CallHearing) -> None:
    call.listen()
    for job in call.jobs() or call.breaths() or call.impressions():
        call.start(job)
        [transcript] = call.models.transcriber().transcribe([job.track], language=call.language)
        call.in_flight -= 1
        call.settle(job, transcript)
    call.judge()


def f1(ours: list[object], theirs: list[object], alike: "object") -> float:
    """Harmonic mean of precision and recall; each is matched once."""
    left = list(theirs)
    matched = 0
    for one in ours:
        other = next((other for other in left if alike(one, other)), None)  # type: ignore[operator]
        if other is not None:
            left.remove(other)
            matched += 1
    return 2 * matched / (len(ours) + len(theirs)) if ours or theirs else 1.0


@dataclass(frozen=True)
class Flag:
    """A moment and the time of the turn that carries its flag."""

    moment: Moment
    start_s: float
    end_s: float


def flag_of(moment: Moment, turns: dict[int, ReadTurn]) -> Flag:
    """A moment with the time of its flag."""
    turn = turns.get(-1 if moment.turn is None else moment.turn)
    return Flag(moment, *((turn.start_s, turn.end_s) if turn else (moment.start_s, moment.end_s)))


def same_turn(one: ReadTurn, other: ReadTurn) -> bool:
    """The same speaker, from and to about the same time."""
    near = abs(one.start_s - other.start_s) <= NEAR_S and abs(one.end_s - other.end_s) <= NEAR_S
    return one.speaker == other.speaker and near


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", nargs="*", type=Path)
    audio = FIXTURES / "audio"
    defaults = [audio / "wifi-missed.opus", audio / "wifi-handled.mp3", audio / "repair-excerpt.flac"]
    recordings = parser.parse_args().recordings or defaults
    analyzer = Analyzer(load_settings())
    for path in recordings:
        agent, customer = tracks_of(path)
        with tempfile.TemporaryDirectory() as folder:
            began = time.process_time()
            print(path.name)
            turns, moments, wav = heard_live(analyzer, Spool(Path(folder)), path.stem, agent, customer)
            live_s = time.process_time() - began
            options = Options(language="en", agent="left", channels="0,1")
            report = analyzer.analyze(wav, options)
            recorded_s = time.process_time() - began - live_s
        compare(turns, moments, report)
        print(
            f"  processor time: live {live_s:.1f} s, recording {recorded_s:.1f} s, of a call of {report.duration_s:.0f} s"
        )


def compare(turns: dict[int, ReadTurn], moments: dict[str, Moment], report: CallReport) -> None:
    """Print how well they agree, and where they do not."""
    ours = list(turns.values())
    print(f"  turns: {len(ours)} live, {len(report.turns)} recorded, F1 {f1(ours, list(report.turns), same_turn):.3f}")

    def same_moment(one: Flag, other: Flag) -> bool:
        alike = (one.moment.kind, one.moment.verdict) == (other.moment.kind, other.moment.verdict)
        return alike and one.start_s <= other.end_s + BESIDE_S and other.start_s <= one.end_s + BESIDE_S

    found = [flag_of(moment, turns) for moment in moments.values()]
    recorded = [flag_of(moment, dict(enumerate(report.turns))) for moment in report.moments]
    score = f1(found, recorded, same_moment)
    print(f"  moments: {len(found)} live, {len(recorded)} recorded, F1 {score:.3f}")
    for name, these, those in (("live", found, recorded), ("recorded", recorded, found)):
        for one in these:
            if not any(same_moment(one, other) for other in those):
                print(
                    f"    only {name}: {one.moment.kind} {one.moment.verdict} ({one.moment.confidence:.2f}) at {one.start_s:.1f}"
                )
    for turn in ours:
        if not any(same_turn(turn, other) for other in report.turns):
            print(f"    only live: {turn.start_s:.1f}-{turn.end_s:.1f} {turn.speaker}: {turn.text[:80]}")
    for turn in report.turns:
        if not any(same_turn(turn, other) for other in ours):
            print(f"    only recorded: {turn.start_s:.1f}-{turn.end_s:.1f} {turn.speaker}: {turn.text[:80]}")


if __name__ == "__main__":
    main()
