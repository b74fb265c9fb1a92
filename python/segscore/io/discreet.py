"""Exceptions of somebody else's code: what they say, and what is raised for them, without what may be secret.

What a store says may hold an address that was signed, or options as they were given: no error of segscore
that is raised for it leads back to the exception itself, in a traceback or otherwise.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from segscore.base.wording import reason, shortened, with_kind
from segscore.errors import SegscoreError
from segscore.io.addresses import public_text

_LONGEST = 500
"""Characters of what an exception says."""
_SEARCHED = 10_000
"""Characters of it that are searched for addresses."""
_SECRET = 4
"""Characters of an option that may be secret, at least."""


@contextmanager
def discreet(
    made: Callable[[BaseException, str], SegscoreError],
    *secrets: object,
    of: tuple[type[BaseException], ...] = (Exception,),
) -> Iterator[None]:
    """Raise the error that is made of an exception of somebody else's code, and of what that says.

    No text of the lists and options that are `secrets` stands in it. Its cause has the name of the exception,
    its traceback and what is said of it.
    """
    try:
        yield
    except SegscoreError:
        raise
    except of as error:
        text = _said(error, secrets)
        refusal, kind = made(error, with_kind(error, text)), type(error)
        cause = type(kind.__name__, (Exception,), {"__module__": kind.__module__})(text)
        try:
            raise refusal from cause.with_traceback(error.__traceback__)
        finally:
            refusal.__context__ = None  # the exception itself


def _said(error: BaseException, secret: object) -> str:
    """Return what an exception says, in one line."""
    text = reason(error)
    # The longest first, as others may be part of it.
    for one in sorted({*_texts(secret)}, key=lambda one: (-len(one), one)):
        text = text.replace(one, "…")
    return shortened(" ".join(public_text(text[:_SEARCHED]).split()), _LONGEST)


def _texts(secret: object) -> Iterator[str]:
    """Yield the texts in lists and options, also as others write them; short ones are no secrets."""
    if isinstance(secret, bytes):
        secret = secret.decode("utf-8", "replace")
    if isinstance(secret, str):
        if len(secret) >= _SECRET:
            yield from (secret, quote(secret, safe=""), repr(secret)[1:-1])
        return
    several = secret.values() if isinstance(secret, Mapping) else secret
    if isinstance(secret, Mapping | list | tuple | set | frozenset):
        for one in several:  # type: ignore[attr-defined]  # it is one of these
            yield from _texts(one)
