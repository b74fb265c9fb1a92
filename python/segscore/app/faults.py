"""What is wrong with the fields of a form, collected so that all of it is said at once, each at its field.

What is wrong with a query is told from what is not there: addresses are wrong in both, in unlike ways.

How pages spell it is in `state`, what fields mean in `forms`.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from segscore.app.page import Notice
from segscore.base.naming import Argument, Face, spelled
from segscore.base.wording import shortened
from segscore.errors import ArgumentError, SegscoreError, hints_of

_FIELDS = {
    "target": "targets",
    "ignore_index": "ignore",
    **dict.fromkeys(("onnx", "python", "predictions"), "source"),
}
"""Fields that are not called as the arguments that messages name."""


class Fault(NamedTuple):
    """What is wrong with a field."""

    field: str
    """The name of the field; empty if it is of none."""
    error: SegscoreError


class FormError(SegscoreError, ValueError):
    """Fields of a form cannot be what they are; ``faults`` has every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        errors = [fault.error for fault in faults]
        super().__init__("\n".join(error.message for error in errors), hints_of(errors))
        self.faults = tuple(faults)


class QueryError(FormError):
    """What a query asks of a page that is there cannot be."""


@contextmanager
def of_query() -> Iterator[None]:
    """Take an argument that the block refuses for one of the query."""
    try:
        yield
    except ArgumentError as error:
        raise QueryError([Fault("", error)]) from error


def check_query(pairs: Iterable[tuple[str, str]], several: Container[str] = ()) -> None:
    """Raise QueryError where a query names anything twice but `several`, as nobody knows which is meant."""
    counted = Counter(name for name, _ in pairs)
    for name, times in counted.items():
        if times > 1 and name not in several:
            with of_query():
                raise ArgumentError(
                    f"`{shortened(name)}` is in the address {times:,} times, expected it once",
                    "leave one of them",
                )


class Faults:
    """Faults of a form that is being read."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def __bool__(self) -> bool:
        """Return whether anything is wrong."""
        return bool(self.found)

    @contextmanager
    def at(self, *fields: str) -> Iterator[None]:
        """Take an error of the block for a fault: of the field that it names of these, or of the first.

        Without fields it is one of whichever field it names.
        """
        try:
            yield
        except SegscoreError as error:
            named = [_FIELDS.get(name, name) for name in _named_in(error)]
            fitting = [name for name in named if not fields or name in fields]
            self.found.append(Fault((*fitting, *fields, "")[0], error))

    def each(self, check: Callable[[dict[str, Any]], object], given: Mapping[str, Any]) -> None:
        """Check arguments together, and once more without each that is refused, until the rest is right.

        What an error says of an argument that was refused before is no fault of another one.
        """
        left, refused = dict(given), set[str]()
        while (error := _refusal(check, left)) is not None:
            named = _named_in(error)
            wrong = next((name for name in named if name in left), None) or _cause(check, left, error)
            if refused.isdisjoint(named):
                self.found.append(Fault(wrong or "", error))
            if wrong is None:
                return
            del left[wrong]
            refused.add(wrong)

    def check(self) -> None:
        """Raise all that was found as one error."""
        if self.found:
            raise FormError(self.found)


def _refusal(check: Callable[[dict[str, Any]], object], given: Mapping[str, Any]) -> SegscoreError | None:
    try:
        check(dict(given))
    except SegscoreError as error:
        return error
    return None


def _cause(
    check: Callable[[dict[str, Any]], object], given: Mapping[str, Any], error: SegscoreError
) -> str | None:
    """Return the argument without which there is no such error, for one that names none."""
    for name in given:
        other = _refusal(check, {key: value for key, value in given.items() if key != name})
        if other is None or other.message != error.message:
            return name
    return None


def _named_in(error: SegscoreError) -> list[str]:
    """Return the arguments that the message of an error names, in its order."""
    found: list[str] = []

    def spell(argument: Argument) -> str:
        found.append(argument.name)
        return argument.name

    spelled(error.message, Face("forms", spell))
    return found


def faults_of(error: SegscoreError) -> Sequence[Fault]:
    """Return what was collected in an error; any other one is a fault of the field that it names."""
    if isinstance(error, FormError):
        return error.faults
    faults = Faults()
    with faults.at():
        raise error
    return faults.found


class Filled(dict[str, str]):
    """A form as it was filled in, with what is wrong with its fields, which a template draws in turn."""

    def __init__(
        self, fields: Mapping[str, str] | None = None, faults: Sequence[tuple[str, Notice]] = ()
    ) -> None:
        super().__init__(fields or {})
        self._faults = tuple(faults)
        self._drawn: dict[str, None] = {}

    def faults(self, name: str) -> list[Notice]:
        """Return what is wrong with a field, which has a place on the page from now on."""
        found = [notice for field, notice in self._faults if field == name]
        if found:
            self._drawn[name] = None
        return found

    def is_first(self, name: str) -> bool:
        """Whether a field is the first of the page that something is wrong with."""
        return next(iter(self._drawn), None) == name

    def concerns(self, *names: str) -> bool:
        """Whether one of these fields is filled in, or something is wrong with one."""
        return any(self.get(name, "").strip() for name in names) or any(
            field in names for field, _ in self._faults
        )

    @property
    def summary(self) -> list[tuple[str, Notice]]:
        """What is wrong, in the order of the fields on the page; those without a place there come first."""
        order = list(self._drawn)
        placed = [(field if field in self._drawn else "", notice) for field, notice in self._faults]
        return sorted(placed, key=lambda one: order.index(one[0]) if one[0] else -1)
