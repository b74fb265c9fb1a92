"""Parts: what shards of a plan were evaluated to, and how all of them become one evaluation.

It is what one process would have made of all images, to the last word: nothing that hangs on several images
is decided before all of them are there.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from os import PathLike
from typing import Any, NoReturn, Self, TypeVar

from segscore.base.naming import arg
from segscore.base.values import is_several, lazy
from segscore.base.wording import many
from segscore.counts.counted import Counted
from segscore.counts.failures import Failure
from segscore.counts.settling import settled
from segscore.errors import ArgumentError, EvaluationError, LabelError
from segscore.evaluation.assembling import assemble, warn_of
from segscore.evaluation.evaluation import Evaluation
from segscore.io.places import files_of_images
from segscore.io.stacks import Stack
from segscore.results import adding
from segscore.results.adding import Duplicates
from segscore.results.evaluated import SHARD
from segscore.results.sharded import Place, Sharded
from segscore.text.names import listed

_HOW = "give what `shard.evaluate` returned, or `segscore.load` of what it was saved to"
_SHOWN = 3
"""Images that an error names; its `failures` has all of them."""
_NUMBERS = 8
"""Numbers of shards that an error names."""


class Part(Sharded):
    """What a shard of a plan was evaluated to; `Plan.merge` makes one evaluation of all of them.

    It can be pickled, and saved to a file.

    Attributes
    ----------
    place : (int, int, str)
        The number of the shard, from 1; how many there are; and the digest of their plan.
    names : tuple of str
        Its images, those that could not be scored included.
    """

    @lazy
    def evaluation(self) -> Evaluation:
        """Scores and all else of the images of this shard alone.

        What labels mean may hang on images of other shards: where masks have palettes, colours or codes, it
        is only those of all shards together that tell. Images that cannot be scored are in its `failures`.
        """
        return _evaluation([self], alone=True)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a file, whole or not at all; `segscore.load` returns its evaluation.

        Raises
        ------
        OutputError
            If it cannot be written, or would replace a file of the evaluation or one of another kind.
        ArgumentError
            If `path` is no path, or does not end in ``.npz``.
        """
        self.evaluation.save(path)

    @classmethod
    def of_plain(cls, about: Mapping[str, Any], columns: Mapping[str, Any]) -> Self:
        """Return a part that was sent or saved; see `segscore.results.sent`."""
        from segscore.results.sent import fields_of

        return cls(**fields_of(about, columns))

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        # Columns take a fraction of what single rows do.
        from segscore.results.sent import plain_of

        return type(self).of_plain, plain_of(self)

    def __len__(self) -> int:
        """Return the number of its images."""
        return len(self.counted)

    def __add__(self, other: object) -> NoReturn:
        """Refuse to add parts one by one.

        Raises
        ------
        ArgumentError
            It says how all of them are merged.
        """
        raise ArgumentError(
            "parts of a plan are merged all at once, as the images of all of them tell what labels mean",
            "`plan.merge(parts)`, or `segscore.merge(parts)` where there is no plan",
        )

    __radd__ = __add__

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<Part {self.place.said}: {many(len(self), 'image')}>"


