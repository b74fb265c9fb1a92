"""Who may speak with the application: the browser that was given the token, from its own pages alone.

Every request passes here before anything looks at it. What it asks for is of no concern here.

Notes
-----
Against whom: pages of other sites that are open in the same browser (their requests carry no cookie, and
those that change something have another origin), names that lead to this machine (DNS rebinding: the
``Host`` is another), other people on this machine: they know neither token nor cookie. The token stands in
no command line, where they could read it: a browser that is started is given a file that only its owner
can read (`server.first_page`), and goes on to the address from there.

Not against programs of the same person, who can read the workspace anyway; and cookies know no ports, so
that another server on this machine gets the cookie from a browser that visits it under the same name.

``Referrer-Policy`` is ``same-origin`` and not ``no-referrer``, with which browsers send ``Origin: null``
when a form is posted, so that it could not be checked (Fetch Standard, "append a request Origin header").
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = "segscore.body"
"""Where the body of a request is found in its scope."""

MAX_BODY = 256 * 1024
_MAX_QUERY = 8 * 1024
_MAX_PATH = 1024
_FORM = b"application/x-www-form-urlencoded"
_READING = frozenset({"GET", "HEAD"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)
_NO_STORE = ("cache-control", "no-store")
_PLAIN = "segscore.plain"
"""Marks an answer of the guard's own within it."""
_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;display:grid;place-items:center;min-height:90vh;"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:34em;padding:24px}h1{font-size:22px;margin:0 0 8px}"
    "p{margin:0;opacity:.75}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PLAIN_POLICY = POLICY.replace("style-src 'self'", f"style-src 'sha256-{_STYLE_HASH}'")
"""Of pages for those who have not been let in, and so get no style sheet."""


@dataclass(frozen=True)
class Refused(Exception):  # noqa: N818 - it is a decision, and no fault
    """A request that is not answered."""

    status: int
    message: str
    hint: str = ""


_UNKNOWN = Refused(
    403,
    "This browser has not been let in.",
    "Open the address that segscore ui printed in the terminal: it holds a token.",
)


class Guard:
    """Lets requests through to an application, and refuses others.

    The body of a request that is let through is in the scope as `BODY`. `port` is where the application
    listens, `token` what the first address holds.
    """

    def __init__(self, app: "ASGIApp", *, port: int, token: str) -> None:
        self._app = app
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())
        self._token = token
        self._session = secrets.token_urlsafe(32)
        # Cookies know no ports: a second application is not to take the place of the first.
        self.cookie = f"segscore-{port}"

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        reply = _with_headers(send, f"{scope.get('path')}".startswith("/static/"))
        try:
            self._check_host(headers)
            _check_length(scope)
            if scope["path"] == "/" and (token := _token(scope)) is not None:
                self._check_token(scope, token)
                await self._let_in(headers, reply)
                return
            self._check_cookie(headers)
            self._check_origin(scope, headers)
            body = await _body(scope, headers, receive)
        except Refused as refused:
            await _answer(reply, refused.status, _page(refused.message, refused.hint))
            return
        await self._app({**scope, BODY: body}, receive, reply)

    def _check_host(self, headers: dict[str, list[str]]) -> None:
        given = headers.get("host", [])
        if len(given) != 1 or given[0].lower() not in self._hosts:
            raise Refused(
                421,
                "This address is not the application's own.",
                "It answers as 127.0.0.1 and localhost, with its port, and to no other name.",
            )

    def _check_token(self, scope: "Scope", token: str) -> None:
        if scope["method"] not in _READING or not _same(token, self._token):
            raise _UNKNOWN

    def _check_cookie(self, headers: dict[str, list[str]]) -> None:
        found = [
            value
            for line in headers.get("cookie", [])
            for part in line.split(";")
            for name, _, value in (part.strip().partition("="),)
            if name == self.cookie
        ]
        # Others of the same name were planted by another program on this machine: they open nothing.
        if not any(_same(one, self._session) for one in found):
            raise _UNKNOWN

    def _check_origin(self, scope: "Scope", headers: dict[str, list[str]]) -> None:
        site = headers.get("sec-fetch-site", ["same-origin"])
        origin = headers.get("origin", [])
        own = [f"http://{headers['host'][0].lower()}"]
        if scope["method"] in _READING:
            # Pages elsewhere may link to this one; they may not fetch from it, or show it within.
            link = headers.get("sec-fetch-mode") == ["navigate"] and headers.get("sec-fetch-dest") == [
                "document"
            ]
            allowed = link or site in (["same-origin"], ["none"])
            if not allowed or (origin and origin != own):
                raise Refused(403, "Another site asked for this.", "Open it from a page of the application.")
            return
        if origin != own or site != ["same-origin"]:
            raise Refused(
                403, "Another site asked for this, so nothing was changed.", "Use the application's pages."
            )

    async def _let_in(self, headers: dict[str, list[str]], send: "Send") -> None:
        cookie = f"{self.cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
        if headers.get("sec-fetch-site") in (["cross-site"], ["same-site"]):
            # Whoever follows a link on another site gets no strict cookie along a redirect.
            page = _page("Opening …", "", refresh=True)
            await _answer(send, 200, page, ("set-cookie", cookie))
        else:
            await _answer(send, 303, "", ("set-cookie", cookie), ("location", "/"))


