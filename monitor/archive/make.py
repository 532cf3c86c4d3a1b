"""By what a call is analysed, as two fingerprints: one of what hears, one of what judges.

A call whose `models` are unchanged need not be heard again, and one whose `rules` are unchanged too is done. What reads the words
that were heard counts as judging: no sound is needed for that.
"""

from hashlib import sha256
from pathlib import Path

from monitor.kept import models_fingerprint
from monitor.rules import Rules
from monitor.settings import Settings
from monitor.store.job_records import Make

_ROOT = Path(__file__).parent.parent.parent
_HEARING = ("audio/sounds.npz", "monitor/roles.npz")
"""Trained parts whose findings are kept with a call."""


def make_of(settings: Settings, rules: Rules) -> Make:
    """What calls are to be analysed by under these settings."""
    from audio.models import GEMMA, SEGMENTATION, SPEAKER_EMBEDDING

    packaged = (GEMMA.sha256, SEGMENTATION.sha256, SPEAKER_EMBEDDING.sha256)
    return Make(
        models=_fingerprint(_words(settings.model), *packaged, *map(_content, _HEARING)),
        rules=_fingerprint(rules.fingerprint, models_fingerprint()),
    )


def _words(model: str) -> str:
    """The speech-to-text model: its name, and where that is a folder, which weights are in it just now."""
    weights = Path(model).expanduser() / "model.bin"
    if not weights.is_file():
        return model
    status = weights.stat()
    return f"{weights.parent.name} {status.st_size} {status.st_mtime_ns}"


def _content(name: str) -> str:
    return sha256((_ROOT / name).read_bytes()).hexdigest()


def _fingerprint(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:12]