def merge(parts: Iterable[Evaluation | Part], *, duplicates: Duplicates = "error") -> Evaluation:
    """Return the evaluation of the images of all parts.

    Parameters
    ----------
    parts : iterable of Evaluation or Part
        One or more, with the same classes and the same that was measured; one without images is a part, too.
        If they are shards of a plan, all of them must be there, and what comes out is what one process would
        have made of their images.
    duplicates : "error" or "same"
        Whether an image that several parts bring is an error, or is one image if all of them have the same
        counts of it, as where a sampler pads the last batch, or a shard was computed twice.

    Returns
    -------
    Evaluation
        With images in the order of their names; those of a plan are in its order. Failures, extra
        predictions, groups and files of all parts are kept; where they came from is, too, as far as parts say
        the same.

    Raises
    ------
    ArgumentError
        If there is no part; classes or what was measured differ; only some parts have groups; an image was
        scored in one part and could not be in another; or it comes twice, with `duplicates` "same" only if
        its counts or groups differ. Of shards, if one comes twice, or is of another plan.
    EvaluationError
        If a shard is missing; or images could not be scored, and the plan says that they are an error.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> def part(name, pred):
    ...     judge = Evaluator(["road", "sky"])
    ...     judge.add(pred=pred, target=[[0, 0], [0, 1]], name=name)
    ...     return judge.result()
    >>> merge([part("b", [[0, 0], [1, 1]]), part("a", [[0, 0], [0, 1]])]).names
    ('a', 'b')
    >>> merge([part("a", [[0, 0], [1, 1]])] * 2)
    Traceback (most recent call last):
    segscore.errors.ArgumentError: image a comes in 2 parts
    hint: give images of different parts different names; where one image came twice, `duplicates="same"`
    """
    every = listed_parts(parts)
    shards = [part for part in map(_sharded, every) if part is not None]
    if not shards:
        whole: Evaluation = adding.merge(every, duplicates=duplicates)
        return whole
    if len(shards) < len(every):
        raise ArgumentError(
            f"{len(shards):,} of {many(len(every), 'evaluation')} are shards of a plan, and others are whole",
            "merge the shards of a plan first, and what comes out with others",
        )
    evaluation = joined(shards, duplicates=adding.checked_duplicates(duplicates))
    warn_of(evaluation, stacklevel=1)
    return evaluation


def joined(
    parts: Sequence[Sharded], *, names: Sequence[str] = (), duplicates: Duplicates = "error"
) -> Evaluation:
    """Return the evaluation of the shards of a plan, all of which must be there.

    `names` are those of all images, where they are known.
    """
    return _evaluation(_checked(parts, names, duplicates))


def listed_parts(parts: object) -> list[Any]:
    """Return parts that are given one after the other, or raise ArgumentError for what is none or one."""
    if isinstance(parts, str | bytes | PathLike):
        found, hint = "a path", "load them first: `[segscore.load(path) for path in paths]`"
    elif isinstance(parts, Evaluation | Sharded):
        found, hint = f"one {type(parts).__name__}", "give a list, also of one"
    elif is_several(parts):
        return list(parts)
    else:
        found, hint = type(parts).__name__, _HOW
    raise ArgumentError(f"expected a list of parts, found {found}", hint)


def of_shard(part: object) -> Sharded:
    """Return a shard that was evaluated, or is that of an evaluation; anything else is an ArgumentError."""
    found = _sharded(part)
    if found is None:
        what = "a whole evaluation" if isinstance(part, Evaluation) else type(part).__name__
        raise ArgumentError(f"expected parts of a plan, found {what}", _HOW)
    return found


def _sharded(part: object) -> Sharded | None:
    if isinstance(part, Evaluation):
        return part.part
    return part if isinstance(part, Sharded) else None


def _checked(parts: Sequence[Sharded], names: Sequence[str], duplicates: Duplicates) -> list[Sharded]:
    """Return the shards of a plan by their numbers, or say which are foreign, doubled or missing."""
    first = parts[0].place
    check_alike([part.place for part in parts])
    found: dict[int, Sharded] = {}
    twice: Counter[int] = Counter()
    for part in parts:
        number = part.place.number
        if number in found and not (duplicates == "same" and _same(found[number], part)):
            twice[number] += 1
        found.setdefault(number, part)
    if twice:
        raise ArgumentError(
            f"{_shards(sorted(twice), first)} {'comes' if len(twice) == 1 else 'come'} twice",
            f"give each of them once; where they are the same, {arg('duplicates', 'same')}",
        )
    lacking = [number for number in range(1, first.shards + 1) if number not in found]
    if lacking:
        raise missing_error(lacking, first, names)
    return [found[number] for number in sorted(found)]


def check_alike(places: Sequence[Place]) -> None:
    """Raise ArgumentError unless shards are of the same plan and number of shards."""
    first = places[0]
    for place in places:
        if place[1:] != first[1:]:
            raise ArgumentError(
                f"shard {place.said} is of another plan than shard {first.said}",
                "shards go together if they were made with the same masks, options and number of shards",
            )


