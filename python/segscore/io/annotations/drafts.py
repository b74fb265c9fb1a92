"""What a reader of annotations has found so far, and all that is wrong with its files, which is said at once.

Files are untrusted: each value is looked at before anything is made of it, and a reader goes on behind what
is wrong, to the next object.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, NoReturn

import numpy as np

from segscore.base.limits import MOST_JSON
from segscore.base.naming import arg, by_face
from segscore.base.shown import brief
from segscore.base.values import Floats, is_int, real
from segscore.base.wording import reason, show
from segscore.classes.labels import Colour
from segscore.errors import FileFormatError
from segscore.io.annotations.record import Image, Object
from segscore.io.whole import content_of, refused

_MOST_FINDINGS = 10_000
"""So that a file in which all is wrong costs no more than one that is right."""
_MOST_NAME = 1_000
_FAR = 1_000_000
"""How far outlines may lie from the first pixel, as for the core."""
_ROUNDED = 1e-3
NO_MASK = "objects with a box and no mask"
NO_AREA = "lines and points, which have no area"
"""What is left out, as it is counted."""
OF_SIZES = by_face(
    "`read_annotations` takes `size=(640, 480)`, or the folder of the images as `images`",
    command_line="`--size 640x480` gives all images one size, and `segscore convert` takes the folder of "
    "`--images`",
)


class WrongError(Exception):
    """What is wrong at a place of a file: what was expected, what was found, and perhaps what helps."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint


_TOO_LARGE = f"check the size given; if it is really so large, raise {arg('max_pixels')}"
_LARGE_PHOTOGRAPH = (
    f"raise {arg('max_pixels')} if the photograph is meant to be so large; else use a smaller one"
)


def wrong(what: str, hint: str | None = None) -> NoReturn:
    """Raise the error for what is wrong where one is reading."""
    raise WrongError(what, hint)


class Size(NamedTuple):
    """Height and width of an image, and the photograph that says so, unless somebody has given them."""

    height: int
    width: int
    photograph: str = ""


class Options(NamedTuple):
    """What is known of annotations beside what files say."""

    size: Callable[[str, str], Size | None]
    """Height and width of an image, by what it is called and the file that says so."""
    attribute: str | None
    """Which attribute of a region is its class, where a format does not know."""
    annotator: str | None
    """Whose annotations count, where several have drawn."""
    max_pixels: int


NOTHING_KNOWN = Options(lambda _, __: None, None, None, 0)


