"""What differs between two versions of a dataset, told from their manifests; no file is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from segscore.base.shown import Shown
from segscore.base.wording import many, visible
from segscore.classes.classes import Classes
from segscore.classes.labels import label_text
from segscore.text.names import listed
from segscore.text.plain import WIDTH, wrapped
from segscore.workspace.registry.datasets import Dataset, label_list
from segscore.workspace.registry.segments import segments_dict
from segscore.workspace.registry.target_files import Target, digest_of_target

_NAMES = 8
"""Images of one kind of difference that are named."""
_FORMS: Final[Mapping[str, str]] = {
    "": "masks of classes",
    "coco": "annotations",
    "ids": "maps of ids",
    "coco-panoptic": "maps of ids with a file of their segments",
}
"""What targets are, by the format of objects."""


@dataclass(frozen=True)
class DatasetDifference(Shown):
    """What differs between two versions; every tuple of names is sorted.

    Attributes
    ----------
    a, b : str
        The versions, such as ``camvid:v1``.
    added, removed : tuple of str
        Images that are in `b` only, and in `a` only.
    images_changed, targets_changed : tuple of str
        Images in both whose image file, or whose target, holds something else.
    groups_changed, attributes_changed : tuple of str
        Images in both that are in another group, or have other attributes.
    classes_changed : tuple of str
        What differs in the classes, a sentence each.
    reading_changed : tuple of str
        What differs in how targets are read, a sentence each.
    same : int
        Images that are the same in both, with their targets.
    """

    a: str
    b: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    images_changed: tuple[str, ...]
    targets_changed: tuple[str, ...]
    groups_changed: tuple[str, ...]
    attributes_changed: tuple[str, ...]
    classes_changed: tuple[str, ...]
    reading_changed: tuple[str, ...]
    same: int

    def __str__(self) -> str:
        """Return it in sentences, in 80 columns."""
        return difference_text(self)


def difference(a: Dataset, b: Dataset) -> DatasetDifference:
    """Return what differs between two versions of a dataset, or two datasets."""
    at = [{name: i for i, name in enumerate(version.names)} for version in (a, b)]
    both = sorted(at[0].keys() & at[1].keys())

    def changed(column: str) -> tuple[str, ...]:
        before, after = (_digests(version, column) for version in (a, b))
        return tuple(name for name in both if before.get(name) != after.get(name))

    images, targets = changed("images"), changed("targets")
    return DatasetDifference(
        a=a.reference,
        b=b.reference,
        added=tuple(sorted(at[1].keys() - at[0].keys())),
        removed=tuple(sorted(at[0].keys() - at[1].keys())),
        images_changed=images,
        targets_changed=targets,
        groups_changed=tuple(name for name in both if _group(a, at[0][name]) != _group(b, at[1][name])),
        attributes_changed=tuple(
            name for name in both if _attributes(a, at[0][name]) != _attributes(b, at[1][name])
        ),
        classes_changed=_classes(a.classes, b.classes),
        reading_changed=_reading(a, b),
        same=len(both) - len({*images, *targets}),
    )


def _digests(version: Dataset, column: str) -> dict[str, object]:
    """Return the digest of each image's file; none for photographs of a dataset without any.

    What a file says of the ids in a target belongs to it.
    """
    there: tuple[Target, ...] | None = getattr(version, column)
    found = {} if there is None else dict(zip(version.names, map(digest_of_target, there), strict=True))
    segments = version.segments
    if column != "targets" or segments is None:
        return found
    return {name: [digest, segments_dict(segments, name)] for name, digest in found.items()}


def _group(version: Dataset, i: int) -> object:
    return None if version.groups is None else version.groups[i]


def _attributes(version: Dataset, i: int) -> dict[str, str]:
    return {title: column[i] for title, column in version.attributes.items()}


def _classes(a: Classes, b: Classes) -> tuple[str, ...]:
    said = [f"class `{name}` is new" for name in b.names if name not in a.names]
    said += [f"class `{name}` is gone" for name in a.names if name not in b.names]
    before, after = (dict(zip(one.names, one.all_labels, strict=True)) for one in (a, b))
    said += [
        f"class `{name}` has label{'s' * (len(after[name]) > 1)} {label_text(after[name])}, "
        f"had {label_text(before[name])}"
        for name in a.names
        if name in after and after[name] != before[name]
    ]
    if a.all_ignored != b.all_ignored:
        said.append(f"ignored labels are {label_list(b.all_ignored)}, were {label_list(a.all_ignored)}")
    if a.label_rule != b.label_rule:
        said.append(f"the label rule is {_rule(b)}, was {_rule(a)}")
    if a.not_in_mean != b.not_in_mean:
        said.append(
            f"labels outside the mean are {label_list(b.not_in_mean)}, were {label_list(a.not_in_mean)}"
        )
    if not said and a != b:
        said.append("classes differ in their order, colours, predictions or texts")
    return tuple(said)


def _reading(a: Dataset, b: Dataset) -> tuple[str, ...]:
    said = []
    if a.instances != b.instances:
        said.append(f"targets are {_FORMS[b.instances]}, were {_FORMS[a.instances]}")
    elif a.segments is not None and b.segments is not None and a.segments.stuff != b.segments.stuff:
        said.append("other classes are stuff")
    if a.dims != b.dims:
        said.append(f"images have {b.dims} dimensions, had {a.dims}")
    before, after = (f"`{one.reading.reader}`" if one.reader else "no function" for one in (a, b))
    if before != after:
        said.append(f"targets are read by {after}, were read by {before}")
    elif a.reader and b.reader and a.reader.sha256 != b.reader.sha256:
        said.append(f"the code of {after}, which reads targets, is another one")
    return tuple(said)


def _rule(classes: Classes) -> str:
    return "none" if classes.label_rule is None else f"`{classes.label_rule}`"


def difference_text(found: DatasetDifference, *, width: int = WIDTH) -> str:
    """Return what differs between two versions, a line for each kind of difference."""
    kinds = [
        ("added", found.added),
        ("removed", found.removed),
        ("with another image", found.images_changed),
        ("with another target", found.targets_changed),
        ("in another group", found.groups_changed),
        ("with other attributes", found.attributes_changed),
    ]
    said = [
        f"{many(len(names), 'image')} {what}: {listed(names, limit=_NAMES, width=None)}"
        for what, names in kinds
        if names
    ]
    said += [visible(sentence) for sentence in (*found.classes_changed, *found.reading_changed)]
    if not said:
        said.append("nothing differs")
    opening = f"from {found.a} to {found.b}: {many(found.same, 'image')} with the same files"
    return "\n".join(line for sentence in (opening, *said) for line in wrapped(sentence, width))
