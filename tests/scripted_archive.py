"""Archives of text files that say what becomes of them, and a stand-in for the analyzer that obeys; run as a script it is
`heard batch` with that stand-in, to be killed.

A file says: sound | broken | bug | crash | crash once | hang | slow SECONDS | id=CALL_ID; a second line makes it another recording.
"""

import os
import signal
import sys
import time
from pathlib import Path

from audio.errors import BadAudio, HeardError
from audio.facts import Waveform
from monitor.analyze import Examined, Options
from monitor.archive import processes
from monitor.records import CallReport, Channels, Provenance, ReadTurn, Summary
from monitor.rules import load_rules


class ScriptedExaminer:
    """Analyses by reading the file; what was heard is written down beside the store, a line for each time."""

    def __init__(self, settings):
        self.settings = settings
        self.rules = load_rules(settings.moments, settings.rules)

    def examine(self, path, options, progress):
        progress("words", 0.5)
        said = path.read_text().split("\n")[0]
        self._note("heard", path.name)
        obeyed = said.split()
        if said == "broken":
            raise BadAudio(f"{path} is not a recording; export it again.")
        if said == "bug":
            raise ZeroDivisionError("division by zero")
        if said == "crash" or (said == "crash once" and self._first(path)):
            os.kill(os.getpid(), signal.SIGKILL)
        if said == "hang":
            time.sleep(1000)
        if obeyed and obeyed[0] == "slow":
            time.sleep(float(obeyed[1]))
        call_id = options.call_id or (said[3:] if said.startswith("id=") else path.stem)
        report = make_report(call_id, path, options, self.rules.fingerprint)
        return Examined(report=report, waveform=Waveform(peaks_hz=20.0, sides=("left", "right"), peaks=(b"ab", b"cd")))

    def rejudge(self, kept):
        self._note("judged", kept.call_id)
        options = Options(language=kept.facts.language)
        return Examined(report=make_report(kept.call_id, kept.facts.source, options, self.rules.fingerprint))

    def _note(self, what, name):
        with Path(os.environ["SCRIPTED_NOTES"]).open("a") as notes:
            notes.write(f"{what} {name}\n")

    def _first(self, path):
        mark = path.with_suffix(".crashed")
        if mark.exists():
            return False
        mark.touch()
        return True


class HangsForAMoment(ScriptedExaminer):
    """Allows a call so little that hanging is noticed in a test's time."""

    def __init__(self, settings):
        super().__init__(settings)
        processes.allowed_s = lambda *_: 0.5


class NotesItsProcess(ScriptedExaminer):
    """Notes each process that was made."""

    def __init__(self, settings):
        super().__init__(settings)
        self._note("process", str(os.getpid()))


def cannot_begin(_settings):
    raise HeardError("There is no model.")


def dies_at_once(_settings):
    os._exit(7)


def make_report(call_id, path, options, rules):
    """A call of half a minute."""
    return CallReport(
        call_id=call_id,
        source=str(path),
        language=options.language or "en",
        duration_s=30.0,
        channels=Channels(layout="stereo", agent=None if options.agent == "auto" else options.agent, role_confidence=0.9),
        turns=(
            ReadTurn(index=0, speaker="customer", start_s=1.0, end_s=4.0, text="The kettle leaks.", frustration=0.4),
            ReadTurn(index=1, speaker="agent", start_s=4.5, end_s=9.0, text="I will send a new one today."),
        ),
        sounds=(),
        frustration=(),
        moments=(),
        summary=Summary(
            outcome="resolved", recovered=False, contact_value="eliminate", peak_frustration=0.4, end_frustration=0.4,
            critical_missed=0, minor_missed=0, handled=0, empathy_rate=None, effort={},
        ),
        provenance=Provenance(heard="0.1.0", models={"words": "scripted"}, rules=rules),
    )  # fmt: skip


def make_archive(folder, **contents):
    """Recordings in a folder, by name; each another one."""
    folder.mkdir(exist_ok=True)
    for name, said in contents.items():
        (folder / f"{name}.wav").write_text(f"{said}\n{name}")
    return folder


if __name__ == "__main__":
    from monitor.archive.sources import Listing
    from monitor.cli.batching import begin
    from monitor.settings import load_settings

    store, folder, workers = sys.argv[1:4]
    settings = load_settings(store=store)
    code = begin(
        settings, Listing([folder]), workers=int(workers), times=4.0, log_json=None, make_examiner=ScriptedExaminer
    )
    sys.exit(code)
