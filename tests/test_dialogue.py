"""The language model that reads along: causal, incremental, bounded."""

import numpy as np
import pytest

from monitor.dialogue import DialogueEncoder
from monitor.dialogue.layers import LOCAL_WINDOW, SLACK, Layer, rotate, softmax

WIDTH = 640


def random_layer(number: int) -> Layer:
    rng = np.random.default_rng(7)
    shapes = {
        "attn_q": (WIDTH, 1024), "attn_k": (WIDTH, 256), "attn_v": (WIDTH, 256), "attn_output": (1024, WIDTH),
        "ffn_gate": (WIDTH, 32), "ffn_up": (WIDTH, 32), "ffn_down": (32, WIDTH),
    }  # fmt: skip
    weights = {
        name: (rng.standard_normal(shape) / shape[0] ** 0.5).astype(np.float32) for name, shape in shapes.items()
    }
    for name in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
        weights[name] = np.ones(WIDTH, np.float32)
    for name in ("attn_q_norm", "attn_k_norm"):
        weights[name] = np.ones(256, np.float32)
    return Layer(weights, number)


@pytest.mark.parametrize("number", [0, 5], ids=["local", "global"])
def test_a_layer_hears_the_same_in_whatever_stretches_the_tokens_come(number):
    x = np.random.default_rng(1).standard_normal((40, WIDTH)).astype(np.float32)
    whole = random_layer(number).hear(x, 0)
    piecewise = random_layer(number)
    parts = [piecewise.hear(x[a:b], a) for a, b in [(0, 1), (1, 13), (13, 40)]]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-4)


def test_a_local_layer_keeps_little_more_than_its_window():
    layer = random_layer(0)
    x = np.random.default_rng(1).standard_normal((400, WIDTH)).astype(np.float32)
    for start in (0, 400, 800):
        layer.hear(x, start)
    assert len(layer.keys) == len(layer.values) == LOCAL_WINDOW + SLACK


def test_a_local_layer_attends_to_no_more_than_its_window():
    """Whatever was said before the window, and is kept only so that later tokens can be taken back, changes nothing."""
    x = np.random.default_rng(3).standard_normal((LOCAL_WINDOW + 100, WIDTH)).astype(np.float32)
    other = x.copy()
    other[:100] = np.random.default_rng(4).standard_normal((100, WIDTH))

    def last(tokens):
        layer = random_layer(0)
        layer.hear(tokens[:-1], 0)
        return layer.hear(tokens[-1:], len(tokens) - 1)

    np.testing.assert_array_equal(last(x), last(other))


def test_tokens_that_are_taken_back_were_never_heard():
    x = np.random.default_rng(5).standard_normal((LOCAL_WINDOW + 300, WIDTH)).astype(np.float32)
    plain, hesitant = random_layer(0), random_layer(0)
    for layer in (plain, hesitant):
        layer.hear(x[:-20], 0)
    hesitant.hear(-x[:SLACK], len(x) - 20)
    hesitant.forget(SLACK)
    np.testing.assert_allclose(hesitant.hear(x[-20:], len(x) - 20), plain.hear(x[-20:], len(x) - 20), atol=1e-4)


def test_rotation_keeps_lengths_and_depends_on_distance_alone():
    a, b = np.random.default_rng(2).standard_normal((2, 1, 256)).astype(np.float32)
    turned = rotate(a, np.array([90]), 10_000.0)
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(a), rel=1e-5)

    def score(i: int, j: int) -> float:
        return float((rotate(a, np.array([i]), 10_000.0) @ rotate(b, np.array([j]), 10_000.0).T).item())

    assert score(10, 4) == pytest.approx(score(110, 104), abs=1e-3)


def test_softmax_bears_hidden_places():
    np.testing.assert_allclose(softmax(np.array([[0.0, -np.inf, 0.0]], np.float32)), [[0.5, 0.0, 0.5]])


@pytest.fixture(scope="module")
def encoder():
    return DialogueEncoder()


@pytest.mark.models
def test_pieces_join_to_the_text_again(encoder):
    for text in ("I've restarted it.  Twice!", "我已经重启过两次了。", "Cik ilgi vēl jāgaida? \U0001f600"):
        assert encoder._pieces.decode(encoder.tokens(text)) == text


@pytest.mark.models
def test_a_turn_means_something_else_after_another_turn(encoder):
    def last(*turns: tuple[str, str]) -> np.ndarray:
        dialogue = encoder.begin()
        return [dialogue.hear(*turn) for turn in turns][-1]

    asked_again = last(("customer", "I unplugged it already, twice."), ("agent", "Please unplug it."))
    asked_once = last(("customer", "My box is not working."), ("agent", "Please unplug it."))
    again = last(("customer", "I unplugged it already, twice."), ("agent", "Please unplug it."))
    np.testing.assert_array_equal(asked_again, again)
    assert not np.allclose(asked_again, asked_once, rtol=0.05)


@pytest.mark.models
def test_a_long_turn_means_the_same_in_whatever_stretches_it_is_read(encoder, monkeypatch):
    turn = ("customer", "I restarted it twice, moved it to the window, and it is still blinking. What now?")
    whole = encoder.begin().hear(*turn)
    monkeypatch.setattr("monitor.dialogue.encoder._CHUNK", 5)
    np.testing.assert_allclose(encoder.begin().hear(*turn), whole, rtol=2e-3, atol=0.5)
    assert whole.shape == (encoder.dimension,)


@pytest.mark.models
def test_the_last_state_knows_how_the_turn_ended(encoder):
    """The second half is the state after the last token: two turns that end alike are nearer in it than in nothing."""
    asked, told = (encoder.begin().hear("agent", f"You have restarted it{end}") for end in ("?", "."))
    mean, last = np.split(np.abs(asked - told), 2)
    assert last.sum() > mean.sum()


@pytest.mark.models
def test_a_translation_stands_nearer_than_another_statement(encoder):
    texts = (
        "It is broken again and I am furious.",
        "Es ist schon wieder kaputt und ich bin wütend.",
        "Thank you, that works.",
    )
    vectors = np.stack([encoder.begin().hear("customer", text) for text in texts])
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    angry, angry_in_german, thanks = vectors
    assert angry @ angry_in_german > angry @ thanks
