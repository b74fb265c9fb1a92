"""Who is let in: hosts, origins, tokens, cookies, bodies and paths that are wrong are refused."""

import base64
import hashlib
import re

import pytest

from segscore.app.guard import MAX_BODY, POLICY
from support.applications import ORIGIN, PORT, TOKEN, Visitor, workspace_of
from support.pages import Page

HOST = f"127.0.0.1:{PORT}"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    with Visitor(workspace_of(tmp_path_factory.mktemp("guard"), images=2)) as visitor:
        yield visitor


@pytest.fixture
def stranger(visitor):
    """The same application, asked by somebody who has no cookie."""
    kept = dict(visitor.cookies)
    visitor.cookies.clear()
    yield visitor
    visitor.cookies.clear()
    for name, value in kept.items():
        visitor.cookies.set(name, value, domain="127.0.0.1", path="/")


@pytest.fixture
def cookie(visitor):
    return next(iter(visitor.cookies.items()))


# The first address


def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(stranger):
    answer = stranger.get(f"/?token={TOKEN}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert re.fullmatch(
        rf"segscore-{PORT}=[\w-]{{43}}; Path=/; HttpOnly; SameSite=Strict", answer.headers["set-cookie"]
    )
    assert TOKEN not in answer.headers["set-cookie"] + answer.text
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_elsewhere_lets_in_without_a_redirect_which_would_lose_the_cookie(stranger, site):
    answer = stranger.get(f"/?token={TOKEN}", headers={"sec-fetch-site": site})
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    assert answer.headers["set-cookie"].startswith(f"segscore-{PORT}=")


NOT_LET_IN = {
    "no token": "/",
    "an empty token": "/?token=",
    "the beginning of the token": f"/?token={TOKEN[:-1]}",
    "more than the token": f"/?token={TOKEN}x",
    "a wrong token before the right one": f"/?token=wrong&token={TOKEN}",
    "the token in other letters": f"/?token={TOKEN.upper()}",
    "a wrong token on another page": "/runs?token=wrong",
    "bytes that are no text": "/?token=%ff%fe",
    "a picture": "/runs/r1/pictures/0/target",
    "the state of jobs": "/state",
    "a style sheet": "/static/page.css",
    "a page that is not there": "/nowhere",
}


@pytest.mark.parametrize("address", NOT_LET_IN.values(), ids=NOT_LET_IN)
def test_who_has_no_token_sees_nothing(stranger, address):
    answer = stranger.get(address)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "This browser has not been let in." in answer.text
    assert "streets" not in answer.text


def test_a_token_in_the_address_of_a_form_lets_nobody_in(stranger):
    assert stranger.post(f"/?token={TOKEN}", headers={"origin": ORIGIN}).status_code == 403


@pytest.mark.parametrize(
    ("address", "next_page"),
    [
        (f"/runs?token={TOKEN}", "/runs"),
        (f"/runs?find=a%26b+c&token={TOKEN}&page=2", "/runs?find=a%26b+c&page=2"),
        (f"/compare?run=r1&run=r2&token={TOKEN}&token=x", "/compare?run=r1&run=r2"),
        (f"/a%20b%0d%0aset-cookie?token={TOKEN}", "/a%20b%0D%0Aset-cookie"),
        (f"//evil.example/?token={TOKEN}", "/evil.example/"),
        (f"/%5cevil.example?token={TOKEN}", "/%5Cevil.example"),
    ],
)
def test_the_token_works_at_any_address_and_leaves_it(stranger, address, next_page):
    # By itself, an address that begins with two slashes is one of another machine.
    answer = stranger.get(f"{ORIGIN}{address}")
    assert (answer.status_code, answer.headers["location"]) == (303, next_page)
    assert answer.headers["set-cookie"].startswith(f"segscore-{PORT}=")
    assert TOKEN not in answer.text


