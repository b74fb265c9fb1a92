r"""Searches of images as addresses write them: what stands behind the question mark.

Links of panels and the application's page of images have them in common. Classes are written by their index,
so that an address is short whatever they are called; ``pred=none`` is for predictions that are no class.
"""

import math
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import quote, unquote, urlencode

from segscore.base.wording import shortened, visible
from segscore.errors import ArgumentError
from segscore.results.finding import Order, Search, pixels_said
from segscore.scores.titles import metric_title

_GROUP, _ATTRIBUTE = "group", "attribute."
NONE = "none"
"""How the prediction that is no class is written."""
_PLAIN = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")
_DIGITS = 9
"""Digits of an index, at most."""


def query_of(search: Search, count: int) -> str:
    """Return a search of the images of `count` classes as a query; what is as usual is left out.

    Examples
    --------
    >>> query_of(Search(target=3, pred=11), 11)
    'target=3&pred=none'
    >>> query_of(Search(groups={"weather": "rain & fog"}, low=0.5), 11)
    'from=0.5&attribute.weather=rain+%26+fog'
    """
    pred = search.pred
    given = {
        "find": search.text or None,
        "image": search.image,
        "target": search.target,
        "pred": NONE if pred == count else pred,
        "wrong": 1 if search.wrong else None,
        "metric": None if search.metric == Search.metric else in_address(search.metric),
        "order": search.order,
        "from": None if search.low is None else f"{search.low:.15g}",
        "below": None if search.below is None else f"{search.below:.15g}",
        **{field_of(title): in_address(label) for title, label in search.groups.items()},
    }
    return urlencode({name: value for name, value in given.items() if value is not None})


def search_of(given: Mapping[str, str], count: int, metric: str = Search.metric) -> Search:
    """Return the search of a query, which `query_of` wrote, or a form in which some fields are empty.

    Without a metric it is by the one that images are ranked by.

    An ArgumentError says what is no index, no number, or switches nothing on.
    """
    values = {name: text for name, text in given.items() if text.strip()}
    pred = values.get("pred")
    return Search(
        text=values.get("find", ""),
        image=_index(values, "image"),
        target=_index(values, "target", count),
        pred=count if pred == NONE else _index(values, "pred", count),
        wrong=switch_of(values, "wrong"),
        groups={
            from_address(name.removeprefix(_ATTRIBUTE)) if name != _GROUP else "": from_address(text)
            for name, text in values.items()
            if name == _GROUP or name.startswith(_ATTRIBUTE)
        },
        metric=from_address(values["metric"]) if "metric" in values else metric,
        low=_number(values, "from"),
        below=_number(values, "below"),
        order=cast(Order | None, values.get("order")),
    )


def switch_of(given: Mapping[str, str], name: str) -> bool:
    """Return whether a query switches something on, as 1 does; any other text is an ArgumentError."""
    text = given.get(name, "").strip()
    if text in ("", "1"):
        return bool(text)
    raise ArgumentError(
        f"`{name}` of the address is {shortened(text)!r}, expected 1 or nothing",
        "leave it out for all others",
    )


def field_of(title: str) -> str:
    """Return the name of the field that says what images are by an attribute, or for "" by their groups."""
    return _ATTRIBUTE + in_address(title) if title else _GROUP


def words_of(search: Search, names: Sequence[str]) -> list[str]:
    """Return what images are looked for by, in words; nothing for all of them.

    Examples
    --------
    >>> words_of(Search(target=0, pred=1, groups={"": "rain"}, low=0.2), ("road", "sky"))
    ['with road called sky', 'group rain', 'mean image IoU from 0.2']
    """
    said = [f"with {pixels_said(search, names)}"] if search.of_pixels else []
    said += [f"{group_title(title)} {visible(label)}" for title, label in search.groups.items()]
    if search.low is not None or search.below is not None:
        low = "" if search.low is None else f" from {search.low:g}"
        below = "" if search.below is None else f" below {search.below:g}"
        said.append(f"{metric_title(search.metric)}{low}{below}")
    if search.text.strip():
        said.append(f"“{visible(search.text.strip())}” in the name")
    if search.image is not None:
        said.append("this one alone")
    return said


def title_of(search: Search, names: Sequence[str]) -> str:
    """Return what a list of images is called.

    Examples
    --------
    >>> title_of(Search(target=0, pred=1), ("road", "sky"))
    'Images with road called sky'
    >>> title_of(Search(metric="iou.sky"), ("road", "sky"))
    'Images by IoU of sky, the worst first'
    """
    words = words_of(search, names)
    if not words:
        return f"Images by {metric_title(search.metric)}, the worst first"
    return f"Images{' ' if search.of_pixels else ': '}{'; '.join(words)}"


def group_title(title: str) -> str:
    """Return what images are grouped by, as it is shown; "" is for their own groups."""
    return visible(title) or "group"


def _index(values: Mapping[str, str], name: str, count: int | None = None) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > _DIGITS or (count is not None and int(text) >= count):
        most = "or more" if count is None else f"to {count - 1:,}"
        raise ArgumentError(
            f"`{name}` of the address is {shortened(text)!r}, expected 0 {most}", "choose from the list"
        )
    return int(text)


def _number(values: Mapping[str, str], name: str) -> float | None:
    text = values.get(name)
    if text is None:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if math.isnan(found):
        raise ArgumentError(f"`{name}` is {shortened(text)!r}, expected a number", "write one such as 0.5")
    if math.isinf(found) and "inf" not in text.lower():
        raise ArgumentError(
            f"`{name}` is {shortened(text)!r}, which is larger than any number here",
            "write one such as 0.5, or inf",
        )
    return found


def in_address(name: str) -> str:
    r"""Return a name as texts of forms can hold it: no half of a character, and no line end.

    Examples
    --------
    >>> in_address("iou.sky"), in_address("iou.50 %\n\udcff")
    ('iou.sky', 'iou.50 %25%0A%ED%B3%BF')
    """
    return quote(name, safe=_PLAIN, errors="surrogatepass")


def from_address(text: str) -> str:
    """Return the name that `in_address` wrote; what it did not write is taken as it is."""
    try:
        return unquote(text, errors="surrogatepass")
    except UnicodeDecodeError:
        return text