def _check_length(scope: "Scope") -> None:
    if len(scope.get("query_string", b"")) > _MAX_QUERY or len(scope["path"]) > _MAX_PATH:
        raise Refused(414, "The address is too long.")


def _page(message: str, hint: str = "", *, refresh: bool = False) -> str:
    """Return a page that says one thing, and needs nothing else."""
    goes_on = '<meta http-equiv="refresh" content="0; url=/">' if refresh else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{goes_on}<title>segscore</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(message)}</h1><p>{escape(hint)}</p></main></body></html>\n"
    )


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def _headers(scope: "Scope") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return found


def _token(scope: "Scope") -> str | None:
    """Return the token in the query, None if there is none."""
    try:
        query = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=20, keep_blank_values=True)
    except ValueError:
        raise Refused(400, "The address cannot be read.") from None
    return query["token"][0] if "token" in query else None


async def _body(scope: "Scope", headers: dict[str, list[str]], receive: "Receive") -> bytes:
    """Return the body of a request, which is a form and short."""
    too_long = Refused(
        413, "That is more than the application takes at once.", "Shorten the texts in the form."
    )
    if scope["method"] not in _READING | {"POST"}:
        raise Refused(405, "This cannot be done here.")
    length = headers.get("content-length", ["0"])
    if len(length) != 1 or not length[0].isdecimal():
        raise Refused(400, "The length of the request cannot be read.")
    if len(length[0]) > 12 or int(length[0]) > MAX_BODY:
        raise too_long
    if scope["method"] in _READING:
        return b""
    kind = headers.get("content-type", [""])[0].partition(";")[0].strip().lower()
    if kind.encode("latin-1") != _FORM:
        raise Refused(415, "The application takes forms and nothing else.")
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request ended too early.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > MAX_BODY:
            raise too_long
    return b"".join(parts)


def _with_headers(send: "Send", is_static: bool) -> "Send":
    """Return a `send` that adds the headers which every answer has."""

    async def sent(message: "Message") -> None:
        if message["type"] == "http.response.start":
            own = dict(_HEADERS if is_static else (*_HEADERS, _NO_STORE))
            if message.pop(_PLAIN, False):
                own["content-security-policy"] = PLAIN_POLICY
            names = {name.encode() for name in own}
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in names]
            message["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in own.items())]
        await send(message)

    return sent


async def _answer(send: "Send", status: int, text: str, *headers: tuple[str, str]) -> None:
    body = text.encode()
    lines = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *((name.encode(), value.encode()) for name, value in headers),
    ]
    await send({"type": "http.response.start", "status": status, "headers": lines, _PLAIN: True})
    await send({"type": "http.response.body", "body": body})
