"""The real sentence encoder: meaning across languages, and the same vector in whatever batch a sentence comes."""

import numpy as np
import pytest

from monitor.encoder import UseEncoder

pytestmark = pytest.mark.models

SENTENCES = ["I have already restarted it twice.", "我已经重启过两次了。", "What is your date of birth?", "Great!", ""]


@pytest.fixture(scope="module")
def encoder():
    return UseEncoder()


def test_vectors_are_unit_vectors_of_the_stated_dimension(encoder):
    vectors = encoder.encode(SENTENCES)
    assert vectors.shape == (len(SENTENCES), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_the_same_meaning_in_another_language_is_nearer_than_another_meaning(encoder):
    english, mandarin, question, *_ = encoder.encode(SENTENCES)
    assert english @ mandarin > english @ question + 0.2


def test_a_sentence_has_the_same_vector_in_every_batch():
    together = UseEncoder().encode(SENTENCES)
    alone = UseEncoder()
    np.testing.assert_array_equal(
        np.concatenate([alone.encode([sentence]) for sentence in reversed(SENTENCES)])[::-1], together
    )


def test_no_sentences_give_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, encoder.dimension)
