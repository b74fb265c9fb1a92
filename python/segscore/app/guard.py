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

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segscore.app import door

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
_PLAIN_POLICY = door.plain_policy(POLICY)
"""Of pages for those who have not been let in, and so get no style sheet."""


@dataclass(frozen=True)
class Refused(Exception):  # noqa: N818 - it is a decision, and no fault
    """A request that is not answered."""

    status: int
    message: str
    hint: str = ""
    next_page: str = ""
    """Where whoever is let in now goes on; empty where that would not help."""


_HINT = "Open the address that segscore ui printed in the terminal, or paste it here: it holds a token."


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
            address, token = _address(scope)
            if token is not None and _same(token, self._token):
                await self._let_in(headers, address, reply)
                return
            if scope["path"] == door.LET_IN and scope["method"] == "POST":
                self._check_origin(scope, headers)
                address = self._pasted(await _body(scope, headers, receive))
                await self._let_in(headers, address, reply)
                return
            self._check_cookie(headers, address)
            self._check_origin(scope, headers)
            body = await _body(scope, headers, receive)
            if token is not None:  # an old one, which is not to stay in the address
                await _answer(reply, 303, "", ("location", address))
                return
        except Refused as refused:
            page = door.page(
                refused.message, refused.hint, next_page=refused.next_page, asks=bool(refused.next_page)
            )
            await _answer(reply, refused.status, page)
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

    def _pasted(self, body: bytes) -> str:
        """Return where whoever has pasted the token goes on."""
        try:
            token, address = door.pasted(body)
        except ValueError:
            raise Refused(400, "The form cannot be read.") from None
        if not _same(token, self._token):
            raise Refused(403, "This is not the token of this application.", _HINT, address)
        return address

    def _check_cookie(self, headers: dict[str, list[str]], address: str) -> None:
        found = [
            value
            for line in headers.get("cookie", [])
            for part in line.split(";")
            for name, _, value in (part.strip().partition("="),)
            if name == self.cookie
        ]
        # Others of the same name were planted by another program on this machine: they open nothing.
        if not any(_same(one, self._session) for one in found):
            raise Refused(403, "This browser has not been let in.", _HINT, address)

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

    async def _let_in(self, headers: dict[str, list[str]], address: str, send: "Send") -> None:
        cookie = f"{self.cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
        if headers.get("sec-fetch-site") in (["cross-site"], ["same-site"]):
            # Whoever follows a link on another site gets no strict cookie along a redirect.
            page = door.page("Opening …", next_page=address)
            await _answer(send, 200, page, ("set-cookie", cookie))
        else:
            await _answer(send, 303, "", ("set-cookie", cookie), ("location", address))


def _check_length(scope: "Scope") -> None:
    if len(scope.get("query_string", b"")) > _MAX_QUERY or len(scope["path"]) > _MAX_PATH:
        raise Refused(414, "The address is too long.")


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def _headers(scope: "Scope") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return found


def _address(scope: "Scope") -> tuple[str, str | None]:
    """Return the address that is asked for without a token, and the token; what changes something has none.

    Whoever is let in after a form was refused goes on to the first page.
    """
    if scope["method"] not in _READING:
        return "/", None
    try:
        return door.without_token(scope["path"], scope["query_string"].decode("ascii"))
    except ValueError:
        raise Refused(400, "The address cannot be read.") from None


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
                own["content-security-policy"] = _PLAIN_POLICY
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