def missing_error(numbers: Sequence[int], first: Place, names: Sequence[str]) -> EvaluationError:
    """Return the error for shards that are missing; `names` are those of all images, if they are known."""
    lost = sorted(chain.from_iterable(names[number - 1 :: first.shards] for number in numbers))
    images = f", with {many(len(lost), 'image')}: {listed(lost, _SHOWN)}" if lost else ""
    return EvaluationError(
        f"{_shards(numbers, first)} {'is' if len(numbers) == 1 else 'are'} missing{images}",
        "evaluate what is missing, and merge all shards",
        tuple(Failure(name, "the shard that it is in is missing") for name in lost),
    )


def _shards(numbers: Sequence[int], place: Place) -> str:
    """Return what some shards are called."""
    if len(numbers) == 1:
        return f"shard {numbers[0]:,} of {place.shards:,}"
    *others, last = [f"{number:,}" for number in numbers[:_NUMBERS]]
    if len(numbers) > _NUMBERS:
        others, last = [*others, last], f"{len(numbers) - _NUMBERS:,} more"
    return f"shards {', '.join(others)} and {last} of {place.shards:,}"


def _same(one: Sharded, other: Sharded) -> bool:
    """Whether two shards of one number came to the same."""
    return (one.counted, one.groups) == (other.counted, other.groups)


def _evaluation(parts: Sequence[Sharded], *, alone: bool = False) -> Evaluation:
    """Return the evaluation of shards in the order of their numbers; of one alone, as far as it goes."""
    terms = parts[0].terms
    counted = _woven([part.counted for part in parts])
    names = [image.name for image in counted]
    stacks = _stacks(terms.stacks, names, _woven([part.stack for part in parts]))
    groups = _woven([part.groups or () for part in parts])
    settled_images = settled(terms.classes, counted, [terms.scores] * len(counted))
    missing = _woven([part.missing for part in parts])
    of = dict(zip(names, groups, strict=False))
    files = parts[0].files if len(parts) == 1 else dict(chain(*[part.files.items() for part in parts]))

    def whole(evaluation: Evaluation) -> Evaluation:
        return replace(
            evaluation,
            groups=None if parts[0].groups is None else tuple(of[name] for name in evaluation.names),
            files=files_of_images(files, evaluation.names),
            part=parts[0] if alone else None,
            provenance={**({SHARD: parts[0].said} if alone else {}), **evaluation.provenance},
        )

    try:
        return whole(
            assemble(
                terms.classes,
                settled_images + [Counted(name, None, Failure.missing(name)) for name in missing],
                strict=terms.strict,
                skip=terms.skip or alone,
                extra=tuple(_woven([part.extra for part in parts])),
                provenance=terms.provenance,
                nodata=lambda: frozenset().union(*(part.nodata() for part in parts)),
                stacks=stacks,
                measures=terms.measures,
                may_be_empty=alone,
            )
        )
    except (EvaluationError, LabelError) as error:
        if error.evaluation is not None:
            error.evaluation = whole(error.evaluation)
        raise


T = TypeVar("T")


def _woven(strands: Sequence[Sequence[T]]) -> list[T]:
    """Return what was dealt out in turns in the order that it had before."""
    if len(strands) == 1:
        return list(strands[0])
    none = object()
    return [one for turn in zip_longest(*strands, fillvalue=none) for one in turn if one is not none]  # type: ignore[misc]


def _stacks(shapes: Sequence[tuple[int, ...]], names: Sequence[str], numbers: Sequence[int]) -> list[Stack]:
    """Return the stacks of images; `numbers` are those of the stacks of each."""
    of: list[list[str]] = [[] for _ in shapes]
    for name, number in zip(names, numbers, strict=False):
        of[number].append(name)
    return [Stack(shape, tuple(own)) for shape, own in zip(shapes, of, strict=True) if own]


def load(path: str | PathLike[str]) -> Evaluation:
    """Return the evaluation that :meth:`segscore.Evaluation.save` wrote.

    That of a shard of a plan knows it: its `part` is what :func:`segscore.merge` makes the whole of.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    FileFormatError
        If it cannot be read, or holds something else.
    ArgumentError
        If `path` is no path, or a table of Parquet and pyarrow is not installed.
    MemoryError
        If its counts do not fit into memory.
    """
    from segscore.results.saved import read

    return read(path, Evaluation, lambda about, columns: Part.of_plain(about, columns).evaluation)
