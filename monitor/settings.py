"""What a user has set, once for all calls. A command-line option beats HEARD_* in the environment, which beats heard.toml.

# heard.toml
store = "postgresql://heard@db/heard"
model = "small"

[moments.unexplained_hold]
silence_s = 15

[rules.threatens_to_cancel]
means = ["I want to cancel."]
"""

import base64
import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
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


class Watcher(BaseModel):
    """Somebody who may follow live calls at /events."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = Field(min_length=16)
    """What they bring as `Authorization: Bearer`, or as `token` in the address."""
    teams: tuple[str, ...] | None = None
    """The teams whose calls they may follow; None means all."""


class WebhookSettings(BaseModel):
    """An address that is told of moments in live calls (docs/EVENTS.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w.-]{1,64}$")
    """What it is called in lists; what was sent is remembered by it."""
    url: str
    secret: str
    """What the messages are signed with: "whsec_" and 24 to 64 bytes in base64."""
    verdicts: tuple[Literal["missed", "late", "handled"], ...] = ("missed",)
    severities: tuple[Literal["critical", "minor"], ...] = ("critical", "minor")
    kinds: tuple[str, ...] = ()
    """Kinds of moments that are told; all if empty."""
    teams: tuple[str, ...] | None = None
    """The teams whose calls are told of; None means all."""
    timeout_s: float = Field(default=10.0, gt=0, le=60)
    attempts: int = Field(default=8, ge=1, le=20)
    """After so many failures a message is given up, and kept."""

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        own = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or parts.scheme not in (("http", "https") if own else ("https",)):
            raise ValueError("a webhook needs an https address (http only on this machine)")
        return url

    @field_validator("secret")
    @classmethod
    def _is_a_key(cls, secret: str) -> str:
        webhook_key(secret)
        return secret


def webhook_key(secret: str) -> bytes:
    """The bytes of a webhook's secret (standardwebhooks.com, specification). Raises ValueError where it is none."""
    prefix, _, text = secret.partition("_")
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if prefix != "whsec" or not 24 <= len(key) <= 64:
        raise ValueError('a secret is "whsec_" and 24 to 64 bytes in base64')
    return key


class LiveSettings(BaseModel):
    """Settings of `heard listen`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = "127.0.0.1"
    """Where to serve; any address but this machine's own needs a token."""
    port: int = Field(default=8765, ge=1, le=65535)
    spool: Path = Path("live-calls")
    """Folder for the calls' sound; recordings stay there after their analysis."""
    token: str | None = None
    """What every client must bring: as `Authorization: Bearer`, as `X-API-Key`, or as `token` in the address."""
    twilio_auth_token: str | None = None
    """The secret that Twilio signs its requests with; a right signature stands for the token."""
    public_url: str | None = None
    """How the server is reached from outside ("wss://calls.example.com"), which is what Twilio signs."""
    calls: int = Field(default=16, ge=1)
    """So many calls at once; further ones are refused."""
    call_s: float = Field(default=4 * 3600.0, gt=0)
    """A call that lasts longer is ended."""
    start_s: float = Field(default=10.0, gt=0)
    """A connection that has not said by then what it brings is closed."""
    idle_s: float = Field(default=30.0, gt=0)
    """So long nothing may come, unless the stream has said that it pauses."""
    grace_s: float = Field(default=30.0, ge=0)
    """So long a call whose connection was lost waits for another one."""
    message_bytes: int = Field(default=65_536, ge=1_024)
    """Longer messages are refused."""
    speed: float = Field(default=8.0, ge=1)
    """Sound may come so many times faster than it is spoken; live streams do not, but a client that was cut off catches up."""
    watchers: dict[str, Watcher] = Field(default_factory=dict)
    """By name, who may follow calls at /events besides those who have the token."""
    webhooks: tuple[WebhookSettings, ...] = ()
    """Who is told of moments."""

    @field_validator("webhooks")
    @classmethod
    def _have_names_of_their_own(cls, webhooks: tuple[WebhookSettings, ...]) -> tuple[WebhookSettings, ...]:
        if len({webhook.name for webhook in webhooks}) < len(webhooks):
            raise ValueError("two webhooks have the same name")
        return webhooks


class Settings(BaseSettings):
    """Everything that can be set; each field may stand in heard.toml, or in the environment as HEARD_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="HEARD_", env_nested_delimiter="__", extra="forbid", frozen=True)

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
    live: LiveSettings = LiveSettings()
    """How live calls are heard."""
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
    inner = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden" and inner != name:
        return f"{place} sets {inner}, which is no setting of heard."
    if first["type"] == "extra_forbidden":
        alike = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(Settings.model_fields)}."
        return f"{place} sets {name}, which is no setting of heard: {hint}"
    reason = first["msg"].removeprefix("Value error, ")
    # What is secret must not get into a log with the sentence.
    value = "" if str(first["loc"][-1]) in _SECRETS or isinstance(first["input"], dict) else f" to {first['input']!r}"
    return f"{place} sets {inner}{value}: {reason[0].lower()}{reason[1:]}."


_SECRETS = ("secret", "token", "twilio_auth_token")


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
