"""Splitting into sentences: nothing is lost, nothing is cut in the wrong place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        ("No. I told Dr. Smith... well, nothing.", "en", ["No.", "I told Dr. Smith... well, nothing."]),
        ('"Really?" Yes! At 3.5 percent. OK', "en", ['"Really?"', "Yes!", "At 3.5 percent.", "OK"]),
        ("It is J. Smith. Ask him.", "en", ["It is J. Smith.", "Ask him."]),
        (
            "您好！我想问一下，3.5兆的事。好吗？嗯…行",
            "zh",
            ["您好！", "我想问一下，3.5兆的事。", "好吗？", "嗯…", "行"],
        ),
        ("はい。少々お待ちください。", "ja", ["はい。", "少々お待ちください。"]),
        ("Am 3. Mai, z. B. morgens. Gut.", "de", ["Am 3. Mai, z. B. morgens.", "Gut."]),
        ("¿Qué tal? ¡Bien! El Sr. López no está.", "es", ["¿Qué tal?", "¡Bien!", "El Sr. López no está."]),
        ("um so I called before and nobody helped", "en", ["um so I called before and nobody helped"]),
        ("", "en", []),
        ("  \n ", None, []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, language, sentences):
    assert split_sentences(text, language) == sentences


PIECES = st.sampled_from(
    ["Dr. ", "no. ", "好。", "？", "... ", "Mai ", "3. ", "a", " ", "! ", "\n", '"', "z. B. ", "…", "J. "]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)), st.sampled_from([None, "en", "de", "zh"]))
def test_nothing_but_white_space_is_lost_or_moved(text, language):
    sentences = split_sentences(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence == sentence.strip() and sentence for sentence in sentences)
