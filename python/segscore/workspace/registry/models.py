"""Versions of models: where the weights, the code or the predictions are, and what was in them.

An ONNX model is tried once where onnxruntime is installed. Functions are neither run nor imported, so that
adding a model needs nothing installed but segscore.
"""

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Frozen
from segscore.base.wording import many, short, visible
from segscore.errors import ArgumentError, SegscoreWarning, unknown
from segscore.io.code import Code
from segscore.io.functions import MODEL, READER
from segscore.io.kinds import IMAGE_SUFFIXES, MASK_SUFFIXES
from segscore.io.reading import Reading
from segscore.io.sources import AnyPath, find_files
from segscore.predict.options import FORMS, OPTIONS, Form, arguments
from segscore.predict.pixels import scaling
from segscore.predict.trial import try_onnx
from segscore.text.names import listed
from segscore.text.plain import WIDTH, wrapped
from segscore.workspace.registry.model_files import files_of_model, is_results, python_files, registered_names
from segscore.workspace.registry.module_names import check_function
from segscore.workspace.registry.versions import MAX_SHOWN, Version, code_given, of_row, reader_kept
from segscore.workspace.store.digests import (
    File,
    digest_of,
    file_dict,
    read_files,
    short_path,
    whole_path,
)
from segscore.workspace.store.disk import checked_string, reading
from segscore.workspace.store.store import Row, Store

KIND = "model"


@dataclass(frozen=True)
class TrainedOn(Frozen):
    """What a model was trained on.

    Attributes
    ----------
    name : str
        ``"NAME:VERSION"`` of a dataset, or the path of a folder.
    digest : str or None
        Of the dataset version; None for a folder.
    images : mapping of str to str
        The SHA-256 of each image by its name, so that it is known even when the files have gone.
    """

    name: str
    digest: str | None
    images: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        """Return the name and the number of images."""
        return f"{self.name} ({many(len(self.images), 'image')})"


@dataclass(frozen=True, eq=False, repr=False)
class Model(Version):
    """A version of a model; it never changes.

    Attributes
    ----------
    name, version : str
        What it is called.
    versions : tuple of str
        All versions of this name when it was looked up, oldest first.
    added : str
        When, ISO 8601 in UTC.
    digest : str
        SHA-256 of what it is: its form, contents and options, but not where files lie.
    form : "onnx", "python" or "predictions"
        How it makes predictions.
    source : str
        The path of the ONNX file, ``package.module:function``, or the folder of predictions.
    files : tuple of File
        The weights; the file of the function's code, and those named beside it; or all predictions.
    options : mapping
        What the file cannot say, such as mean and scale of its input.
    trained_on : TrainedOn or None
        What it was trained on, if that was said.
    reader : File or None
        The file of the function that reads the predictions of a folder, ``options["read"]``, if one does.
    untried : str
        Why nobody knows whether an ONNX model can run, if it was not tried to its end when it was added.
    """

    _kind = "model"
    form: Form
    source: str
    files: tuple[File, ...]
    options: Mapping[str, Any]
    trained_on: TrainedOn | None
    reader: File | None
    untried: str

    @property
    def path(self) -> str:
        """The ONNX file, the folder of predictions, or the file of the function, to open."""
        return whole_path(self._store, self.files[0].path if self.form == "python" else self.source)

    @property
    def is_results(self) -> bool:
        """Whether it is a file with the results of all images, as datasets of objects need."""
        return self.form == "predictions" and is_results(self.source)

    @property
    def is_panoptic(self) -> bool:
        """Whether that is a panoptic file, which has maps of ids beside it."""
        return self.is_results and len(self.files) > 1

    @property
    def code(self) -> Code | None:
        """The function that it is; None for other models."""
        if self.form != "python":
            return None
        digests = tuple(file.sha256 for file in self.files)
        return Code(self.source, self.path, MODEL, digests, self.paths[1:])

    @property
    def reading(self) -> Reading:
        """How its predictions are read, if they are files or class scores of a single channel."""
        reader = self.reader
        read = None if reader is None else reader_kept(self._store, self.options["read"], reader)
        return Reading.of({**self.options, "read": read})

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its files, to open."""
        return self._whole(self.files)

    def _files(self) -> tuple[File, ...]:
        return self.files if self.reader is None else (*self.files, self.reader)

    def _loaded(self) -> tuple[File, ...]:
        # Predictions are compared while they are read; what says of which class their ids are is not.
        if self.form != "predictions":
            return self.files
        whole = self.files[:1] if self.is_panoptic else ()
        return whole if self.reader is None else (*whole, self.reader)

    def __str__(self) -> str:
        """Return its page, in 80 columns."""
        return model_text(self)

    def __repr__(self) -> str:
        """Return a short form with its version and form."""
        return f"<Model {self.reference} ({self.form})>"


def add_model(
    store: Store,
    name: str,
    version: str | None,
    *,
    sources: Mapping[Form, AnyPath | None],
    beside: Sequence[AnyPath] | None,
    options: Mapping[str, Any] | None,
    trained_on: TrainedOn | None,
    threads: int | None,
) -> Row:
    """Write a version of a model; the parameters are those of `Models.add`, names checked."""
    given = {form: os.fspath(source) for form, source in sources.items() if source is not None}
    if len(given) != 1:
        raise ArgumentError(
            f"expected one of {arg('onnx')}, {arg('python')} and {arg('predictions')}, found {len(given)}",
            "a model is an ONNX file, a function as in `package.module:function`, or a folder of predictions",
        )
    ((form, source),) = given.items()
    checked = checked_options(form, options)
    if beside is not None and form != "python":
        raise ArgumentError(
            f"{arg('files')} is given with {arg(form)}, but belongs to {arg('python')}",
            "what an ONNX model or a folder of predictions is made of is known without it",
        )
    reader = None
    if (read := checked.get("read")) is not None:
        code = code_given(store.root, read, READER, argument="read")
        check_function(code, "read")
        (reader,) = read_files(store, [code.file], threads)
    if form == "python":
        names, paths = python_files(store, source, beside)
    else:
        names, paths = files_of_model(form, source, MASK_SUFFIXES if reader is None else None)
    untried = try_onnx(source, arguments(checked), threads=threads) if form == "onnx" else ""
    if untried:
        said = f"model {name}: nobody knows whether it can run: {untried}"
        warnings.warn(SegscoreWarning(said), stacklevel=3)
    files = read_files(store, paths, threads)
    content = {
        "form": form,
        "source": source if form == "python" else short_path(store, source),
        "files": [file_dict(file) for file in files],
        "options": checked,
        "trained_on": None
        if trained_on is None
        else {"name": trained_on.name, "digest": trained_on.digest, "images": dict(trained_on.images)},
        **({"reader": file_dict(reader)} if reader is not None else {}),
        **({"untried": untried} if untried else {}),
    }
    summary = {
        "form": form,
        "trained_on": None if trained_on is None else trained_on.name,
        **({"results": True} if form == "predictions" and is_results(source) else {}),
    }
    digest = _digest(form, names, files, checked, source, reader=reader)
    return store.add(KIND, name, version, digest=digest, summary=summary, content=content)


def _digest(
    form: str,
    names: Sequence[str],
    files: Sequence[File],
    options: Mapping[str, Any],
    source: str,
    *,
    reader: File | None,
) -> str:
    """Return the digest of what a version is, wherever its files lie."""
    kept = [[name, file.sha256] for name, file in zip(names, files, strict=True)]
    function = source if form == "python" else None
    return digest_of([form, kept, dict(options), function, *([reader.sha256] if reader else [])])


def checked_options(form: Form, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return options as JSON gives them back, checked as far as nothing need be run."""
    given = {} if options is None else dict(options)
    own = {name: option for name, option in OPTIONS.items() if form in option.forms}
    for name, value in given.items():
        if not isinstance(name, str):
            raise ArgumentError(f"the name of an option is {name!r}", 'a text, such as "mean"')
        if name not in own:
            raise unknown(f"option of {FORMS[form].message}", name, own)
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentError(
                f"option `{name}` is {value!r}", "a finite number, a text, true or false, or a list of these"
            ) from error
        own[name].check(form, value)
    numbers = {name: given.get(name) for name in ("scale", "mean", "std")}
    scaling(**numbers, dtype=np.dtype(np.float32), channels=None)
    return dict(json.loads(json.dumps(given)))


