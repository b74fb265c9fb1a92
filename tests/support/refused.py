"""What an error says, in one line of a test. Nothing here is a test."""

import pytest


def refused(kind: type[Exception], call: object, /, *arguments: object, **options: object) -> str:
    """Return the text of the error that a call raises."""
    with pytest.raises(kind) as caught:
        call(*arguments, **options)  # type: ignore[operator]
    assert type(caught.value) is kind
    return str(caught.value)
