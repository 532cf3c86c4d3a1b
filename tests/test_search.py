"""Search: what is said is found, in any script, alike in both databases, whatever is typed."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import make_report, turn

from monitor.store import CallDetails, Filters, find_turns, queue
from monitor.store.search import phrases, places, says, tokens, transcript_parts

SAID = {
    "refund": ("I'd like a refund, please.", "Your café order was £12.50."),
    "router": ("Please unplug the router.", "I unplugged the ROUTER twice. Refund me!"),
    "chinese": ("我要申请退款，路由器坏了。", "请您稍等"),
    "german": ("Die Straße ist gesperrt.", "Ｆｕｌｌ width"),
    "thai": ("ขอเงินคืนครับ",),
}


def call(call_id, texts):
    turns = tuple(turn(i, "customer", i * 5.0, i * 5.0 + 4, text) for i, text in enumerate(texts))
    return make_report(call_id, turns=turns, moments=())


@pytest.fixture
def filled(store):
    for call_id, texts in SAID.items():
        store.save(call(call_id, texts), content_sha256=call_id)
    return store


def found(store, text):
    return {row.call_id for row in queue(store, Filters(text=text)).rows}


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("refund", {"refund", "router"}),
        ("REF", {"refund", "router"}),
        ("refund router", {"router"}),
        ('"unplug the router"', {"router"}),
        ('"the unplug"', set()),
        ('"router i unplugged"', set()),  # no phrase reaches into the next turn
        ("cafe", {"refund"}),
        ("12.50", {"refund"}),
        ("i'd", {"refund"}),
        ("退款", {"chinese"}),
        ("款", {"chinese"}),
        ("申请退款", {"chinese"}),
        ("退款 路由器", {"chinese"}),
        ("申款", set()),
        ("strasse", {"german"}),
        ("full", {"german"}),
        ("เงิน", {"thai"}),
        ("?!", set(SAID)),
        ("", set(SAID)),
        ("'; DROP TABLE calls; --", set()),
        ('refund" OR "router', set()),  # a phrase, not an operator
    ],
)
def test_finds_what_is_said(filled, text, calls):
    assert found(filled, text) == calls


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=20) | st.text("rRefund退款路\"'*:^()-+ \0\\%_NEAR", max_size=12))
def test_whatever_is_typed_gives_the_calls_that_say_it(filled, text):
    asked = phrases(text)
    expected = {call_id for call_id, texts in SAID.items() if all(any(says(t, [p]) for t in texts) for p in asked)}
    assert found(filled, text) == expected
    for call_id, texts in SAID.items():
        assert find_turns(filled, call_id, text) == tuple(i for i, turn in enumerate(texts) if says(turn, asked))


def test_who_searches_for_a_whole_text_finds_the_calls_with_its_beginning(store):
    words = [f"w{number}" for number in range(10, 2_000)]
    store.save(call("whole", (" ".join(words),)), content_sha256="whole")
    store.save(call("half", (" ".join(words[:40]),)), content_sha256="half")
    assert found(store, " ".join([*words, "zebra"])) == {"whole"}
    assert [hit.turn for hit in queue(store, Filters(text=" ".join(words[:40]))).rows[0].hits] == [0]


def test_the_turns_with_the_words_are_shown(filled):
    (row,) = queue(filled, Filters(text="refund router")).rows
    assert [hit.turn for hit in row.hits] == [0, 1]
    assert row.hits[1].text == "I unplugged the ROUTER twice. Refund me!"
    assert find_turns(filled, "chinese", "稍等") == (1,)
    assert find_turns(filled, "chinese", "") == ()


def test_another_analysis_is_searched_in_place_of_the_first(filled):
    filled.save(call("refund", ("Something else.",)), content_sha256="refund")
    assert found(filled, "refund") == {"router"}
    assert found(filled, "something") == {"refund"}


def test_the_end_of_a_long_call_is_searched_too(store):
    turns = ["and the light is red and I wait and wait " * 5] * 800
    store.save(call("long", [*turns, "at last the green light came"]), content_sha256="long")
    assert found(store, '"the green light"') == {"long"}
    assert found(store, '"is red and"') == {"long"}
    assert found(store, '"came and"') == set()


@given(st.text(max_size=30))
def test_a_text_says_all_of_its_own_words(text):
    for token in tokens(text):
        assert not set(token) & set(" '\"*¶"), token
    if tokens(text):
        assert says(text, phrases(f'"{text.replace(chr(34), " ")}"') or [tuple(tokens(text))[:1]])


@pytest.mark.parametrize(("dialect", "most"), [("sqlite", 1), ("postgresql", 6)])
def test_parts_hold_every_turn(dialect, most):
    parts = transcript_parts(["one two three"] * 2_000, dialect)
    assert sum(part.count("two") for part in parts) == 2_000
    assert len(parts) == most


@pytest.fixture
def many(store, monkeypatch):
    """Words are common from three calls on; of sixty calls every other one says "kettle", every tenth of a team."""
    monkeypatch.setattr("monitor.store.walk.MANY", 3)
    monkeypatch.setattr("monitor.store.walk._STEP", 4)
    for number in range(60):
        said = "The kettle leaks." if number % 2 else "The pan is fine."
        details = CallDetails(team="Pans" if number % 10 == 1 else "Kettles")
        store.save(call(f"call-{number:02}", (said,)), content_sha256=f"{number}", details=details)
    return store


def test_what_many_calls_say_is_found_as_what_few_say_is(many, monkeypatch):
    asked = [
        (Filters(text=text, teams=teams), descending, page)
        for text in ("kettle", '"the kettle"', "the leaks", "pan fine", "the pan kettle", "ket", "zebra")
        for teams in ((), ("Pans",), ("Nobody",), ("Kettles", "Pans"))
        for descending in (True, False)
        for page in (0, 1, 8)
    ]

    def pages():
        return [queue(many, one, sort="when", descending=down, page=page, size=5) for one, down, page in asked]

    walked = pages()
    monkeypatch.setattr("monitor.store.walk.MANY", 1_000)
    counted = pages()
    for quick, exact in zip(walked, counted, strict=True):
        assert (quick.page, quick.rows) == (exact.page, exact.rows)
        assert exact.counted
        assert quick.total == exact.total if quick.counted else 5 * (quick.page + 1) < quick.total <= exact.total
    assert not all(page.counted for page in walked)


@pytest.mark.parametrize("hopeless", [4, 100])
def test_what_is_rare_where_the_other_filters_lead_is_found_too(many, monkeypatch, hopeless):
    monkeypatch.setattr("monitor.store.walk._FARTHEST", 8)
    monkeypatch.setattr("monitor.store.walk._HOPELESS", hopeless)
    filters = Filters(text="kettle", teams=("Pans", "Kettles"))
    assert queue(many, filters, sort="when", descending=False, size=20).total == 30


@given(turn=st.text("ab0 _-'.A", max_size=20), search=st.text('ab0 _-"A', max_size=10))
def test_plain_text_says_what_it_says_beside_a_letter_that_is_not_plain(turn, search):
    # A letter that is not plain, in a word of its own, sends the text the long way, token by token.
    assert [says(turn, [one]) for one in phrases(search)] == [says(f"{turn} ƒ", [one]) for one in phrases(search)]


def test_a_phrase_with_an_endless_word_is_held_as_it_is_stored():
    said = f"It is {'a' * 70} b."
    assert says(said, phrases(f'"{"a" * 70} b"'))


@given(turn=st.text(max_size=40), search=st.text(max_size=8))
def test_places_lie_in_the_text_and_apart(turn, search):
    found = places(turn, search)
    assert all(0 <= start < end <= len(turn) for start, end in found)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(found))
