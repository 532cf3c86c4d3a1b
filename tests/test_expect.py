"""What later calls will need is loaded while earlier ones are heard."""

from pathlib import Path
from threading import Event

import pytest

from audio.hear import Ears
from monitor.analyze import Analyzer, Options
from monitor.settings import Settings
from tests.fakes import ScriptedDiarizer, ScriptedTagger, ScriptedTranscriber, said

FIXTURES = Path(__file__).parent.parent / "fixtures"
STEREO, MONO = FIXTURES / "audio" / "wifi-missed.opus", FIXTURES / "audio" / "wifi-handled.mp3"
TRANSCRIPT = FIXTURES / "calls" / "wifi-handled.json"


class WaitingDiarizer(ScriptedDiarizer):
    """Tells when it was asked to load."""

    def __init__(self) -> None:
        super().__init__()
        self.loading = Event()

    def prepare(self) -> None:
        self.loading.set()


class Idle:
    """An encoder that is told to load, and has nothing to."""

    def prepare(self) -> None:
        pass


@pytest.mark.parametrize(
    ("later", "needed"), [(MONO, True), (TRANSCRIPT, False), (Path("missing.mp3"), False), (STEREO, False)]
)
def test_while_one_call_is_heard_the_diarizer_is_loaded_if_a_later_one_needs_it(later: Path, needed: bool) -> None:
    diarizer = WaitingDiarizer()
    transcriber = ScriptedTranscriber(said("Can I help?", 0, 2), said("I hope so.", 3, 4))
    analyzer = Analyzer(Settings(agent="left"))
    analyzer.ears = Ears(transcriber=transcriber, diarizer=diarizer, tagger=ScriptedTagger())  # type: ignore[misc]
    analyzer.encoder = analyzer.dialogue = Idle()  # type: ignore[misc,assignment]
    analyzer.expect([STEREO, later])
    assert not diarizer.loading.is_set()
    analyzer.hear(STEREO, Options(agent="left"))
    assert diarizer.loading.wait(5.0 if needed else 0.2) is needed
