"""Datasets and models by name and version, as `Workspace.datasets` and `Workspace.models`.

How a version is made and what it holds stands in modules of their own.
"""

import os
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypeAlias

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.counting import Progress
from segscore.errors import ArgumentError, WorkspaceError
from segscore.evaluation.coco_files import check_alone
from segscore.io.annotations.targets import annotated
from segscore.io.functions import READER
from segscore.io.groups import By
from segscore.io.lists import ListLike
from segscore.io.masks import MAX_PIXELS, Read
from segscore.io.reading import Reading
from segscore.io.shapes import PLANES, Dims
from segscore.io.sources import AnyPath, SourceLike
from segscore.workspace.registry.adding import add_dataset
from segscore.workspace.registry.adding_maps import maps_of
from segscore.workspace.registry.adding_objects import add_objects
from segscore.workspace.registry.datasets import Dataset, dataset_of
from segscore.workspace.registry.differences import DatasetDifference, difference
from segscore.workspace.registry.models import Model, TrainedOn, add_model, model_of, trained_on_folder
from segscore.workspace.registry.versions import Versions, code_given
from segscore.workspace.store.links import links
from segscore.workspace.store.listing import (
    Listed,
    datasets_text,
    found_row,
    listed,
    models_text,
    not_found,
    warn_of_same,
)
from segscore.workspace.store.names import split_reference
from segscore.workspace.store.store import Row, Store

Reference: TypeAlias = str | tuple[str, str]
"""``"NAME"`` for the latest version, ``"NAME:VERSION"``, or name and version."""


