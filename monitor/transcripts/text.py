"""From bytes to text, JSON and validated records; whatever is wrong becomes one sentence that says where."""

import codecs
import json
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audio.errors import BadTranscript

MAX_BYTES = 256 * 2**20
"""A ten-hour call with every word timed is some 20 MB of JSON; far beyond that, the file is no transcript of a call."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Foreign(BaseModel):
    """Base of the records that describe other products' files: unknown keys are theirs to add, numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)
Seconds = Annotated[float, Field(ge=0)]
"""A time from the start of the call, or milliseconds where the format says so."""


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and warnings about how it had to be read.

    UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one, else Latin-1 with a warning.

    Raises:
        BadTranscript: the file cannot be opened, is empty or far too large.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadTranscript(
                f"{path}: more than {MAX_BYTES // 2**20} MB is no transcript of one call; split the file."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise BadTranscript(f"{path}: no such file; check the path.") from None
    except IsADirectoryError:
        raise BadTranscript(f"{path}: is a directory; name the transcript files in it.") from None
    except PermissionError:
        raise BadTranscript(f"{path}: no permission to read it; ask for access or copy it.") from None
    except OSError as error:
        raise BadTranscript(
            f"{path}: cannot be read ({error.strerror or error}); try again or copy it first."
        ) from None
    if not data.strip(b" \t\r\n\0"):
        raise BadTranscript(f"{path}: is empty; export the transcript again.")
    text, warning = decode(data)
    return text, (warning,) if warning else ()


def decode(data: bytes) -> tuple[str, str | None]:
    """Text of the bytes and, where the encoding had to be guessed, a warning."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError:
        return data.decode(
            "latin-1"
        ), "the text is not UTF-8 and was read as Latin-1; letters with accents may be wrong"


def parse_json(text: str, path: Path) -> Any:
    """The JSON document of a file.

    Raises:
        BadTranscript: naming the line and column where it breaks.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadTranscript(
            f"{path}: broken JSON at line {error.lineno}, column {error.colno} ({error.msg}); export the transcript again."
        ) from None
    except RecursionError:
        raise BadTranscript(f"{path}: JSON nested too deeply for a transcript; export the transcript again.") from None
    except ValueError as error:
        raise BadTranscript(f"{path}: unreadable number in the JSON ({error}); export the transcript again.") from None


def validate(model: type[Model], document: Any, path: Path, format_name: str) -> Model:
    """The document as records.

    Raises:
        BadTranscript: naming the place in the document and what is wrong there.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wrong = (
            "is missing" if first["type"] == "missing" else f"is wrong: {first['msg'][:1].lower()}{first['msg'][1:]}"
        )
        raise BadTranscript(f"{path}: not a complete {format_name}: {where(first['loc'])} {wrong}.") from None


def where(location: tuple[int | str, ...]) -> str:
    """A place in a document as people write it: turns[3].start."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return place.lstrip(".") or "the document"