def test_a_link_elsewhere_to_another_page_leads_there(stranger):
    headers = {"sec-fetch-site": "cross-site"}
    answer = stranger.get(f"/runs?find=%22%3E%3Cb%3E&token={TOKEN}", headers=headers)
    assert '<meta http-equiv="refresh" content="0; url=/runs?find=%22%3E%3Cb%3E">' in answer.text


def test_an_old_token_leaves_the_address_of_who_has_been_let_in(visitor):
    answer = visitor.get("/runs?token=old&find=net")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?find=net")
    assert "set-cookie" not in answer.headers


def test_who_has_not_been_let_in_can_paste_the_token_and_comes_where_they_wanted(stranger):
    page = Page(stranger.get("/runs?find=net").text).root
    form = page.one("form")
    assert form.attributes == {"method": "post", "action": "/let-in"}
    fields = {one.attributes["name"]: one.attributes.get("value", "") for one in form.every("input")}
    assert fields == {"token": "", "next": "/runs?find=net"}
    assert page.one("label").text == "The address, or its token"
    for pasted in (TOKEN, f"  {ORIGIN}/?token={TOKEN}\n", f"{ORIGIN}/runs?token={TOKEN}&page=2"):
        stranger.cookies.clear()
        answer = stranger.form("/let-in", **{**fields, "token": pasted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/runs?find=net")
        assert stranger.get("/runs").status_code == 200


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "x"])
def test_whoever_pastes_the_token_stays_here(stranger, next_page):
    answer = stranger.form("/let-in", token=TOKEN, next=next_page)
    assert answer.status_code == 303
    assert re.match(r"/(?![/\\])", answer.headers["location"])


@pytest.mark.parametrize("pasted", ["", "wrong", TOKEN[:-1], f"{ORIGIN}/?token=", f"{TOKEN} {TOKEN}"])
def test_a_wrong_token_that_was_pasted_asks_again(stranger, pasted):
    answer = stranger.form("/let-in", token=pasted, next="/runs")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    page = Page(answer.text).root
    assert page.one("h1").text == "This is not the token of this application."
    assert page.one("input", type="hidden").attributes["value"] == "/runs"
    assert "value" not in page.one("input", id="token").attributes