class Datasets(Versions):
    """The datasets of a workspace, linked ones included; ``datasets["camvid"]`` is the latest version.

    Iterating gives the names, sorted; links that are broken are in `listing` alone.
    """

    kind = "dataset"

    def add(
        self,
        name: str,
        *,
        targets: SourceLike,
        classes: ClassesLike | None = None,
        images: SourceLike | None = None,
        ignore_index: int | list[int] | None = None,
        version: str | None = None,
        groups: By | None = None,
        attributes: str | PathLike[str] | None = None,
        pairing: str | None = None,
        list: ListLike | None = None,
        read: Read | str | None = None,
        dims: Dims = PLANES,
        instances: Literal["coco", "ids", "coco-panoptic"] | None = None,
        threads: int | None = None,
        progress: Progress = True,
    ) -> Dataset:
        r"""Add a version of a dataset, the latest one from now on; it never changes.

        Parameters
        ----------
        name : str
            1 to 64 letters, digits, ``-``, ``_`` and ``.``.
        targets : path, glob pattern or list of paths
            The ground truth; all of it is read, and counted once. Of files of annotations the workspace keeps
            the label maps that they are painted into, and their digests.
        classes, ignore_index
            As for :func:`segscore.evaluate`; the version keeps them in full. Annotations have some of their
            own.
        images : path, glob pattern or list of paths, optional
            The photographs; they are read for their digests, and their headers for their sizes. Without
            them the images of the dataset are its targets, and only models that are folders of predictions
            can be run on it.
        version : str, optional
            Its name, built as `name` is. Versions are counted up by default: v1, v2, and so on.
        groups : optional
            Which group an image is in, as for :func:`segscore.evaluate`: ``r"^(\w+)_"``, for example.
        attributes : path, optional
            A CSV file in UTF-8: in column ``name`` the names of the images, in others facts about them.
        pairing : str, optional
            A pattern for names that differ, as for :func:`segscore.io.pairing.pair`; images are on the side
            of predictions: ``{id}:{id}_labels``, or ``{id}:{class}/{id}`` for targets of one file a class.
            Without images it says what targets are called.
        list : path, or sequence of str, optional
            A text file of the only images to take, as for :func:`segscore.evaluate`; the version keeps its
            path and digest. All of them have an image and a target.
        read : callable or str, optional
            A function from a path to an array of labels, for targets of any other format, or its name,
            ``"package.module:function"``; it is code that runs. The version keeps its name and the digest of
            its file: a run imports it from there, and refuses where that has changed; nobody knows when
            anything else changes that it reads. What models predict is not read with it.
        dims : int
            Dimensions of an image: 2, or 3 for volumes, of which each file holds one.
        instances : "coco", "ids" or "coco-panoptic", optional
            For a dataset of objects, as for :func:`segscore.evaluate`: `targets` is the JSON file with the
            annotations of all images, and models are files of results; or each id of a target but 0 is an
            object of the one class that there is, and models are folders of such maps; or `targets` is the
            JSON file of maps of ids, and models are such files.
        threads : int, optional
            Number of threads; see :func:`segscore.set_num_threads` for the default.
        progress : bool or callable
            As for :func:`segscore.evaluate`.

        Returns
        -------
        Dataset
            The new version.

        Raises
        ------
        ArgumentError
            If a name is odd or taken, an image has no group, or a file cannot be read; or a function has no
            name by which it is found again.
        PairingError
            If files are not found, or targets have no image.
        EvaluationError, LabelError
            If targets cannot be read, or hold labels that are neither class nor ignored.
        FileFormatError
            If the CSV file does not fit.
        OutputError, WorkspaceError
            If nothing can be written, or files change meanwhile. Nothing is added then.
        """
        before = self._before(name, version)
        if (link := links(self._store).get(name)) is not None:
            raise ArgumentError(
                f"dataset `{name}` is linked from {show(str(link.root))}, which alone can add versions",
                "add it there, or under another name here",
            )
        if instances == "coco-panoptic":
            alone = {"pairing": pairing, "list": list, "read": read}
            there = {of: value is not None for of, value in alone.items()} | {"dims": dims != PLANES}
            check_alone(instances, there)
        maps = None if instances is None else maps_of(instances, targets, classes, ignore_index)
        if instances is not None and maps is None:
            others = {"ignore_index": ignore_index, "pairing": pairing, "list": list, "read": read}
            given = {of: value is not None for of, value in others.items()} | {"dims": dims != PLANES}
            check_alone("coco", given)
            row = add_objects(
                self._store,
                name,
                version,
                instances=instances,
                images=images,
                targets=targets,
                classes=None if classes is None else Classes.of(classes),
                groups=groups,
                attributes=attributes,
                threads=threads,
                progress=progress,
            )
            warn_of_same("dataset", before, row)
            return self[name, row.version]
        source: Any = targets
        of_maps: dict[str, Any] = {}
        if maps is not None:
            source, classes, ignore_index = maps.targets, maps.ids.classes, None
            of_maps = {"ids": maps.ids, "segments": maps.segments, "beside": maps.beside}
        if classes is None:
            drawn = None if read is not None else annotated(targets, MAX_PIXELS)
            if drawn is None:
                raise ArgumentError(f"{arg('classes')} is not given", "name the classes, or a preset of them")
            source, classes = drawn, drawn.classes
        row = add_dataset(
            self._store,
            name,
            version,
            images=images,
            targets=source,
            classes=Classes.of(classes, ignore_index),
            groups=groups,
            attributes=attributes,
            reading=Reading(
                pairing=pairing,
                list=list,
                read=None if read is None else code_given(self._store.root, read, READER, argument="read"),
                dims=dims,
            ),
            threads=threads,
            progress=progress,
            **of_maps,
        )
        warn_of_same("dataset", before, row)
        return self[name, row.version]

    def listing(self) -> list[Listed]:
        """Return a line for each dataset, sorted by name; links that are broken say why."""
        found = super().listing()
        for link in links(self._store).values():
            try:
                found += listed(link.store().rows("dataset", link.name), link.root)
            except WorkspaceError as error:
                found.append(Listed(link.name, (), workspace=link.root, problem=str(error)))
        return sorted(found, key=lambda line: line.name)

    def diff(self, a: Reference, b: Reference) -> DatasetDifference:
        """Return what differs between two versions: images, labels, classes, groups and attributes.

        Parameters
        ----------
        a, b : str or (str, str)
            Such as ``"camvid:v1"`` and ``"camvid"``, its latest version.

        Raises
        ------
        ArgumentError, WorkspaceError
            As where one is asked for: ``datasets["camvid"]``.
        """
        return difference(self[a], self[b])

    def __getitem__(self, reference: Reference) -> Dataset:
        """Return a version of a dataset.

        Raises
        ------
        ArgumentError
            If there is none of this name; it names the nearest ones.
        WorkspaceError
            If it is linked, and the link is broken.
        """
        store, row, versions = self._found(reference)
        return dataset_of(store, row, versions)

    def identity(self, reference: Reference) -> tuple[str, ...]:
        """Return what tells a version from all others, without reading what it holds.

        What is raised is what asking for it raises: ``datasets["camvid"]``.
        """
        store, row, versions = self._found(reference)
        return str(store.root), row.name, row.version, row.digest, *versions

    def _found(self, reference: Reference) -> tuple[Store, Row, tuple[str, ...]]:
        """Return where a version is kept, what the index says of it, and which versions there are."""
        name, version = split_reference("dataset", reference)
        store, rows = self._store, self._store.rows("dataset", name)
        if not rows:
            linked = links(store)
            if name not in linked:
                own = {row.name for row in store.rows("dataset")}
                raise not_found("dataset", name, sorted(own | linked.keys()))
            store = linked[name].store()
            rows = store.rows("dataset", name)
        return store, found_row("dataset", rows, name, version), tuple(row.version for row in rows)

    def __str__(self) -> str:
        """Return one row a dataset, in 80 columns."""
        return datasets_text(self.listing())


