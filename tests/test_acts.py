"""Reading acts: causal, bounded, in order; and with the real models, right about plain cases in several languages."""

import numpy as np
import pytest
from fake_encoder import FakeDialogue, FakeEncoder

from audio.errors import ModelMissing
from audio.facts import Turn
from monitor.acts.heads import Heads
from monitor.acts.names import ACTS_OF
from monitor.acts.reader import TURNS_KEPT, WEIGHTS, ActReader


def turns_of(*said: tuple[str, str]) -> list[Turn]:
    return [
        Turn(index=i, speaker=speaker, start_s=4.0 * i, end_s=4.0 * i + 3, text=text)
        for i, (speaker, text) in enumerate(said)
    ]


CALL = turns_of(
    ("agent", "Thank you for calling, how can I help?"),
    ("customer", "My internet is down again. I have restarted the router already!"),
    ("agent", "Please restart the router."),
    ("customer", "I just told you that I did."),
)


@pytest.fixture
def reader():
    return ActReader(FakeEncoder(), dialogue=FakeDialogue(), language="en")


def read_all(reader, turns):
    return [reader.read(turn, turns[: turn.index]) for turn in turns]


def test_every_act_of_the_role_has_a_probability(reader):
    for turn, acts in zip(CALL, read_all(reader, CALL), strict=True):
        assert tuple(acts) == ACTS_OF[turn.speaker]
        assert all(0 <= probability <= 1 for probability in acts.values())


def test_later_turns_change_nothing(reader):
    shorter = ActReader(FakeEncoder(), dialogue=FakeDialogue(), language="en")
    assert read_all(reader, CALL)[:2] == read_all(shorter, CALL[:2])


def test_earlier_turns_matter(reader):
    alone = ActReader(FakeEncoder(), dialogue=FakeDialogue(), language="en")
    assert read_all(reader, CALL)[2] != alone.read(CALL[2], [])


def test_turns_that_were_only_handed_over_as_context_are_heard_once_and_in_order():
    dialogue = FakeDialogue()
    calls = []
    begin = dialogue.begin
    dialogue.begin = lambda: calls.append(begin()) or calls[-1]
    reader = ActReader(FakeEncoder(), dialogue=dialogue)
    first = reader.read(CALL[3], CALL[:3])
    assert reader.read(CALL[3], CALL[:3]) == first
    assert [call.turns for call in calls] == [[turn.text for turn in CALL]]


def test_a_turn_without_words_does_nothing(reader):
    silent = CALL[1].model_copy(update={"text": " "})
    assert set(reader.read(silent, CALL[:1]).values()) == {0.0}


def test_memory_is_bounded_in_a_long_call(reader):
    long = turns_of(*[("agent" if i % 2 else "customer", f"turn number {i}") for i in range(TURNS_KEPT + 20)])
    read_all(reader, long)
    with pytest.raises(KeyError):
        reader.turn_vector(long[0])
    assert reader.turn_vector(long[-1]).shape == (1280 + 512,)


def test_prefetching_leaves_nothing_to_encode_but_what_was_fetched(reader):
    reader.prefetch(turn.text for turn in CALL)
    fetched = set(reader.encoder.encoded)
    read_all(reader, CALL)
    assert set(reader.encoder.encoded) == fetched


def test_weights_survive_being_written_and_read(tmp_path):
    heads = Heads.load(WEIGHTS)
    heads.save(tmp_path / "heads.npz")
    again = Heads.load(tmp_path / "heads.npz")
    features = np.random.default_rng(3).standard_normal(heads.acts["agent"].projection.shape[1]).astype(np.float32)
    assert heads.probabilities("agent", features) == again.probabilities("agent", features)


def test_a_file_without_weights_is_named(tmp_path):
    path = tmp_path / "heads.npz"
    path.write_bytes(b"no weights")
    with pytest.raises(ModelMissing, match=r"heads\.npz"):
        Heads.load(path)


@pytest.fixture(scope="module")
def real():
    from monitor.dialogue import DialogueEncoder
    from monitor.encoder import UseEncoder

    return UseEncoder(), DialogueEncoder()


@pytest.mark.models
@pytest.mark.parametrize(
    ("opening", "speaker", "text", "act"),
    [
        ("My bill is wrong.", "agent", "Could you give me your account number, please?", "asks_fact"),
        ("The line is dead since Monday.", "agent", "I'm so sorry for the trouble this has caused you.", "apologizes"),
        ("How can I help?", "customer", "This is ridiculous, I have been waiting for three weeks!", "voices_frustration"),
        ("您好，请问有什么可以帮您？", "customer", "我要找你们经理，让你们领导来跟我说。", "asks_for_supervisor"),
        ("路由器一直闪红灯。", "agent", "请您把电源拔掉，等三十秒再插上。", "instructs"),
        ("¿En qué puedo ayudarle?", "customer", "Muchísimas gracias, muy amable.", "thanks"),
        ("Mein Internet geht nicht.", "agent", "Wie lautet Ihre Kundennummer?", "asks_fact"),
    ],
)  # fmt: skip
def test_plain_acts_are_read_in_several_languages(real, opening, speaker, text, act):
    other = "customer" if speaker == "agent" else "agent"
    encoder, dialogue = real
    reader = ActReader(encoder, dialogue=dialogue)
    turns = turns_of(("agent", "Hello, this is Anna speaking."), (other, opening), (speaker, text))
    acts = reader.read(turns[2], turns[:2])
    assert acts[act] > 0.4
    assert act in sorted(acts, key=lambda name: acts[name])[-2:]
