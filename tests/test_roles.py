"""Who is the agent: found from what is said, whichever side it is on, also where only one side is heard."""

import numpy as np
import pytest
from fake_encoder import FakeEncoder, text_vector

from audio.facts import Turn
from monitor.roles import RoleModel, infer_roles

MODEL = RoleModel(
    weight=10 * (text_vector("account number please", 512) - text_vector("my router broke", 512)), bias=0.0, temper=1.0
)


def turns_of(*said):
    return [Turn(index=i, speaker=side, start_s=i, end_s=i + 1, text=text) for i, (side, text) in enumerate(said)]


@pytest.mark.parametrize("agent", ["left", "right"])
def test_the_side_that_talks_like_an_agent_is_the_agent(agent):
    customer = "right" if agent == "left" else "left"
    turns = turns_of((customer, "my router broke"), (agent, "account number please"), (customer, "my router"))
    side, confidence = infer_roles(turns, FakeEncoder(), model=MODEL)
    assert side == agent
    assert confidence > 0.9


@pytest.mark.parametrize(("text", "side"), [("account number please", "left"), ("my router broke", None)])
def test_a_side_alone_is_known_for_what_it_is(text, side):
    assert infer_roles(turns_of(("left", text)), FakeEncoder(), model=MODEL)[0] == side


def test_nothing_said_gives_no_confidence():
    assert infer_roles([], FakeEncoder(), model=MODEL) == (None, 0.5)
    side, confidence = infer_roles(turns_of(("left", "OK"), ("right", "嗯")), FakeEncoder(), model=MODEL)
    assert side in ("left", "right")
    assert confidence == pytest.approx(0.5)


def test_more_turns_make_it_surer():
    few = turns_of(("left", "account number please thanks"), ("right", "well my router you see broke"))
    sure = [infer_roles(few * n, FakeEncoder(), model=MODEL)[1] for n in (1, 3)]
    assert 0.5 < sure[0] < sure[1] <= 1


CALLS = {
    "en": (("Hi, it's about my order, it never came.", "Let me check that for you. What's your order number?", "It's four four one.", "I can see it left our warehouse on Monday.")),
    "zh": (("你好，我家的网断了三天了。", "请问您的客户编号是多少？", "我不记得了。", "没关系，我帮您用手机号查一下。")),
    "fr": (("Bonjour, j'ai été débité deux fois.", "Je vérifie tout de suite, quel est votre numéro de client ?", "Le voilà.", "Je vous rembourse le second paiement aujourd'hui.")),
}  # fmt: skip


@pytest.mark.models
@pytest.mark.parametrize("language", CALLS)
def test_the_agent_is_found_when_the_customer_speaks_first(language):
    from monitor.encoder import UseEncoder

    turns = turns_of(*zip(["first", "second"] * 2, CALLS[language], strict=True))
    side, confidence = infer_roles(turns, UseEncoder())
    assert side == "second"
    assert confidence > 0.8
    assert np.isfinite(confidence)
