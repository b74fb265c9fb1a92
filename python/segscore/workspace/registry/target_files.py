"""Targets of a version of a dataset: the file of each one, or of each of its classes.

What the version is beside them is not known here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from segscore.classes.classes import Classes
from segscore.classes.folding import is_void
from segscore.classes.plain import texts
from segscore.io.by_class import Part, Parts, numbers_of
from segscore.workspace.store.digests import File, file_dict

Target: TypeAlias = File | Mapping[str, File]
"""The file of a target, or one for each class."""


def files_of(targets: Iterable[Target]) -> tuple[File, ...]:
    """Return all files of targets."""
    found: list[File] = []
    for target in targets:
        found += [target] if isinstance(target, File) else [target[name] for name in sorted(target)]
    return tuple(found)


def masks_of(classes: Classes, targets: Sequence[Target], paths: Iterable[str]) -> tuple[str | Parts, ...]:
    """Return the masks that targets are, to be read; paths are those of `files_of` them."""
    used = {name for target in targets if not isinstance(target, File) for name in target}
    numbers, path = numbers_of(classes, used, of_pred=False), iter(paths)
    return tuple(
        next(path)
        if isinstance(target, File)
        else Parts(tuple([Part(name, next(path)) for name in sorted(target)]), numbers)
        for target in targets
    )


def digest_of_target(target: Target) -> object:
    """Return what tells the contents of targets apart."""
    return target.sha256 if isinstance(target, File) else {name: file.sha256 for name, file in target.items()}


def digest_of_entry(entry: Mapping[str, Any]) -> object:
    """Return what `digest_of_target` does of a target as manifests speak of it, without making its files."""
    if "classes" not in entry:
        return entry["sha256"]
    return {name: file["sha256"] for name, file in entry["classes"].items()}


def target_dict(target: Target) -> dict[str, Any]:
    """Return a target as manifests speak of it."""
    if isinstance(target, File):
        return file_dict(target)
    return {"classes": {name: file_dict(file) for name, file in target.items()}}


def target_of(entry: Any) -> Target:
    """Return the target that a manifest speaks of, or raise what damaged manifests raise."""
    if "classes" not in entry:
        return File.of_dict(entry)
    found = {texts([name])[0]: File.of_dict(file) for name, file in entry["classes"].items()}
    if not found:
        raise ValueError
    return found


def of_known_classes(classes: Classes, target: Target) -> bool:
    """Whether the files of a target are those of classes, or of void."""
    return isinstance(target, File) or all(name in classes.names or is_void(name) for name in target)
