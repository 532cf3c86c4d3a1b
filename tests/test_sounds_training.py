"""What the sound tagger learns from: borrowed voices hold the pitch asked for, groups keep a child together."""

import numpy as np
import pytest

from audio.pitch import yin
from training.sounds_borrowed import BORROWERS, vowels
from training.sounds_mix import CLASSES, FOLDS, SEGMENT, STEPS, Clip, Mixer, groups
from training.sounds_synth import RATE, Samples, glottal


def talk(seconds: float, f0_hz: float) -> Samples:
    """Vowels of 0.3 s at one pitch, with pauses."""
    rng = np.random.default_rng(3)
    vowel = [
        glottal(rng, np.full(2400, f0_hz), tilt=1.2, breath=0.01, formants=[600, 1200, 2500]),
        np.zeros(800),
    ]
    return np.concatenate(vowel * round(seconds / 0.4))


@pytest.mark.parametrize("f0_hz", [120.0, 210.0])
@pytest.mark.parametrize("wanted_hz", [160.0, 320.0])
def test_a_borrowed_vowel_is_held_at_the_pitch_asked_for(f0_hz: float, wanted_hz: float) -> None:
    found = vowels(talk(4, f0_hz))
    assert found
    assert found[0].f0_hz == pytest.approx(f0_hz, rel=0.03)
    held = found[0].at(np.random.default_rng(0), np.full(RATE, wanted_hz))
    assert held.shape == (RATE,)
    assert np.median(yin(held).f0_hz) == pytest.approx(wanted_hz, rel=0.05)


@pytest.mark.parametrize("name", BORROWERS)
def test_borrowed_sounds_have_their_length_and_are_numbers(name: str) -> None:
    sound = BORROWERS[name](np.random.default_rng(1), vowels(talk(4, 180)), 4.0)
    assert sound.shape == (4 * RATE,)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() == pytest.approx(1)


def test_all_recordings_of_a_child_are_in_one_group() -> None:
    rng = np.random.default_rng(0)
    clips = [
        Clip.of(f"child {n % 7}/{n}", rng.standard_normal(RATE) * np.hanning(RATE), on_db=20, off_db=30)
        for n in range(20)
    ]
    dealt = groups(clips)
    assert sum(len(group) for group in dealt) == len(clips)
    children = [{clip.source.partition("/")[0] for clip in group} for group in dealt]
    assert len(set.union(*children)) == sum(len(group) for group in children) == 7
    assert len(dealt) == FOLDS


def test_segments_are_labelled_where_something_sounds() -> None:
    rng = np.random.default_rng(5)
    cry = Clip.of("child", talk(8, 450), on_db=20, off_db=30)
    caller = Clip.of("caller", talk(9, 180), on_db=25, off_db=35)
    made = {name: [cry] for name in (*CLASSES[1:-1], "babbling")}
    mixer = Mixer(rng, [cry], [caller], made)
    drawn = [mixer.segment() for _ in range(30)]
    targets = np.stack([target for _, target in drawn])
    assert all(sound.shape == (SEGMENT,) and np.abs(sound).max() <= 1.01 for sound, _ in drawn)
    assert targets.shape == (30, STEPS, len(CLASSES))
    assert set(np.unique(targets)) <= {-1.0, 0.0, 1.0}
    distress = targets[:, :, CLASSES.index("distress")]
    for name in ("child_crying", "adult_crying", "screaming", "alarm"):
        assert (distress[targets[:, :, CLASSES.index(name)] == 1] == 1).all()
    assert 0.05 < (distress == 1).mean() < 0.6
