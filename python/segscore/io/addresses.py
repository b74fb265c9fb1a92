"""Addresses such as ``s3://bucket/a.png``: what of them may be shown, and how a chain of them is taken apart.

Nothing is opened here.
"""

import os
import re
from typing import NamedTuple
from urllib.parse import quote, unquote

# Its length is bounded, so that a search in a long text of somebody else takes no longer than the text is.
_NAME = "[A-Za-z][A-Za-z0-9+.-]{1,30}"
_SCHEME = f"{_NAME}://"
_ADDRESS = re.compile(rf"(?:{_NAME}::)*{_SCHEME}")
# A password may hold what nobody encoded, such as a slash: all before the last `@` may be part of it, but for
# what is asked for. Where nothing but digits stands behind the colon that may be a port, and what follows a
# path: `doubtful` says so.
_WHOLE = re.compile(
    rf"({_SCHEME})((?:[^/?#@:\[]*:(?:(?:[^?#]|[?#](?![^@]*=))*|(?!\d*(?:[/?#]|$)).*)@|[^/?#]*@)?)"
    r"([^?#]*)([?#].*)?",
    re.DOTALL,
)
_WITHIN = re.compile(
    rf"({_SCHEME})((?:[^/\s'\"?#@:\[]*:(?:(?:[^\s'\"?#]|[?#](?![^\s'\"@]{{0,100}}=)){{0,400}}"
    r"|(?!\d*(?:[/\s'\"?#]|$))[^\s'\"]{0,400})@|[^/\s'\"?#]*@)?)"
    r"([^\s'\"?#]*)([?#][^\s'\"]*)?"
)
_NEXT = re.compile(rf"::(?={_NAME}(?:::|://))")
"""What stands before an archive or a store in a chain; two colons may be part of a password, too."""
_ONE_SLASH = re.compile(rf"({_NAME}:)/(?=[^/])")
_FILE = "file://"
_WEB = ("http://", "https://")
_NO_PASSWORDS = ("github://", "zip://", "tar://")
"""Where a repository, or the name of a member, may hold a colon and an `@`."""


def is_address(text: str) -> bool:
    """Whether a text is an address such as ``s3://bucket/a.png``, perhaps with a cache before it."""
    return _ADDRESS.match(text) is not None


def address_in(path: str) -> str | None:
    """Return the address that a text or a path is, which `pathlib` has taken a slash from; None for others.

    Examples
    --------
    >>> address_in("http:/host/a.png"), address_in("folder/a.png")
    ('http://host/a.png', None)
    """
    if is_address(path):
        return path
    found = _ONE_SLASH.match(path)
    return None if found is None or os.path.isdir(found[1]) else f"{found[1]}//{path[found.end() :]}"


def local(text: str) -> str:
    """Return the path of a file or folder of this machine where an address names one, else the text itself.

    Examples
    --------
    >>> local("FILE:///a/b.png"), local("file://a.zip::x"), local("s3://b/c.png")
    ('/a/b.png', 'file://a.zip::x', 's3://b/c.png')
    """
    return text[len(_FILE) :] if text[: len(_FILE)].lower() == _FILE and "::" not in text else text


def lowered(address: str) -> str:
    """Return an address with its schemes in lower case, as fsspec knows them.

    Examples
    --------
    >>> lowered("ZIP://A.png::HTTPS://Host/X.zip")
    'zip://A.png::https://Host/X.zip'
    """
    return "::".join(
        _ADDRESS.sub(lambda found: found[0].lower(), one, count=1) for one in _NEXT.split(address)
    )


def public(address: str) -> str:
    """Return an address without what it may keep secret: a password, and what follows ``?`` or ``#``.

    Examples
    --------
    >>> public("zip://a.png::https://me:word@host/x.zip?sig=1"), public("s3://bucket/a@2x.png")
    ('zip://a.png::https://host/x.zip', 's3://bucket/a@2x.png')
    """
    return "::".join(_WHOLE.sub(_public, part) for part in _NEXT.split(address))


