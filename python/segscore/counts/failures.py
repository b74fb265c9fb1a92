"""Images that could not be scored, and lists of them: the same of many is said of three and counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from segscore.base.naming import arg, marked, restored, stored
from segscore.base.shown import Shown, brief
from segscore.base.wording import show, visible
from segscore.errors import ArgumentError, InternalError, SegscoreError, saved_hint
from segscore.io.kinds import split_suffix

_NO_PREDICTION = "there is no prediction of this name"
_SHOWN = 20
"""Lines of failures that a list has."""
_ALIKE = 3
"""Images of which the same is said one by one."""


@dataclass(frozen=True)
class Failure(Shown):
    """An image that could not be scored.

    Attributes
    ----------
    name : str
        Of the image.
    message : str
        What was expected and what was found.
    hint : str or None
        What to do about it.
    kind : str
        "missing" for a target without a prediction, or that of the error that was met, see `SegscoreError`;
        it is not compared.
    """

    name: str
    message: str
    hint: str | None = None
    kind: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return the name and the message in one line."""
        return f"{show(self.name)}: {visible(self.message)}"

    @staticmethod
    def of(name: str, error: Exception) -> "Failure":
        """Return the failure of an image for the exception that it met."""
        if isinstance(error, InternalError) or not isinstance(error, SegscoreError):
            raise error
        return Failure(name, error.message, error.hint, error.kind)

    @staticmethod
    def missing(name: str) -> "Failure":
        """Return the failure of a target without a prediction."""
        return Failure(name, _NO_PREDICTION, kind="missing")

    @staticmethod
    def kept(
        name: str, message: list[Any] | str, hint: list[Any] | str | None, kind: str | None = None
    ) -> "Failure":
        """Return a failure that was saved; what was saved before there were kinds has its sentence alone."""
        if kind is None:
            kind = "missing" if message == _NO_PREDICTION else ""
        return Failure(name, restored(message), saved_hint(hint), kind)

    def parts(self) -> tuple[list[Any], list[Any] | None]:
        """Return message and hint as JSON can keep them, with what they name."""
        return stored(self.message), None if self.hint is None else stored(self.hint)

    def __reduce__(self) -> tuple[Callable[..., "Failure"], tuple[Any, ...]]:
        return Failure.kept, (self.name, *self.parts(), self.kind)

    def __setstate__(self, state: dict[str, str | None]) -> None:
        # Of a failure that was pickled before there were kinds.
        vars(self).update(vars(Failure.kept(**state)))  # type: ignore[arg-type]


def skips(on_error: object) -> bool:
    """Return whether images that cannot be scored are left out, or raise ArgumentError."""
    if on_error not in ("raise", "skip"):
        raise ArgumentError(f"{arg('on_error')} is {brief(on_error)}", 'it is "raise" or "skip"')
    return on_error == "skip"


def failure_lines(failures: Sequence[Failure], more: str = "", *, limit: int = _SHOWN) -> list[str]:
    """Return a line for each failure, but not for all of which the same is said; `more` says where all are.

    They keep the marks of what they name, to be part of a message.

    Examples
    --------
    >>> failed = [Failure(f"{i}", f"target/{i}.png: the file is empty") for i in range(9)]
    >>> failure_lines(failed)[2:]
    ['2: target/2.png: the file is empty', 'and 6 more: the file is empty']
    """
    lines: list[str] = []
    alike: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for failure in failures:
        said = _without_file(failure)
        if len(lines) < limit and alike[said] < _ALIKE:
            alike[said] += 1
            lines.append(f"{show(failure.name)}: {marked(failure.message)}")
        else:
            left[said] += 1
    others = sum(number for said, number in left.items() if said not in alike)
    lines += [f"and {number:,} more: {said}" for said, number in left.items() if said in alike]
    return lines + ([f"and {others:,} more{more}"] if others else [])


def alike(failures: Iterable[Failure]) -> dict[str, list[Failure]]:
    """Return failures by what is said of each without its file, the most frequent first.

    Examples
    --------
    >>> failed = [Failure(name, f"{name}.png: it is empty") for name in "abc"]
    >>> failed[1] = Failure("b", "there is no mask")
    >>> {said: [one.name for one in of] for said, of in alike(failed).items()}
    {'it is empty': ['a', 'c'], 'there is no mask': ['b']}
    """
    found: dict[str, list[Failure]] = {}
    for failure in failures:
        found.setdefault(_without_file(failure), []).append(failure)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))


def _without_file(failure: Failure) -> str:
    """Return what is said of an image without the file of it that the message begins with."""
    message = marked(failure.message)
    path, colon, said = message.partition(": ")
    return said if colon and split_suffix(path)[0].endswith(failure.name) else message