class Models(Versions):
    """The models of a workspace; ``models["net"]`` is the latest version, and iterating gives the names."""

    kind = "model"

    def add(
        self,
        name: str,
        *,
        onnx: AnyPath | None = None,
        python: str | None = None,
        predictions: AnyPath | None = None,
        files: Sequence[AnyPath] | None = None,
        version: str | None = None,
        options: Mapping[str, Any] | None = None,
        trained_on: AnyPath | None = None,
        threads: int | None = None,
    ) -> Model:
        """Add a version of a model, the latest one from now on; it never changes.

        An ONNX model is tried on a made-up image, in a process of its own that has a minute, and refused if
        it can never run. Where that stays open, a warning says why. Functions are not imported: they are
        code, and run when a run asks for it.

        Parameters
        ----------
        name : str
            1 to 64 letters, digits, ``-``, ``_`` and ``.``.
        onnx : path, optional
            An ONNX file. Either this is given, or one of the next two.
        python : str, optional
            A function: ``"package.module:function"``. Its file is found without importing it. The digest
            is that of this file and of `files`; nobody knows when anything else changes that it reads.
        predictions : path, optional
            A folder of masks that a model has made; or a JSON file of results, or a panoptic one with its
            maps of ids, for datasets of objects.
        files : sequence of path, optional
            What a function reads: its weights, or other modules. A run refuses where one has changed. In the
            process of a run such modules are imported anew, with that of the function, before its first image
            and whenever a file has changed: what was made of them before keeps its former classes, and later
            imports get the new ones. `segscore run` has a process of its own.
        version : str, optional
            Its name, built as `name` is. Versions are counted up by default: v1, v2, and so on.
        options : mapping, optional
            What the file cannot say, such as mean and scale of its input: texts, numbers, and lists of these.
        trained_on : str or path, optional
            A dataset of this workspace, ``"NAME"`` or ``"NAME:VERSION"``, or a folder of images.
        threads : int, optional
            Number of threads; see :func:`segscore.set_num_threads` for the default.

        Returns
        -------
        Model
            The new version.

        Raises
        ------
        ArgumentError
            If a name is odd or taken, or there is no such file, function or dataset.
        PairingError
            If a folder holds no images or masks.
        FileFormatError
            If the ONNX file is none, cannot be loaded, or lacks its weights.
        OutputError, WorkspaceError
            If nothing can be written. Nothing is added then.
        """
        before = self._before(name, version)
        row = add_model(
            self._store,
            name,
            version,
            sources={"onnx": onnx, "python": python, "predictions": predictions},
            beside=files,
            options=options,
            trained_on=None if trained_on is None else self._trained_on(os.fspath(trained_on), threads),
            threads=threads,
        )
        warn_of_same("model", before, row)
        return self[name, row.version]

    def _trained_on(self, given: str, threads: int | None) -> TrainedOn:
        dataset = training_dataset(Datasets(self._store), given)
        if dataset is not None:
            if dataset.images is None:
                raise ArgumentError(
                    f"{arg('trained_on')}: dataset {dataset.reference} has no photographs, which say what a "
                    "model was trained on",
                    "give a folder of images, or a version of the dataset that has them",
                )
            images = {name: file.sha256 for name, file in zip(dataset.names, dataset.images, strict=True)}
            return TrainedOn(dataset.reference, dataset.digest, images)
        return trained_on_folder(self._store, given, threads)

    def versions(self) -> list[Listed]:
        """Return a line for each version of each model, sorted by name, the latest version first."""
        rows = sorted(self._store.rows("model"), key=lambda row: (row.name, -row.number))
        return [line for row in rows for line in listed([row])]

    def __getitem__(self, reference: Reference) -> Model:
        """Return a version of a model.

        Raises
        ------
        ArgumentError
            If there is none of this name; it names the nearest ones.
        """
        name, version = split_reference("model", reference)
        rows = self._store.rows("model", name)
        if not rows:
            raise not_found("model", name, list(self))
        row = found_row("model", rows, name, version)
        return model_of(self._store, row, tuple(row.version for row in rows))

    def __str__(self) -> str:
        """Return one row a model, in 80 columns."""
        return models_text(self.listing())


def training_dataset(datasets: Datasets, given: str) -> Dataset | None:
    """Return the dataset that a model was trained on, as `Models.add` takes it; None for a folder of images.

    It is an ArgumentError if there is neither.
    """
    if given in datasets:
        return datasets[given]
    if os.path.isdir(given):
        return None
    raise ArgumentError(
        f"{arg('trained_on')}: there is neither a dataset nor a folder {show(given)}",
        f"the datasets are {', '.join(f'`{name}`' for name in datasets) or 'none'}",
    )
