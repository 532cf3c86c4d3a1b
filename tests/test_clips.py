"""Clips: the moment's own sound with a second around it, personal data silent."""

import wave

import numpy as np
import pytest
from reports import make_report, turn

from audio.errors import BadAudio, HeardError
from audio.facts import Word
from monitor.clips import clip_name, write_clips
from monitor.records import Channels

RATE_HZ = 16_000


@pytest.fixture
def recording(tmp_path):
    """28 s of stereo, left a slow ramp (so that a sample's value tells its time), right a tone."""
    time = np.arange(28 * RATE_HZ) / RATE_HZ
    left = time / 28 * 0.9 + 0.05
    right = 0.5 * np.sin(2 * np.pi * 440 * time)
    samples = (np.stack([left, right], axis=1) * 32767).astype("<i2")
    path = tmp_path / "kettle.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def read(path):
    """Samples, shape (n_samples, n_channels), -1 to 1."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE_HZ, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return frames.reshape(-1, file.getnchannels()) / 32768


def test_each_moment_with_a_second_around_it(recording, tmp_path):
    report = make_report(source=str(recording))
    told = []
    paths = write_clips(report, tmp_path / "new" / "clips", progress=lambda done, total: told.append((done, total)))
    assert [path.name for path in paths] == [
        "kettle_00-03_unacknowledged_frustration_missed.wav",
        "kettle_00-03_repeat_contact_late.wav",
        "kettle_00-18_ownership_handled.wav",
    ]
    assert told == [(1, 3), (2, 3), (3, 3)]
    for path, moment in zip(paths, report.moments, strict=True):
        clip = read(path)
        assert clip.shape == (round((moment.end_s - moment.start_s + 2) * RATE_HZ), 2)
        first_s = (clip[0, 0] - 0.05) / 0.9 * 28
        assert first_s == pytest.approx(moment.start_s - 1, abs=0.01)
    assert sorted(file.name for file in (tmp_path / "new" / "clips").iterdir()) == sorted(path.name for path in paths)


def test_clips_end_with_the_recording(recording, tmp_path):
    moment = make_report().moments[0].model_copy(update={"start_s": 0.2, "end_s": 27.9})
    (path,) = write_clips(make_report(source=str(recording), moments=(moment,)), tmp_path)
    assert len(read(path)) == 28 * RATE_HZ


def test_personal_data_is_silent_and_nothing_else(recording, tmp_path):
    card = Word(text="[card].", start_s=6.0, end_s=8.0)
    turns = (turn(0, "customer", 3.5, 9.0, "It is [card]."),)
    turns = (turns[0].model_copy(update={"words": (*turns[0].words[:2], card)}),)
    report = make_report(source=str(recording), turns=turns, moments=make_report().moments[:1])
    (path,) = write_clips(report, tmp_path / "clips")
    clip = read(path)
    time = np.arange(len(clip)) / RATE_HZ + 2.5
    silent = np.all(clip == 0, axis=1)
    assert silent[(time >= 5.86) & (time < 8.14)].all()
    assert not silent[(time < 5.84) | (time > 8.16)].any()


def test_two_moments_of_one_name_become_two_files(recording, tmp_path):
    moment = make_report().moments[0]
    paths = write_clips(make_report(source=str(recording), moments=(moment, moment)), tmp_path)
    assert [path.stem[-2:] for path in paths] == ["ed", "_2"]
    again = write_clips(make_report(source=str(recording), moments=(moment, moment)), tmp_path)
    assert again == paths


def test_a_call_id_cannot_leave_the_folder():
    report = make_report("../../etc/x y:1")
    assert clip_name(report, report.moments[0]) == ".._.._etc_x_y_1_00-03_unacknowledged_frustration_missed.wav"


def test_a_recording_that_has_moved(recording, tmp_path):
    report = make_report(source=str(tmp_path / "gone.wav"))
    with pytest.raises(BadAudio, match=r"recording of kettle is not at .*gone\.wav; say where it is with --recording"):
        write_clips(report, tmp_path / "clips")
    assert not (tmp_path / "clips").exists()
    assert len(write_clips(report, tmp_path / "clips", recording=recording)) == 3


def test_a_transcript_has_no_sound(tmp_path):
    report = make_report(channels=Channels(layout="transcript"))
    with pytest.raises(BadAudio, match="there is no sound to cut"):
        write_clips(report, tmp_path)


def test_a_folder_that_cannot_be_written(recording, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(HeardError, match="Clips cannot be written to"):
        write_clips(make_report(source=str(recording)), tmp_path / "taken")


def test_no_moments_no_clips(recording, tmp_path):
    assert write_clips(make_report(source=str(recording), moments=()), tmp_path / "clips") == ()
