"""A sign-in service for tests: OpenID Connect's code flow over plain HTTP, with one link a person instead of passwords.

`python -m tests.oidc_provider PORT`; the claims of each person are in PEOPLE.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

PEOPLE = {
    "ana": {"email": "ana@example.org", "email_verified": True},
    "mia": {"email": "mia@example.org", "email_verified": True},
    "eve": {"email": "eve@example.org", "email_verified": True},
    "mallory": {"email": "ana@example.org", "email_verified": False},
}
KEY = RSAKey.generate_key(2048, parameters={"kid": "test", "use": "sig", "alg": "RS256"})
CODES: dict[str, dict[str, str]] = {}
"""By code, whom it stands for and the nonce it was asked with."""


class Provider(BaseHTTPRequestHandler):
    """Discovery, keys, authorization, token."""

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self.answer(self.discovery())
        elif url.path == "/keys":
            self.answer({"keys": [KEY.as_dict(private=False)]})
        elif url.path == "/authorize":
            self.choose(query)
        elif url.path == "/chosen":
            code = f"code-{len(CODES)}"
            CODES[code] = {"who": query["who"], "nonce": query.get("nonce", ""), "client": query["client_id"]}
            back = urlencode({"code": code, "state": query["state"]})
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self):
        given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = CODES.pop(given["code"][0], None)
        if known is None:
            self.answer({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": known["who"], "aud": known["client"], "iat": now, "exp": now + 600}
        claims |= {"nonce": known["nonce"]} | PEOPLE[known["who"]]
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, KEY)
        self.answer({"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def choose(self, query):
        links = "".join(f'<a id="{who}" href="/chosen?{urlencode(query | {"who": who})}">{who}</a> ' for who in PEOPLE)
        self.answer(f"<!doctype html><title>Sign in</title><h1>Who are you?</h1>{links}")

    def answer(self, body, status=200):
        page = isinstance(body, str)
        data = (body if page else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if page else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()