class Draft:
    """Classes and images that were read of files, and what is wrong with these."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.images: list[Image] = []
        self.classes: dict[str, int] = {}
        """Numbers of classes by name, in the order of the file, or in that in which they were met."""
        self.numbers: list[int] = []
        """What the file calls its classes, where these are numbers that label maps may have."""
        self.colours: dict[str, Colour] = {}
        """Those of classes, where files say them."""
        self.listed = False
        """Whether the file lists its classes, in an order of its own."""
        self.findings: list[str] = []
        self.hints: dict[str, None] = {}
        """What helps with these, in order, where that is another thing than a new export."""
        self.left_out: Counter[str] = Counter()
        """What has no mask, by what it is."""
        self.files: list[str] = []
        self.parsed: dict[str, Any] = {}
        """What was read to tell the format of a file."""
        self._names: set[str] = set()

    @contextmanager
    def at(self, path: str, place: str = "") -> Iterator[None]:
        """Keep what is wrong at a place of a file as a finding, and go on behind it."""
        try:
            yield
        except WrongError as error:
            self.findings.append(f"{show(path)}{place and f', {place}'}: {error}")
            if error.hint is not None:
                self.hints[error.hint] = None
            if len(self.findings) >= _MOST_FINDINGS:
                raise self.refused() from None

    def refused(self) -> FileFormatError:
        """Return the error for all that is wrong with the files."""
        return refused(self.findings, "; ".join(self.hints)) if self.hints else refused(self.findings)

    def content(self, path: str) -> bytes:
        """Return what a file holds, or raise FileFormatError."""
        self.files.append(path)
        return content_of(path, MOST_JSON, "check that it is there")

    def label(self, name: object) -> int:
        """Return the number of a class, which is a new one unless the file lists its classes."""
        if not isinstance(name, str) or not name.strip() or len(name) > _MOST_NAME or not _is_text(name):
            wrong(f"expected the name of a class, found {brief(name)}")
        if name not in self.classes and self.listed:
            wrong(f"expected a class that the file lists, found {brief(name)}")
        return self.classes.setdefault(name, len(self.classes))

    def leaves_out(self, kind: object, known: Mapping[str, str]) -> bool:
        """Whether objects of a kind have no mask, by what is known of kinds; such a one is counted."""
        if not isinstance(kind, str) or kind not in known:
            return False
        self.left_out[known[kind]] += 1
        return True

    def size(self, file: str, path: str, height: object = None, width: object = None) -> tuple[int, int]:
        """Return height and width of an image, which its file says or somebody else knows."""
        photograph, hint = "", None
        if height is None and width is None:
            known = self.options.size(file, path)
            if known is None:
                wrong(f"expected the size of {show(file)}, which the file does not say", OF_SIZES)
            height, width, photograph = known
            hint = _LARGE_PHOTOGRAPH if photograph else _TOO_LARGE
        if not is_int(height) or not is_int(width) or height < 1 or width < 1:
            wrong(f"expected a height and a width of an image, found {brief(height)} and {brief(width)}")
        if height * width > self.options.max_pixels:
            found = f"{height} x {width}{photograph and f' in {show(photograph)}'}"
            wrong(f"expected an image of at most {self.options.max_pixels:,} pixels, found {found}", hint)
        return height, width

    def add(
        self, path: str, file: str, size: tuple[int, int], objects: Iterable[Object], shown: str | None = None
    ) -> None:
        """Add an image, which no other one is called as; `shown` is its file, if it has another name."""
        name = name_of(file) if shown is None else name_of(f"{file}.")
        if name in self._names:
            wrong(f"expected images of different names, found {show(name)} twice")
        self._names.add(name)
        self.images.append(Image(name, file if shown is None else shown, *size, tuple(objects), path))

    def ordered_classes(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return the names of classes and where each number of a class is among them.

        Where files list none, they are sorted, so that no order of files or objects tells.
        """
        names = [*self.classes]
        if not self.listed:
            names.sort()
        place = {name: i for i, name in enumerate(names)}
        return tuple(names), tuple([place[name] for name in self.classes])


def name_of(file: object) -> str:
    """Return what the image of a file is called: its path below a folder, without ending."""
    text = file.replace("\\", "/") if isinstance(file, str) else ""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in text or len(text) > _MOST_NAME or not _is_text(text):
        wrong(f"expected the name of an image, found {brief(file)}")
    stem, dot, _ = parts[-1].rpartition(".")
    return "/".join([*parts[:-1], stem if dot and stem else parts[-1]])


def _is_text(text: str) -> bool:
    """Whether a text can be the name of a file, as one with halves of characters cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_of(draft: Draft, path: str) -> Any:
    """Return what a file of JSON holds; a `WrongError` says that it is none."""
    if path in draft.parsed:
        return draft.parsed.pop(path)
    content = draft.content(path)
    try:
        return json.loads(content, parse_constant=_no_number)
    except RecursionError:
        wrong("expected JSON, found brackets that are nested too deep")
    except ValueError as error:
        wrong(f"expected JSON, found something else: {reason(error)}")


def decoded(content: bytes) -> str:
    """Return a text in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except ValueError:
        wrong("expected text in UTF-8, found other bytes")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def entry(value: object, what: str = "an object") -> dict[str, Any]:
    """Return an object of JSON."""
    if not isinstance(value, dict):
        wrong(f"expected {what}, found {brief(value)}")
    return value


def items(of: dict[str, Any], key: str) -> list[Any]:
    """Return a list of an object of JSON."""
    if not isinstance(found := of.get(key), list):
        wrong(f"expected a list of `{key}`, found {_found(found)}")
    return found


