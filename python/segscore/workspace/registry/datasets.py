"""Versions of datasets: which images and targets there are, what is in them, and whether they still are so.

Files stay where they are; a version records what was in them. Pixels are counted by `adding`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segscore.auditing.results import Audit, Truth, truth_text
from segscore.auditing.targets import audit_targets
from segscore.base.shown import first_lines
from segscore.base.values import lazy
from segscore.base.wording import many, short, visible
from segscore.classes.classes import Classes
from segscore.classes.folding import is_background
from segscore.classes.plain import FOR_PEOPLE, classes_dict, classes_of_dict, texts
from segscore.counts.counting import Progress
from segscore.counts.id_maps import IdMaps
from segscore.io.by_class import Parts
from segscore.io.functions import split_name
from segscore.io.groups import Label, labels_of
from segscore.io.lists import name_list
from segscore.io.reading import Reading, reading_dict, reading_of_dict
from segscore.io.shapes import PLANES, Dims
from segscore.text.names import listed
from segscore.text.numbers import DASH
from segscore.text.plain import WIDTH, wrapped
from segscore.workspace.registry.painted import Drawn, drawn_dict, drawn_of
from segscore.workspace.registry.segments import Segments, segments_dict, segments_of
from segscore.workspace.registry.target_files import (
    Target,
    digest_of_entry,
    digest_of_target,
    files_of,
    masks_of,
    of_known_classes,
    target_dict,
    target_of,
)
from segscore.workspace.registry.truths import truth_dict, truth_of_dict
from segscore.workspace.registry.versions import MAX_SHOWN, Version, of_row, reader_kept
from segscore.workspace.store.digests import File, digest_of, file_dict
from segscore.workspace.store.disk import reading
from segscore.workspace.store.store import Row, Store

KIND = "dataset"


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(Version):
    """A version of a dataset; it never changes.

    Attributes
    ----------
    name, version : str
        What it is called.
    versions : tuple of str
        All versions of this name when it was looked up, oldest first.
    added : str
        When, ISO 8601 in UTC.
    digest : str
        SHA-256 of what it is: names, contents, classes, groups and attributes, but not where files lie.
    classes : Classes
        What labels mean.
    names : tuple of str
        Of the images, sorted.
    images : tuple of File, or None
        The photographs, in the order of the names; None for a dataset without any.
    targets : tuple of File, or of mapping of str to File
        The ground truth, likewise; where each class has a file of its own, these by the names of classes.
    groups : tuple of str or int, or None
        The group of each image.
    attributes : mapping of str to tuple of str
        Further facts about each image, such as weather or camera, by their titles.
    reading : Reading
        How the targets are read; a function that reads them is imported when it is called, and not before.
    reader : File or None
        The file of that function's code.
    drawn : Drawn or None
        The files of annotations that the targets were painted of, and how.
    instances : str
        "coco" where one file of annotations has the objects of all images, "ids" and "coco-panoptic" where
        targets are maps of ids; empty where they are masks of classes.
    segments : Segments or None
        What a file says of the ids of panoptic targets.
    truth : Truth
        Pixels and images of each class, void and sizes, as counted when the version was added.
    workspace : Path
        The folder of the workspace that it belongs to; another project's where it is linked.
    """

    _kind = "dataset"
    classes: Classes
    names: tuple[str, ...]
    images: tuple[File, ...] | None
    targets: tuple[Target, ...]
    groups: tuple[Label, ...] | None
    attributes: Mapping[str, tuple[str, ...]]
    reading: Reading
    reader: File | None
    drawn: Drawn | None
    instances: str
    segments: Segments | None
    truth: Truth

    @property
    def dims(self) -> Dims:
        """Dimensions of an image: 2, or 3 for volumes."""
        return self.reading.dims

    @property
    def workspace(self) -> Path:
        """The folder of the workspace that it belongs to."""
        return self._store.root

    @lazy
    def image_paths(self) -> tuple[str, ...] | None:
        """Return the paths of the photographs, to open; None for a dataset without any."""
        return None if self.images is None else self._whole(self.images)

    @property
    def target_paths(self) -> tuple[str, ...]:
        """The paths of the targets; of those with a file for each class, the first."""
        return self._whole([files_of([target])[0] for target in self.targets])

    @lazy
    def masks(self) -> tuple[str | Parts, ...]:
        """Return the targets, to be read."""
        return masks_of(self.classes, self.targets, self._paths_of_targets)

    @property
    def id_maps(self) -> IdMaps | None:
        """What ids in targets are, where they are maps of ids; both sides have the segments of targets."""
        if self.segments is not None:
            return self.segments.maps(self.classes)
        return IdMaps("ids", self.classes) if self.instances == "ids" else None

    @lazy
    def target_files(self) -> dict[str, File]:
        """Return all files of targets by their paths."""
        return dict(zip(self._paths_of_targets, files_of(self.targets), strict=True))

    @lazy
    def _paths_of_targets(self) -> tuple[str, ...]:
        return self._whole(files_of(self.targets))

    @lazy
    def image_files(self) -> dict[str, File]:
        """Return the photographs by their paths."""
        return dict(zip(self.image_paths or (), self.images or (), strict=True))

    def audit(self, *, threads: int | None = None, progress: Progress = True) -> Audit:
        """Look for what is wrong with the targets alone, all of which are read as they are now.

        Parameters
        ----------
        threads, progress
            As for :func:`segscore.evaluate`.

        Returns
        -------
        Audit
            Findings that hold whatever is predicted; :func:`segscore.audit` looks at predictions, too. A
            target that cannot be read is one of them.
        """
        photographs = self.images or [None] * len(self.names)
        files = [
            # Many images may have nothing in them, and then the same target.
            name if image is None and name in self.truth.one_value else (image and image.sha256, digest)
            for name, image, digest in zip(
                self.names, photographs, map(digest_of_target, self.targets), strict=True
            )
        ]
        return audit_targets(
            self.names,
            self.masks,
            self.classes,
            self.reading,
            files=files,
            ids=self.id_maps,
            threads=threads,
            progress=progress,
        )

    def _files(self) -> tuple[File, ...]:
        # One file may have the targets of all images.
        targets = dict.fromkeys(files_of(self.targets))
        return (*(self.images or ()), *targets, *self._loaded(), *self._drawn())

    def _loaded(self) -> tuple[File, ...]:
        return () if self.reader is None else (self.reader,)

    def _drawn(self) -> tuple[File, ...]:
        return () if self.drawn is None else self.drawn.files

    def __str__(self) -> str:
        """Return its page, in 80 columns."""
        return dataset_text(self)

    def __repr__(self) -> str:
        """Return a short form with its version and the number of images."""
        return f"<Dataset {self.reference} of {many(len(self.names), 'image')}>"


def content_of(
    *,
    names: Sequence[str],
    images: Sequence[File] | None,
    targets: Sequence[Target],
    groups: Sequence[Label] | None,
    attributes: Mapping[str, Sequence[str]],
    classes: Classes,
    reading: Reading,
    reader: File | None,
    drawn: Drawn | None,
    truth: Truth,
    instances: str = "",
    segments: Segments | None = None,
) -> dict[str, Any]:
    """Return what the manifest of a version says beyond its head."""
    return {
        **({"instances": instances} if instances else {}),
        **({} if segments is None else {"stuff": list(segments.stuff)}),
        "classes": classes_dict(classes),
        **reading_dict(reading),
        **({} if reader is None else {"read": {"function": reading.reader, "file": file_dict(reader)}}),
        **({} if drawn is None else {"annotations": drawn_dict(drawn)}),
        "truth": truth_dict(truth),
        "attributes": list(attributes),
        "images": [
            {
                "name": name,
                **({} if images is None else {"image": file_dict(images[i])}),
                "target": target_dict(target),
                **({} if segments is None else segments_dict(segments, name)),
                **({} if groups is None else {"group": groups[i]}),
                **({"attributes": [column[i] for column in attributes.values()]} if attributes else {}),
            }
            for i, (name, target) in enumerate(zip(names, targets, strict=True))
        ],
    }


def digest_of_content(content: Mapping[str, Any]) -> str:
    """Return the digest of what a version is, wherever its files lie."""
    images = [
        {
            **entry,
            **({"image": entry["image"]["sha256"]} if "image" in entry else {}),
            "target": digest_of_entry(entry["target"]),
        }
        for entry in content["images"]
    ]
    classes = {key: value for key, value in content["classes"].items() if key not in FOR_PEOPLE}
    volumes = [content["dims"]] if "dims" in content else []
    read = [[entry["function"], entry["file"]["sha256"]] for entry in (content.get("read"),) if entry]
    objects = [content[one] for one in ("instances", "stuff") if one in content]
    return digest_of([classes, content["attributes"], images, *volumes, *read, *objects])


def _reading_of(store: Store, manifest: Mapping[str, Any]) -> tuple[Reading, File | None]:
    """Return how targets are read, and the file of the function that reads them, if one does."""
    reading, entry = reading_of_dict(manifest), manifest.get("read")
    if entry is None:
        return reading, None
    file = File.of_dict(entry["file"])
    split_name(entry["function"])
    return replace(reading, read=reader_kept(store, entry["function"], file)), file


def dataset_of(store: Store, row: Row, versions: tuple[str, ...]) -> Dataset:
    """Return a version from its manifest."""
    path = store.path(KIND, row.name, row.version)
    what = f"the manifest of dataset {row.name}, version {row.version}"
    manifest = store.manifest(KIND, row.name, row.version)
    with reading(path, what):
        if digest_of_content(manifest) != manifest["digest"]:
            raise ValueError
        entries = manifest["images"]
        names = texts([entry["name"] for entry in entries])
        if not all(map(_stays_inside, names)):
            raise ValueError
        titles = texts(manifest["attributes"])
        columns = [texts([entry["attributes"][i] for entry in entries]) for i in range(len(titles))]
        groups = [entry["group"] for entry in entries if "group" in entry]
        images = tuple(File.of_dict(entry["image"]) for entry in entries if "image" in entry)
        if images and len(images) != len(entries):
            raise ValueError
        classes = classes_of_dict(manifest["classes"])
        instances = _instances_of(manifest, classes)
        how, reader = _reading_of(store, manifest)
        targets = tuple(target_of(entry["target"]) for entry in entries)
        if not all(of_known_classes(classes, target) for target in targets):
            raise ValueError
        return Dataset(
            **of_row(store, row, versions),
            digest=manifest["digest"],
            classes=classes,
            names=names,
            images=images or None,
            targets=targets,
            groups=tuple(labels_of(names, groups)) if groups else None,
            attributes=dict(zip(titles, columns, strict=True)),
            reading=how,
            reader=reader,
            drawn=drawn_of(manifest["annotations"]) if "annotations" in manifest else None,
            instances=instances,
            segments=segments_of(manifest, classes) if instances == "coco-panoptic" else None,
            truth=truth_of_dict(manifest["truth"], classes),
        )


def _instances_of(manifest: Mapping[str, Any], classes: Classes) -> str:
    found = manifest.get("instances", "")
    of_one = sum(not is_background(name) for name in classes.names) == 1
    if found not in ("", "coco", "ids", "coco-panoptic") or (found == "ids" and not of_one):
        raise ValueError
    return str(found)


def _stays_inside(name: str) -> bool:
    """Whether a name is that of a file within the folder that it is looked up in."""
    return "\0" not in name and {"", ".."}.isdisjoint(name.split("/"))


def dataset_text(dataset: Dataset, *, width: int = WIDTH) -> str:
    """Return the page of a version of a dataset."""
    others = [version for version in dataset.versions if version != dataset.version]
    latest = dataset.version == dataset.versions[-1]
    facts = [
        f"dataset {dataset.name}, version {dataset.version}"
        f"{'' if not others else ', the latest' if latest else f'; the latest is {dataset.versions[-1]}'}",
        f"added {dataset.added}, digest {short(dataset.digest)}",
    ]
    if others:
        facts.append(f"other versions: {listed(others, limit=MAX_SHOWN)}")
    if dataset.dims != PLANES:
        facts.append(f"images are volumes of {dataset.dims} dimensions")
    if dataset.segments is not None:
        facts.append("objects: a file says of which class each id of a target is")
    elif dataset.id_maps is not None:
        facts.append("objects: each id of a target but 0 is one")
    elif dataset.instances:
        (file,) = {file.path for file in files_of(dataset.targets)}
        facts.append(f"objects, all of them in the annotations {visible(file)}")
    if dataset.images is None:
        facts.append("without photographs: for folders of predictions alone")
    classes = dataset.classes
    named = "" if classes.name is None else f" of {visible(classes.name)}"
    facts.append(f"classes: {len(classes)}{named}, ignored labels {label_list(classes.all_ignored)}")
    facts += {mask.numbers.said: None for mask in dataset.masks if isinstance(mask, Parts)}
    if dataset.reader is not None:
        facts.append(
            f"targets are read by {visible(dataset.reading.reader)} in {visible(dataset.reader.path)}"
        )
    if dataset.drawn is not None:
        files = listed([file.path for file in dataset.drawn.files], limit=MAX_SHOWN)
        facts.append(f"targets are annotations in {files}")
        facts += map(visible, dataset.drawn.facts)
    if dataset.reading.list is not None:
        facts.append(f"list of images: {visible(name_list(dataset.reading.list).where)}")
    if dataset.groups is not None:
        facts.append(f"groups: {_values(dataset.groups)}")
    facts += [f"{visible(title)}: {_values(column)}" for title, column in dataset.attributes.items()]
    head = [line for fact in facts for line in wrapped(fact, width)]
    return "\n".join([*head, "", truth_text(dataset.truth, width=width)])


def label_list(labels: Iterable[int]) -> str:
    """Return label values as texts list them."""
    return ", ".join(map(str, labels)) or "none"


def _values(column: Iterable[object]) -> str:
    counted = Counter(map(str, column))
    said = [f"{visible(value) or DASH} ({number:,})" for value, number in counted.most_common()]
    return ", ".join(first_lines(said, MAX_SHOWN))
