"""What an error or a warning says, in one line of a test. Nothing here is a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import format_exception

import pytest

from segscore import SegscoreError, SegscoreWarning


def refused(kind: type[Exception], call: object, /, *arguments: object, **options: object) -> str:
    """Return the text of the error that a call raises."""
    with pytest.raises(kind) as caught:
        call(*arguments, **options)  # type: ignore[operator]
    assert type(caught.value) is kind
    return str(caught.value)


def traced(kind: type[Exception], call: object, /, *arguments: object, **options: object) -> str:
    """Return all that can be found out from an error that a call raises, tracebacks and causes included."""
    with pytest.raises(kind) as caught:
        call(*arguments, **options)  # type: ignore[operator]
    found, texts = [caught.value], ["".join(format_exception(caught.value))]
    for error in found:
        texts += repr(error), repr(vars(error))
        found += [one for one in (error.__cause__, error.__context__) if one is not None]
    return "\n".join(texts)


def assert_refused(message: str, hint: str, call: object, /, *arguments: object) -> None:
    """Check the kind and the message of the error that a call raises, and its hint; empty for none."""
    with pytest.raises(SegscoreError) as caught:
        call(*arguments)  # type: ignore[operator]
    said, _, help_ = str(caught.value).partition("\nhint: ")
    assert f"{type(caught.value).__name__}: {said}" == message
    assert help_ == hint


@contextmanager
def warned(text: str, at: str | None = None) -> Iterator[None]:
    """Expect just this warning, at a line of the file `at` if that is given."""
    with pytest.warns(SegscoreWarning) as told:
        yield
    assert [str(one.message) for one in told] == [text]
    assert at in (None, told[0].filename)