def test_only_the_own_page_can_send_what_was_pasted(stranger):
    for headers in WRONG_ORIGINS.values():
        answer = stranger.post("/let-in", data={"token": TOKEN}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    headers = {"origin": ORIGIN, "content-type": FORM}
    assert stranger.post("/let-in", content=b"token=\xff", headers=headers).status_code == 400


def test_a_form_of_somebody_who_has_lost_the_cookie_changes_nothing_and_asks(stranger):
    answer = stranger.form("/evaluate", model="net", dataset="streets")
    assert answer.status_code == 403
    assert Page(answer.text).root.one("input", type="hidden").attributes["value"] == "/"
    assert stranger.jobs.all() == ()


# Cookies

WRONG_COOKIES = {
    "none": lambda name, value: {},
    "an empty one": lambda name, value: {"cookie": f"{name}="},
    "another value": lambda name, value: {"cookie": f"{name}=wrong"},
    "the token": lambda name, value: {"cookie": f"{name}={TOKEN}"},
    "another name": lambda name, value: {"cookie": f"segscore={value}"},
    "another port": lambda name, value: {"cookie": f"segscore-{PORT + 1}={value}"},
    "more than it": lambda name, value: {"cookie": f"{name}={value}x"},
    "in quotes": lambda name, value: {"cookie": f'{name}="{value}"'},
    "as another header": lambda name, value: {"x-cookie": f"{name}={value}"},
    "as authorization": lambda name, value: {"authorization": f"Bearer {value}"},
}


@pytest.mark.parametrize("headers", WRONG_COOKIES.values(), ids=WRONG_COOKIES)
def test_a_wrong_cookie_opens_nothing(cookie, stranger, headers):
    for address in ("/", "/state", "/static/app.js"):
        assert stranger.get(address, headers=headers(*cookie)).status_code == 403
    answer = stranger.post("/evaluate", data={}, headers={"origin": ORIGIN, **headers(*cookie)})
    assert answer.status_code == 403


def test_a_planted_cookie_does_not_lock_out(visitor, cookie):
    name, value = cookie
    visitor.cookies.clear()
    try:
        answer = visitor.get("/", headers={"cookie": f"{name}=planted; {name}={value}"})
    finally:
        visitor.cookies.set(name, value, domain="127.0.0.1", path="/")
    assert answer.status_code == 200


# Hosts: names that lead to this machine, as in DNS rebinding

WRONG_HOSTS = [
    f"evil.example:{PORT}",
    "127.0.0.1",
    "localhost",
    f"127.0.0.1:{PORT + 1}",
    f"0.0.0.0:{PORT}",
    f"2130706433:{PORT}",
    f"[::ffff:127.0.0.1]:{PORT}",
    f"::1:{PORT}",
    f"localhost.:{PORT}",
    f"127.0.0.1:{PORT}.evil.example",
    f"user@127.0.0.1:{PORT}",
    f"127.0.0.1:{PORT}, evil.example",
    "",
]


@pytest.mark.parametrize("host", WRONG_HOSTS)
def test_another_host_is_refused(visitor, host):
    for address in ("/", f"/?token={TOKEN}", "/static/app.js"):
        answer = visitor.get(address, headers={"host": host})
        assert answer.status_code == 421
        assert "set-cookie" not in answer.headers
    assert visitor.post("/evaluate", data={}, headers={"host": host, "origin": ORIGIN}).status_code == 421


def test_two_hosts_are_refused(visitor):
    headers = [("host", HOST), ("host", "evil.example")]
    assert visitor.get("/", headers=headers).status_code == 421


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}", f"LocalHost:{PORT}", f"[::1]:{PORT}"])
def test_own_hosts_are_answered(visitor, cookie, host):
    headers = {"host": host, "cookie": "=".join(cookie)}
    assert visitor.get("/", headers=headers).status_code == 200
    headers["origin"] = f"http://{host.lower()}"
    assert visitor.post("/jobs/99/dismiss", headers={**headers, "content-type": FORM}).status_code == 303


# Origins: pages of other sites in the same browser