def model_of(store: Store, row: Row, versions: tuple[str, ...]) -> Model:
    """Return a version from its manifest, or raise FileFormatError if that is damaged."""
    path = store.path(KIND, row.name, row.version)
    manifest = store.manifest(KIND, row.name, row.version)
    with reading(path, f"the manifest of model {row.name}, version {row.version}"):
        trained_on = manifest["trained_on"]
        files = tuple(File.of_dict(entry) for entry in manifest["files"])
        form, source = manifest["form"], str(manifest["source"])
        if form not in FORMS or not files:
            raise ValueError
        names = registered_names(form, whole_path(store, source), [whole_path(store, f.path) for f in files])
        options, entry = dict(manifest["options"]), manifest.get("reader")
        reader = None if entry is None else File.of_dict(entry)
        if _digest(form, names, files, options, source, reader=reader) != manifest["digest"]:
            raise ValueError
        if (reader is None) != ("read" not in options):
            raise ValueError
        return Model(
            **of_row(store, row, versions),
            digest=manifest["digest"],
            form=form,
            source=source,
            files=files,
            options=options,
            reader=reader,
            trained_on=None if trained_on is None else TrainedOn(**trained_on),
            untried=checked_string(manifest.get("untried", "")),
        )


def trained_on_folder(store: Store, folder: str, threads: int | None) -> TrainedOn:
    """Return the images of a folder as what a model was trained on."""
    found = find_files("trained_on", folder, IMAGE_SUFFIXES)
    files = read_files(store, found.paths, threads)
    images = {name: file.sha256 for name, file in zip(found.names, files, strict=True)}
    return TrainedOn(short_path(store, folder), None, images)


def model_text(model: Model, *, width: int = WIDTH) -> str:
    """Return the page of a version of a model."""
    facts = [
        f"model {model.name}, version {model.version}",
        f"added {model.added}, digest {short(model.digest)}",
        f"{model.form}: {visible(model.source)}",
    ]
    if model.form != "predictions" and len(model.files) > 1:
        facts.append(f"with {listed([file.path for file in model.files[1:]], limit=MAX_SHOWN, width=None)}")
    if model.is_panoptic:
        facts.append(f"with {many(len(model.files) - 1, 'map')} of ids")
    facts += [f"{visible(key)}: {visible(str(value))}" for key, value in model.options.items()]
    if model.form == "onnx" and "scale" not in model.options:
        facts.append("values go in as images hold them, 0 to 255 of 8 bits: no scale")
    if model.trained_on is not None:
        facts.append(f"trained on {visible(str(model.trained_on))}")
    if model.untried:
        facts.append(f"not known to run: {visible(model.untried)}")
    return "\n".join(line for fact in facts for line in wrapped(fact, width))
