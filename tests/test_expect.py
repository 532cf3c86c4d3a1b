"""What later calls will need is loaded while earlier ones are heard."""

from pathlib import Path
from threading import Event

import pytest

from audio.hear import Ears
from monitor.analyze import Analyzer
from monitor.settings import Settings
from tests.fakes import ScriptedDiarizer

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


@pytest.mark.parametrize(
    ("paths", "needed"),
    [([STEREO, MONO], True), ([STEREO, TRANSCRIPT], False), ([STEREO, Path("missing.mp3")], False)],
)
def test_only_a_recording_with_one_channel_needs_its_speakers_told_apart(paths: list[Path], needed: bool) -> None:
    diarizer = WaitingDiarizer()
    analyzer = Analyzer(Settings())
    analyzer.ears = Ears(diarizer=diarizer)  # type: ignore[misc]
    analyzer.expect(paths)
    assert diarizer.loading.wait(5.0 if needed else 0.2) is needed
