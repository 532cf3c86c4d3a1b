"""Settings: the command line beats the environment, which beats heard.toml, which beats the default."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.errors import BadSettings
from monitor.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HEARD_{name.upper()}", raising=False)
    return tmp_path


def test_nothing_set_means_the_defaults():
    assert load_settings() == Settings.model_construct()


def test_each_source_beats_the_one_below(folder, monkeypatch):
    assert load_settings().model == "base"
    (folder / "heard.toml").write_text('model = "from file"')
    assert load_settings().model == "from file"
    monkeypatch.setenv("HEARD_MODEL", "from environment")
    assert load_settings().model == "from environment"
    assert load_settings(model="from option").model == "from option"
    assert load_settings(model=None).model == "from environment"


def test_another_file_instead_of_the_working_directorys(folder):
    (folder / "heard.toml").write_text('model = "here"')
    other = folder / "other.toml"
    other.write_text('store = "there.db"')
    assert load_settings(other).store == "there.db"
    assert load_settings(other).model == "base"


def test_tables_of_kinds_are_handed_on(folder):
    (folder / "heard.toml").write_text("[moments.unexplained_hold]\nsilence_s = 15\n")
    assert load_settings().moments == {"unexplained_hold": {"silence_s": 15}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('store = "a.db"\nmodle = "x"\n', r"heard\.toml, line 2, sets modle, .*: did you mean model\?"),
        ("colour = 1", r"line 1, sets colour, .*: there are store, model, "),
        ('\n\nagent = "middle"', r"line 3, sets agent to 'middle': input should be 'auto', 'left'"),
        ("store = 5", r"line 1, sets store to 5: input should be a valid string"),
        ("[moments]\nx = 3", r"line 1, sets moments"),
        ("store = ", r"heard\.toml, line 1, is not valid TOML"),
        ('model = "a"\nstore = "a', r"heard\.toml, line 2, is not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(folder, text, message):
    (folder / "heard.toml").write_text(text)
    with pytest.raises(BadSettings, match=message) as raised:
        load_settings()
    assert "\n" not in str(raised.value)


def test_a_mistake_in_the_environment_is_named_by_its_variable(folder, monkeypatch):
    (folder / "heard.toml").write_text('agent = "left"')
    monkeypatch.setenv("HEARD_AGENT", "upper")
    with pytest.raises(BadSettings, match="HEARD_AGENT sets agent to 'upper'"):
        load_settings()
    monkeypatch.setenv("HEARD_MOMENTS", "{not json")
    with pytest.raises(BadSettings, match="environment holds a setting that cannot be read"):
        load_settings()


def test_a_mistaken_option_is_named():
    with pytest.raises(BadSettings, match="The option --agent sets agent to 'up'"):
        load_settings(agent="up")


def test_files_that_cannot_be_read(folder):
    with pytest.raises(BadSettings, match=r"none\.toml does not exist"):
        load_settings(folder / "none.toml")
    with pytest.raises(BadSettings, match="cannot be read as settings: Is a directory"):
        load_settings(folder)
    (folder / "latin.toml").write_bytes(b'store = "\xe9"')
    with pytest.raises(BadSettings, match="not UTF-8"):
        load_settings(folder / "latin.toml")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_is_settings_or_a_sentence(folder, text):
    path = folder / "heard.toml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    try:
        load_settings()
    except BadSettings as error:
        sentence = str(error)
        assert str(path.name) in sentence
