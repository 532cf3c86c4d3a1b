"""What a user has set, once for all calls. A command-line option beats HEARD_* in the environment, which beats heard.toml.

# heard.toml
store = "postgresql://heard@db/heard"
model = "small"

[moments.unexplained_hold]
silence_s = 15

[rules.threatens_to_cancel]
means = ["I want to cancel."]
"""

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from audio.errors import BadSettings

FILE_NAME = "heard.toml"

AgentSide = Literal["auto", "left", "right", "first", "second"]
"""By channel, or by who speaks first."""


Role = Literal["reviewer", "manager", "admin"]


class Access(BaseModel):
    """What a person who signs in to the dashboard may see."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role = "reviewer"
    """reviewer: the queue and the calls; manager: the figures too; admin: the runs as well."""
    teams: tuple[str, ...] | None = None
    """The teams whose calls may be seen; None means all."""


class DashboardSettings(BaseModel):
    """Settings of `heard dashboard`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: dict[str, Access] = Field(default_factory=dict)
    """By e-mail address as the sign-in service tells it, who may see what; nobody else is let in."""


class Settings(BaseSettings):
    """Everything that can be set; each field may stand in heard.toml, or in the environment as HEARD_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="HEARD_", extra="forbid", frozen=True)

    store: str = "heard.db"
    """Where reports are kept: a path (SQLite), or an SQLAlchemy URL."""
    model: str = "base"
    """Speech-to-text model: a name ("base", "tiny.en", "small" ...) or a path."""
    downloads: bool = False
    """Whether a model that is not installed may be fetched from the Hugging Face hub; nothing is fetched otherwise."""
    language: str | None = None
    """ISO 639-1 code that every call is taken to be in; None finds it per call."""
    agent: AgentSide = "auto"
    """Which side the agent is on, where all calls are recorded alike."""
    channels: str | None = None
    """Which channels of a recording hold the two parties."""
    log: Path | None = None
    """File for the details of unexpected failures; None means heard.log in the user's state folder."""
    moments: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By kind of moment, the windows, thresholds and severities that differ from the defaults (see `heard rules`)."""
    dashboard: DashboardSettings = DashboardSettings()
    """Who may see what in the dashboard."""
    rules: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Kinds of moments of the user's own, by name (docs/RULES.md)."""


def load_settings(config: Path | None = None, **given: Any) -> Settings:
    """The settings in force; `given` are the command line's options, of which None means "not given".

    `config` is read instead of the working directory's heard.toml, and must exist.
    Raises BadSettings with one sentence that names the file and line, or the variable.
    """
    path = config or Path(FILE_NAME)
    text = _read(path, required=config is not None)
    table = _parse(path, text)

    class Configured(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=table)

    given = {name: value for name, value in given.items() if value is not None}
    try:
        read = Configured(**given)
        return Settings.model_construct(**{name: getattr(read, name) for name in Settings.model_fields})
    except ValidationError as error:
        raise BadSettings(_sentence(error, path, text, given)) from error
    except SettingsError as error:
        raise BadSettings(f"The environment holds a setting that cannot be read: {error}.") from error


def _read(path: Path, *, required: bool) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not required:
            return ""
        raise BadSettings(f"{path} does not exist; name a settings file that does, or leave --config out.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadSettings(f"{path} cannot be read as settings: {reason}.") from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        reason = found[1].lower() if found else str(error)
        line = (found and found[2]) or max(1, len(text.splitlines()))
        raise BadSettings(f"{path}, line {line}, is not valid TOML: {reason}.") from error


def _sentence(error: ValidationError, path: Path, text: str, given: dict[str, Any]) -> str:
    """One sentence for the first thing that is wrong, and where it was set."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    place = _place(name, path, text, given)
    if first["type"] == "extra_forbidden":
        alike = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(Settings.model_fields)}."
        return f"{place} sets {name}, which is no setting of heard: {hint}"
    return f"{place} sets {name} to {first['input']!r}: {first['msg'][0].lower()}{first['msg'][1:]}."


def _place(name: str, path: Path, text: str, given: dict[str, Any]) -> str:
    """Where the value in force was set, by the same precedence as the sources."""
    if name in given:
        return f"The option --{name}"
    variable = f"HEARD_{name.upper()}"
    return variable if variable in os.environ else f"{path}, line {_line_of(name, text)},"


def _line_of(name: str, text: str) -> int:
    """The 1-based line on which a key or its table is set (the first line if it is spelled in an unusual way)."""
    key = re.compile(rf"^\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[\]=.]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if key.match(line)), 1)
