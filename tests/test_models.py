"""Weights are found in one place, and checked before anything loads them."""

import hashlib
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from audio import models
from audio.errors import ModelMissing
from audio.models import PackagedFile

PARTS = (b"the first half, ", b"the second half")
SHA256 = hashlib.sha256(b"".join(PARTS)).hexdigest()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and two installed packages that hold a model in two parts."""
    for number, part in enumerate(PARTS, 1):
        data = tmp_path / "packages" / f"weights_part{number}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / f"model.bin.part{number}").write_bytes(part)
    (tmp_path / "packages" / "weights_part1" / "data" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    monkeypatch.setenv("HEARD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(models._PACKAGED_WHISPER, "base", packaged(SHA256))
    return tmp_path / "cache"


def packaged(sha256: str) -> PackagedFile:
    return PackagedFile(
        parts=(("weights_part1", "data/model.bin.part1"), ("weights_part2", "data/model.bin.part2")), sha256=sha256
    )


def joined_model(arguments: tuple[str, str]) -> bytes:
    """What another process finds, for the test of several at once."""
    packages, sha256 = arguments
    sys.path.insert(0, packages)
    models._PACKAGED_WHISPER["base"] = packaged(sha256)
    return (models.find_whisper("base").path / "model.bin").read_bytes()


def test_a_model_in_parts_is_joined_in_the_cache(cache: Path) -> None:
    found = models.find_whisper("base")
    assert found.name == "whisper-base"
    assert (found.path / "model.bin").read_bytes() == b"".join(PARTS)
    assert (found.path / "config.json").read_text() == "{}"
    assert found.path.is_relative_to(cache)
    assert sorted(path.name for path in found.path.iterdir()) == ["config.json", "model.bin"]


@pytest.mark.usefixtures("cache")
def test_it_is_joined_and_read_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = models.find_whisper("base")
    monkeypatch.setattr(hashlib, "sha256", None)  # any further checking would fail
    assert models.find_whisper("base") == first


@pytest.mark.usefixtures("cache")
def test_a_changed_file_is_noticed_and_joined_again() -> None:
    joined = models.find_whisper("base").path / "model.bin"
    joined.write_bytes(b"something else")
    assert (models.find_whisper("base").path / "model.bin").read_bytes() == b"".join(PARTS)


def test_damaged_parts_are_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models._PACKAGED_WHISPER, "base", packaged("0" * 64))
    with pytest.raises(ModelMissing, match="SHA-256"):
        models.find_whisper("base")
    assert not list(cache.rglob("model.bin"))


def test_several_processes_may_join_at_once(cache: Path) -> None:
    packages = str(cache.parent / "packages")
    with ProcessPoolExecutor(4) as pool:
        found = list(pool.map(joined_model, [(packages, SHA256)] * 8))
    assert found == [b"".join(PARTS)] * 8
    assert not [path for path in cache.rglob("*") if path.name.startswith(".")]


def test_a_broken_note_of_checksums_costs_only_time(cache: Path) -> None:
    models.find_whisper("base")
    (cache / "verified.json").write_text("{")
    assert models.find_whisper("base").path.is_dir()
    assert json.loads((cache / "verified.json").read_text())


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    folder = tmp_path / "my-whisper"
    folder.mkdir()
    with pytest.raises(ModelMissing, match=r"no model\.bin"):
        models.find_whisper(str(folder))
    (folder / "model.bin").touch()
    (folder / "config.json").touch()
    assert models.find_whisper(str(folder)) == models.WhisperModel("whisper:my-whisper", folder)


def test_what_is_not_installed_is_named_with_a_way_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelMissing, match=r"whisper-small\.en is not installed.*downloads = true"):
        models.find_whisper("small.en")
    with pytest.raises(ModelMissing, match="no Whisper model called 'huge'"):
        models.find_whisper("huge")
    with pytest.raises(ModelMissing, match="install some_package"):
        models.find_package_file("some_package", "weights.bin")
