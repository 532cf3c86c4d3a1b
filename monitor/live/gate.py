"""Who may connect, decided before the connection is made."""

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import urlsplit

from monitor.settings import LiveSettings


def refusal(
    settings: LiveSettings,
    *,
    path: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    url: str,
) -> str | None:
    """Why a connection is not let in; None if it is.

    Args:
        settings: the secrets.
        path: what is asked for.
        headers: of the request, names in lower case.
        query: the parameters in the address.
        url: the address as the server sees it, query included.
    """
    if settings.token is None and settings.twilio_auth_token is None:
        # Served to this machine alone; a page in its browser must not reach in from elsewhere.
        origin = headers.get("origin")
        same = origin is None or urlsplit(origin).netloc == headers.get("host")
        return None if same else "Pages of other sites may not connect."
    if settings.token is not None and _has_token(settings.token, headers, query):
        return None
    if settings.twilio_auth_token is not None and path == "/twilio":
        seen = urlsplit(url)
        public = (settings.public_url or f"{seen.scheme}://{seen.netloc}").rstrip("/")
        signed = public + seen.path + (f"?{seen.query}" if seen.query else "")
        expected = twilio_signature(settings.twilio_auth_token, signed, {})
        if _equal(expected, headers.get("x-twilio-signature", "")):
            return None
        return "The signature of Twilio is missing or wrong; check twilio_auth_token and public_url."
    return "The token is missing or wrong."


def twilio_signature(auth_token: str, url: str, parameters: Mapping[str, str]) -> str:
    """What Twilio sends as X-Twilio-Signature ("Security: Validating Signatures" in its documentation).

    HMAC-SHA1, in base64, of the address and of each posted parameter's name and value, sorted by name.
    """
    text = url + "".join(name + parameters[name] for name in sorted(parameters))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), sha1).digest()).decode()


def _has_token(token: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    given = (
        headers.get("authorization", "").removeprefix("Bearer "),
        headers.get("x-api-key", ""),
        query.get("token", ""),
    )
    return any(_equal(token, one) for one in given)


def _equal(expected: str, given: str) -> bool:
    """Compared in a time that does not tell how much of it was right."""
    return hmac.compare_digest(expected.encode(), given.encode())