def secrets_of(address: str) -> list[str]:
    """Return what `public` leaves out of an address, as whoever is asked for it may say it again.

    Examples
    --------
    >>> secrets_of("zip://a.png::https://me:word@host/x.zip?sig=1")
    ['me:word', 'word', 'sig=1', '1']
    """
    found: list[str] = []
    for part in _NEXT.split(address):
        if (match := _WHOLE.match(part)) is not None:
            shown, (_, user, _, asked) = _public(match), match.groups()
            if user and user not in shown:
                found += [user[:-1], user[:-1].partition(":")[2]]
            if asked and asked not in shown:
                found += [asked[1:], *(one.partition("=")[2] for one in re.split("[?#&;]", asked))]
    # What was encoded is often said decoded.
    return [secret for secret in dict.fromkeys([*found, *map(unquote, found)]) if secret]


def doubtful(address: str) -> bool:
    """Whether nothing tells a password from a path in an address, of which both are hidden then.

    Examples
    --------
    >>> doubtful("http://me:12/word@host/a.png"), doubtful("http://host:12/a@2x.png")
    (True, True)
    >>> doubtful("http://me:12%2Fword@host/a.png"), doubtful("http://host/a@2x.png")
    (False, False)
    """
    parts = map(_WHOLE.match, _NEXT.split(address))
    return any(
        part is not None
        and part[1].lower() not in _NO_PASSWORDS
        and ":" in part[2]
        and not {*"/?#"}.isdisjoint(part[2])
        for part in parts
    )


def public_text(text: str) -> str:
    """Return a text without what addresses in it may keep secret.

    Examples
    --------
    >>> public_text("404, message='Not Found', url='https://host/a.png?sig=1'")
    "404, message='Not Found', url='https://host/a.png'"
    """
    return _WITHIN.sub(_public, text)


def _public(found: re.Match[str]) -> str:
    scheme, user, path, asked = found.groups()
    web = scheme.lower() in _WEB
    # In stores `?` and `#` may be part of a name or a pattern, and what is before an `@` a container.
    kept = "" if asked is None or web or "=" in asked else asked
    secret = web or (":" in user and scheme.lower() not in _NO_PASSWORDS)
    return f"{scheme}{'' if secret else user}{path}{kept}"


class Address(str):
    """An address that a function of the user reads: the text is what messages and results call it."""

    __slots__ = ("whole",)
    whole: str
    """What the function is given, with all that may be secret."""

    @classmethod
    def of(cls, address: str) -> "Address":
        """Return an address under its public form."""
        made = cls(public(address))
        made.whole = address
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return Address.of, (self.whole,)


class Chain(NamedTuple):
    """An address, and those of the archives that it is in, as fsspec writes them: ``zip://a.png::s3://b/c.zip``."""

    scheme: str
    """Of the file, such as ``zip``, with caches before it as in ``simplecache::s3``."""
    path: str
    """What follows it."""
    rest: str
    """The archives with what joins them, ``::s3://b/c.zip``; empty where it is in none."""

    @staticmethod
    def of(address: str) -> "Chain":
        """Take an address apart.

        Examples
        --------
        >>> Chain.of("zip://a.png::s3://b/c.zip")
        Chain(scheme='zip', path='a.png', rest='::s3://b/c.zip')
        """
        scheme, _, path = address.partition("://")
        path, joined, rest = path.partition("::")
        return Chain(scheme.lower(), path, joined + rest)

    def beside(self, path: str) -> str | None:
        """Return the address of a file that this one names; None unless it is below the same folder.

        Examples
        --------
        >>> Chain.of("https://host/val/a.parquet?sig=1").beside("masks/a b.png")
        'https://host/val/masks/a%20b.png'
        >>> Chain.of("zip://a.parquet::s3://b/c.zip").beside("../d.png") is None
        True
        """
        if not path or path.startswith("/") or "\\" in path or "::" in path or ".." in path.split("/"):
            return None
        own = re.split("[?#]", self.path, maxsplit=1)[0] if self.is_web else self.path
        folder, slash, _ = own.rpartition("/")
        return f"{self.scheme}://{folder}{slash}{quote(path) if self.is_web else path}{self.rest}"

    @property
    def protocol(self) -> str:
        """Of the file without caches, such as ``s3``."""
        return self.scheme.rpartition("::")[2]

    @property
    def is_web(self) -> bool:
        """Whether it is read from a web server, where ``?`` begins what is asked for."""
        return self.protocol in ("http", "https")
