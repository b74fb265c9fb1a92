"""Pages for those who have not been let in, and addresses without the token. Nothing else is known here.

These pages need no other file: nobody outside gets one.
"""

import base64
import hashlib
from html import escape
from urllib.parse import parse_qsl, quote, unquote, urlencode

LET_IN = "/let-in"
"""Where the form sends what was pasted."""
PASTED, NEXT = "token", "next"
"""Fields of the form: what was pasted, and the address that was asked for."""
_MOST = 300
"""Fields of an address, or of the form."""
_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;display:grid;place-items:center;min-height:90vh;"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:34em;padding:24px;box-sizing:border-box;width:100%}"
    "h1{font-size:22px;margin:0 0 8px}p{margin:0}"
    "label{display:block;margin:24px 0 6px;font-weight:600;font-size:14px}"
    "form div{display:flex;flex-wrap:wrap;gap:8px}input,button{font:inherit;padding:6px 10px;min-height:40px;"
    "box-sizing:border-box}input{flex:1 1 240px;min-width:0}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def plain_policy(policy: str) -> str:
    """Return the Content-Security-Policy of these pages, from that of all others."""
    return policy.replace("style-src 'self'", f"style-src 'sha256-{_STYLE_HASH}'")


def page(message: str, hint: str = "", *, next_page: str = "", asks: bool = False) -> str:
    """Return a page that says one thing, and needs nothing else.

    It goes on to the next page by itself; or, where it `asks`, once the token was pasted into its field.
    """
    goes_on = f'<meta http-equiv="refresh" content="0; url={escape(next_page)}">' if next_page else ""
    form = (
        f'<form method="post" action="{LET_IN}"><input type="hidden" name="{NEXT}" '
        f'value="{escape(next_page)}"><label for="token">The address, or its token</label><div><input '
        f'id="token" name="{PASTED}" required autocomplete="off" autocapitalize="off" spellcheck="false">'
        '<button type="submit">Let me in</button></div></form>'
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{'' if asks else goes_on}<title>segscore</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(message)}</h1><p>{escape(hint)}</p>{form if asks else ''}</main></body>"
        "</html>\n"
    )


def without_token(path: str, query: str) -> tuple[str, str | None]:
    """Return the address of a path and its query without tokens, and the first of these; None for none.

    It leads nowhere but to this application, whatever the path is. ValueError is raised for a query that
    cannot be read.

    Examples
    --------
    >>> without_token("/runs", "find=net&token=abc"), without_token("//elsewhere", "")
    (('/runs?find=net', 'abc'), ('/elsewhere', None))
    """
    fields = parse_qsl(query, max_num_fields=_MOST, keep_blank_values=True)
    tokens = [value for name, value in fields if name == PASTED]
    rest = urlencode([(name, value) for name, value in fields if name != PASTED])
    # Two slashes would begin the name of another machine.
    address = "/" + quote(path.lstrip("/")) + (f"?{rest}" if rest else "")
    return address, tokens[0] if tokens else None


def pasted(body: bytes) -> tuple[str, str]:
    """Return the token that was pasted, alone or in an address, and the address to go on to.

    ValueError is raised for what is no such form.

    Examples
    --------
    >>> pasted(b"token=+http%3A%2F%2F127.0.0.1%3A8571%2F%3Ftoken%3Dabc&next=%2Fruns")
    ('abc', '/runs')
    """
    fields = dict(parse_qsl(body.decode("ascii"), max_num_fields=_MOST, keep_blank_values=True))
    given = fields.get(PASTED, "").strip()
    _, mark, behind = given.partition(f"{PASTED}=")
    path, _, query = fields.get(NEXT, "").partition("?")
    address, _ = without_token(unquote(path), query)
    return behind.partition("&")[0] if mark else given, address
