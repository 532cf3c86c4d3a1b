"""Whatever a stream says, it is understood or refused in a sentence; nothing crashes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import BadStream
from monitor.live.protocols import Closed, HoldBegan, HoldEnded, Media, Opened, Reply, Skipped, pcm
from monitor.live.session import READERS
from tests.test_live_protocols import TWILIO_START, audiohook_open

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
GOOD = {
    "twilio": [json.dumps(TWILIO_START)],
    "audiohook": [audiohook_open()],
    "pcm": [pcm.start(call_id="1")],
}


def mutated(draw, text):
    """A good message with one of its values replaced by anything."""
    value = json.loads(text)
    place = value
    while True:
        key = draw(st.sampled_from(sorted(place)))
        if isinstance(place[key], dict) and place[key] and draw(st.booleans()):
            place = place[key]
            continue
        place[key] = draw(JSON)
        return json.dumps(value)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_garbage_is_refused_in_a_sentence_and_never_crashes(name, data):
    reader = READERS[name]()
    messages = data.draw(
        st.lists(
            st.one_of(
                st.binary(max_size=64),
                st.text(max_size=64),
                JSON.map(json.dumps),
                st.just(GOOD[name][0]),
                st.composite(mutated)(GOOD[name][0]),
            ),
            max_size=6,
        )
    )
    for message in messages:
        try:
            for signal in reader.receive(message):
                assert isinstance(signal, Opened | Media | Skipped | HoldBegan | HoldEnded | Reply | Closed)
        except BadStream:
            return  # refused, as it should be; any other exception fails the test
