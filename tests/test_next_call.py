"""A call is heard while the one before is judged, and nothing about it is told before its turn."""

from pathlib import Path
from threading import Event

import pytest

from audio.errors import BadAudio
from monitor.next_call import NextCall

FIRST, SECOND = Path("first.wav"), Path("second.wav")


class Hearing:
    """Hears a call by telling its stages, and remembers what it was asked for; "bad" calls fail."""

    def __init__(self):
        self.asked = []
        self.began, self.may_go_on, self.ended = Event(), Event(), Event()

    def __call__(self, path, options, progress):
        self.asked.append((path, options))
        self.began.set()
        self.may_go_on.wait(60)
        try:
            progress("words", 0.5)
            if options == "bad":
                raise BadAudio(f"{path} is not a recording.")
            return f"{path}: {options}"
        finally:
            self.ended.set()


@pytest.fixture
def hearing():
    return Hearing()


@pytest.fixture
def calls(hearing):
    calls = NextCall(hearing)
    yield calls
    hearing.may_go_on.set()
    calls.close()


def silent(*_):
    pass


def test_it_is_heard_once_and_its_progress_told_when_its_turn_has_come(calls, hearing):
    told = []
    calls.begin(SECOND, "en")
    assert hearing.began.wait(60)
    hearing.may_go_on.set()
    assert calls.heard(SECOND, "en", lambda *stage: told.append(stage)) == "second.wav: en"
    assert hearing.asked == [(SECOND, "en")]
    assert told in ([], [("words", 0.5)])


def test_what_is_wrong_with_it_is_raised_when_it_is_asked_for(calls, hearing):
    calls.begin(SECOND, "bad")
    hearing.may_go_on.set()
    assert hearing.ended.wait(60)
    with pytest.raises(BadAudio, match=r"second\.wav is not"):
        calls.heard(SECOND, "bad", silent)


@pytest.mark.parametrize("other", [(FIRST, "en"), (SECOND, "de")])
def test_another_call_or_other_options_are_heard_anew_and_the_one_begun_is_stopped(calls, hearing, other):
    calls.begin(SECOND, "en")
    assert hearing.began.wait(60)
    hearing.may_go_on.set()
    assert calls.heard(*other, silent) == f"{other[0]}: {other[1]}"
    assert hearing.asked == [(SECOND, "en"), other]


@pytest.mark.timeout(60)
def test_it_is_stopped_at_its_next_sign_of_progress_where_nobody_asks():
    began = Event()

    def endless(_path, _options, progress):
        while True:
            began.set()
            progress("words", 0.5)

    calls = NextCall(endless)
    calls.begin(SECOND, "en")
    assert began.wait(60)
    calls.close()