def text(of: dict[str, Any], key: str) -> str:
    """Return a text of an object of JSON."""
    if not isinstance(found := of.get(key), str):
        wrong(f"expected a text as `{key}`, found {_found(found)}")
    return found


def whole(of: dict[str, Any], key: str, otherwise: int | None = None) -> int:
    """Return a whole number of an object of JSON, below 2**53 as those of all tools are."""
    found = of.get(key)
    if found is None and otherwise is not None:
        return otherwise
    if not is_int(found) or abs(found) >= 1 << 53:
        wrong(f"expected a whole number as `{key}`, found {_found(found)}")
    return found


def finite(of: Mapping[str, Any], key: str) -> float:
    """Return a finite number of an object of JSON."""
    if (found := real(of.get(key))) is None:
        wrong(f"expected a number as `{key}`, found {_found(of.get(key))}")
    return found


def _found(value: object) -> str:
    return "none" if value is None else brief(value)


def numbers(values: object, what: str = "numbers") -> Floats:
    """Return a list of finite numbers."""
    if not isinstance(values, list):
        wrong(f"expected a list of {what}, found {_found(values)}")
    # What JSON makes has few types, so that most lists need no look at each number.
    if {*map(type, values)} <= {int, float}:
        with suppress(OverflowError):
            found = np.array(values, dtype=np.float64)
            if np.isfinite(found).all():
                return found
    strange = next(value for value in values if real(value) is None)
    wrong(f"expected a list of {what}, found {brief(strange)} in it")


def check_points(number: int, least: int = 3) -> None:
    """Check that an outline has so many points."""
    if number < least:
        wrong(f"expected {least} points or more, found {number}")


def points(values: object, least: int = 3) -> Floats:
    """Return x and y in turn of a list of pairs, of at least so many."""
    if not isinstance(values, list):
        wrong(f"expected a list of points, found {_found(values)}")
    check_points(len(values), least)
    for value in values:
        if not isinstance(value, list) or len(value) != 2 or None in map(real, value):
            wrong(f"expected points of two numbers, found {brief(value)}")
    return np.array(values, dtype=np.float64).ravel()


def within(values: Floats, most: float, what: str) -> Floats:
    """Return parts of a size, which are from 0 to `most`; what tools round may lie a thousandth outside."""
    outside = values[(values < -_ROUNDED * most) | (values > (1 + _ROUNDED) * most)]
    if len(outside):
        wrong(f"expected {what} from 0 to {most:g}, found {brief(outside[0].item())}")
    return np.clip(values, 0, most)


def box(x: float, y: float, width: float, height: float) -> Floats:
    """Return the corners of a box as a polygon."""
    return np.array([x, y, x + width, y, x + width, y + height, x, y + height], dtype=np.float64)


def ellipse(x: float, y: float, across: float, down: float, degrees: float = 0) -> Floats:
    """Return points of an ellipse of a centre and half axes, less than a tenth of a pixel within it."""
    largest = max(abs(across), abs(down), 1.0)
    if not max(largest, abs(x), abs(y), abs(degrees)) <= _FAR:
        wrong(
            f"expected an ellipse within {_FAR:,} pixels, found one at {x:g}, {y:g} of {across:g} x {down:g}"
        )
    number = min(max(int(np.ceil(np.pi / np.arccos(1 - 0.1 / largest))), 8), 4096)
    turn = np.linspace(0, 2 * np.pi, number, endpoint=False)
    turned = np.radians(degrees)
    along, beside = across * np.cos(turn), down * np.sin(turn)
    return np.column_stack(
        [
            x + along * np.cos(turned) - beside * np.sin(turned),
            y + along * np.sin(turned) + beside * np.cos(turned),
        ]
    ).ravel()


def colour_of(text: object) -> Colour | None:
    """Return a colour as the web writes it, ``#4080ff``; None of others."""
    if not isinstance(text, str) or re.fullmatch("#[0-9a-fA-F]{6}", text) is None:
        return None
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