WRONG_ORIGINS = {
    "none": {},
    "null": {"origin": "null"},
    "another site": {"origin": "https://evil.example"},
    "another port": {"origin": f"http://127.0.0.1:{PORT + 1}"},
    "another scheme": {"origin": f"https://127.0.0.1:{PORT}"},
    "another own name": {"origin": f"http://localhost:{PORT}"},
    "a path": {"origin": f"{ORIGIN}/"},
    "a name that begins alike": {"origin": f"{ORIGIN}.evil.example"},
    "an empty one": {"origin": ""},
    "two": [("origin", ORIGIN), ("origin", "https://evil.example")],
    "a referrer in its place": {"referer": f"{ORIGIN}/"},
    "a request across sites": {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    "a request of the same site": {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    "a request without a page": {"origin": ORIGIN, "sec-fetch-site": "none"},
}
CHANGING = [
    "/evaluate",
    "/evaluate/all",
    "/evaluate/dataset",
    *(f"/{kind}/new" for kind in ("evaluate", "models", "datasets")),
]
CHANGING += [f"/jobs/1/{act}" for act in ("cancel", "dismiss", "retry")]
CHANGING += ["/jobs/dismiss"]
CHANGING += [f"/runs/r1/{act}" for act in ("go-on", "again", "remove", "bring-back", "note", "tag", "untag")]


@pytest.mark.parametrize("headers", WRONG_ORIGINS.values(), ids=WRONG_ORIGINS)
def test_another_origin_changes_nothing(visitor, headers):
    for address in CHANGING:
        answer = visitor.post(address, data={"model": "net", "dataset": "streets"}, headers=headers)
        assert answer.status_code == 403
    assert visitor.jobs.all() == ()


def test_all_that_changes_something_is_among_these_addresses(visitor):
    routes = visitor.app._app.routes
    changing = {route.path for route in routes if "POST" in route.methods}
    written = {
        address.replace("/1/", "/{number:int}/").replace("/r1/", "/{run:str}/") for address in CHANGING
    }
    assert changing == written
    assert all(route.methods in ({"POST"}, {"GET", "HEAD"}) for route in routes)


LINK = {"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
FROM_ELSEWHERE = {
    "a picture of another site": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    "a script of another port": {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
    "a frame": {**LINK, "sec-fetch-dest": "iframe"},
    "a fetch of another origin": {"origin": "https://evil.example"},
    "a fetch without origin": {"origin": "null"},
}


@pytest.mark.parametrize("headers", FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE)
def test_pages_elsewhere_cannot_take_anything_in(visitor, headers):
    for address in ("/", "/state", "/runs/r1/pictures/0/target"):
        assert visitor.get(address, headers=headers).status_code == 403


def test_pages_elsewhere_may_link_here(visitor):
    assert visitor.get("/", headers=LINK).status_code == 200


# Bodies


def form(content, **headers):
    """Return what a request of a form holds."""
    return {"content": content, "headers": {"content-type": FORM, **headers}}


WRONG_BODIES = {
    "JSON": (415, {"json": {"model": "net"}}),
    "text": (415, {"content": "model=net", "headers": {"content-type": "text/plain"}}),
    "no type": (415, {"content": b"model=net"}),
    "a form with files": (415, {"files": {"model": b"net"}}),
    "too long": (413, {"data": {"note": "x" * MAX_BODY}}),
    "too long in parts": (413, form(b"x" * 1000 for _ in range(MAX_BODY // 500))),
    "a length that is none": (400, form(b"a=b", **{"content-length": "x"})),
    "a length below nothing": (400, form(b"a=b", **{"content-length": "-3"})),
    "an endless length": (413, form(b"a=b", **{"content-length": "9" * 5000})),
    "no text": (400, form(b"model=\xff")),
    "no form": (400, form(b"model")),
    "too many fields": (400, form(b"&".join([b"a=b"] * 200))),
}


@pytest.mark.parametrize(("status", "request_"), WRONG_BODIES.values(), ids=WRONG_BODIES)
def test_a_body_that_is_no_short_form_is_refused(visitor, status, request_):
    headers = {"origin": ORIGIN, **request_.get("headers", {})}
    assert visitor.post("/evaluate", **{**request_, "headers": headers}).status_code == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(visitor, method):
    assert visitor.request(method, "/", headers={"origin": ORIGIN}).status_code == 405


def test_a_long_address_is_refused(visitor):
    assert visitor.get("/runs?find=" + "x" * 9000).status_code == 414


# Headers


@pytest.mark.parametrize("address", ["/", "/runs", "/state", "/static/app.js", "/nowhere", "/runs/r9"])
def test_every_answer_forbids_what_it_does_not_need(visitor, address):
    headers = visitor.get(address).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if address.startswith("/static/") else "no-store")
    assert "access-control-allow-origin" not in headers


def test_what_is_refused_has_the_headers_too(stranger):
    answer = stranger.get("/")
    headers, style = answer.headers, re.search("<style>(.*?)</style>", answer.text)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = POLICY.replace("style-src 'self'", f"style-src 'sha256-{digest}'")
    assert headers["content-security-policy"] == policy
    assert headers["cache-control"] == "no-store"


def test_pages_have_no_script_and_no_style_within(visitor):
    for address in ("/", "/runs", "/matrix", "/models/new", "/datasets/new", "/compare", "/datasets"):
        text = visitor.get(address).text
        assert re.findall(r"<script(?! src=\"/static/[a-z]+\.js\"></script>)", text) == []
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
        assert '<meta name="referrer"' not in text
