"""Personal data is hidden from everyone who follows a live call, also while a number is still being dictated."""

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.live.events import CallStarted, MomentFound, PartialWords, TurnSettled
from monitor.live.privacy import Redactor
from tests.reports import make_report, turn

MOMENT = make_report().moments[0]


def told(*lines):
    """What others know of each turn after each line, by index; a line is "a" or "c" and what is said."""
    redactor, known, history = Redactor(), {}, []
    redactor.redacted(CallStarted(call_id="CA1", protocol="pcm", language="en"))
    for index, (who, text) in enumerate(lines):
        speaker = {"a": "agent", "c": "customer"}[who]
        for event in redactor.redacted(
            TurnSettled(call_id="CA1", turn=turn(index, speaker, 5.0 * index, 5.0 * index + 4.0, text))
        ):
            known[event.turn.index] = event.turn.text
            assert event.turn.words == ()
        history.append(dict(known))
    return history


def test_a_card_dictated_over_turns_is_never_seen():
    history = told(
        ("a", "What is the number of your card?"),
        ("c", "It is 4111 1111"),
        ("a", "Mm-hm."),
        ("c", "1111 1111, and it ends next year."),
        ("a", "Thank you very much for that."),
    )
    assert history[1][1] == "It is [number]"
    assert history[3][1] == "It is [card]", "seen to be part of a card"
    assert history[4][3] == "[card], and it ends next year."


def test_a_harmless_number_at_the_end_is_shown_when_the_other_side_speaks():
    history = told(("c", "I pay for 300"), ("a", "That is our smallest plan, yes."))
    assert history[0][0] == "I pay for [number]"
    assert history[1][0] == "I pay for 300"


def test_the_quote_of_a_moment_shows_no_more_than_its_turn():
    redactor = Redactor()
    said = "I have told you: jane@example.com, and my phone is 555-0142."
    redactor.redacted(TurnSettled(call_id="CA1", turn=turn(0, "customer", 0.0, 4.0, said)))
    (found,) = redactor.redacted(
        MomentFound(call_id="CA1", id="x", moment=MOMENT.model_copy(update={"quote": said, "why": said}))
    )
    for text in (found.moment.quote, found.moment.why):
        assert text == "I have told you: [email], and my phone is [phone]."


def test_nothing_personal_is_in_the_words_that_open_a_call():
    metadata = {"phone": "+1 555 014 2000", "queue": "repairs", "card": "4111111111111111"}
    (event,) = Redactor().redacted(CallStarted(call_id="CA1", protocol="twilio", metadata=metadata))
    assert event.metadata == {"phone": "[phone]", "queue": "repairs", "card": "[card]"}


@given(digits=st.text("0123456789", min_size=3, max_size=16), cut=st.integers(1, 16))
@settings(max_examples=60)
def test_words_that_are_just_being_said_show_no_number(digits, cut):
    text = f"my number is {digits[:cut]} {digits[cut:]}"
    partial = PartialWords(call_id="CA1", speaker="customer", start_s=0.0, end_s=1.0, text=text)
    (event,) = Redactor().redacted(partial)
    assert not any(character.isdigit() for character in event.text)
