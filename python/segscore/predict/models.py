"""ONNX files as models, run by onnxruntime on the CPU.

What the file says about its input and output is read from it; what it cannot say is an argument, and
is asked for where it matters. How to write such a file is not known here.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from threading import Thread, current_thread, main_thread
from typing import Any, Literal, cast

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.wording import first_line, show
from segscore.errors import ArgumentError, FileFormatError, flag, installed
from segscore.io.sources import AnyPath
from segscore.predict.external import external_files
from segscore.predict.interfaces import Input, Layout, Output, Size, read_input, read_output
from segscore.predict.options import OPTIONS, check_options
from segscore.predict.pixels import Numbers, Scaling, fill, resize_image, scaling
from segscore.predict.prediction import Array, Prediction, Predictor, check_numbers, whole_labels

_STEP = 0.05
"""Seconds between two looks at whether somebody has interrupted."""
_GRACE = 0.1
"""Seconds that an interrupted model has to end; one operation that takes longer ends by itself."""


@dataclass(frozen=True, eq=False)
class OnnxPredictor(Predictor):
    """An ONNX file as a model; made by :func:`segscore.predict.onnx`.

    Attributes
    ----------
    path : str
        The file.
    external : tuple of str
        Other files that hold its weights, as real paths.
    input : Input
        Name, type, layout, size and batch of its input.
    output : Output
        Name, kind, class axis and number of classes of its output.
    channels : "rgb" or "bgr"
        The order in which it is given colours.
    threads : int
        How many threads run it.
    """

    path: str
    external: tuple[str, ...]
    input: Input
    output: Output
    channels: Literal["rgb", "bgr"]
    threads: int
    scaling: Scaling | None = field(repr=False)
    session: Any = field(repr=False)

    @property
    def bands(self) -> int:
        """The number of channels of its images."""
        return self.input.bands

    @property
    def classes(self) -> int | None:
        """The number of channels of its class scores, if the file says it."""
        return self.output.classes

    def _predict(self, images: Sequence[Any], names: Sequence[str]) -> list[Prediction]:
        made: list[Prediction] = []
        for image, name in zip(images, names, strict=True):
            self._check_values(image, name)
        pairs = (
            (resize_image(image, self.input.size), name) for image, name in zip(images, names, strict=True)
        )
        for _, alike in groupby(pairs, key=lambda pair: pair[0].shape):
            while some := list(islice(alike, self.input.batch)):
                made += self._run([image for image, _ in some], [name for _, name in some])
        return made

    def _check_values(self, image: Array, name: str) -> None:
        """Refuse values that the model cannot be given, or that its scale is surely not of."""
        if image.dtype == np.uint8:
            return
        if self.input.dtype == np.uint8 or not np.isfinite(image).all():
            found = image.dtype if self.input.dtype == np.uint8 else "values that are not finite"
            raise ArgumentError(
                f"{show(name)}: the model takes numbers of {self.input.dtype}, found {found}",
                "save the image with the values that the model was trained on",
            )
        of_bytes = self.scaling is not None and self.scaling.of_bytes
        if of_bytes and image.dtype.kind == "f" and image.max() <= 1:
            raise ArgumentError(
                f"{show(name)}: its values are from {image.min():g} to {image.max():g}, "
                f"but {arg('scale')} is for values up to 255",
                f"add the model without {arg('scale')}, or save images with values up to 255",
            )

    def _run(self, images: Sequence[Array], names: Sequence[str]) -> list[Prediction]:
        """Run images of one size, at most a batch; a batch of fixed length is filled up with the last one."""
        number = self.input.batch or len(images)
        filled = [*images, *[images[-1]] * (number - len(images))]
        height, width, bands = images[0].shape
        shape = (number, height, width, bands)
        if self.input.layout == "nchw":
            shape = (number, bands, height, width)
        together = show(f"{names[0]} to {names[-1]}" if len(names) > 1 else names[0])
        try:
            given = fill(filled, self.input.layout, self.input.dtype, self.channels, self.scaling)
            (returned,) = self._called(given)
        except Exception as error:
            raise ArgumentError(
                f"{together}: {show(self.path)} failed on an input of {shape}: {first_line(error)}",
                f"check {arg('size')} and {arg('layout')}; the model may take other sizes, or need more "
                "memory",
            ) from error
        arrays = self.output.parts(
            returned, number, shape, self.input.layout, f"{together}: {show(self.path)}"
        )
        if self.output.labels:
            return [
                Prediction(labels=whole_labels(array, f"{show(name)}: {show(self.path)}"))
                for array, name in zip(arrays, names, strict=False)
            ]
        for array, name in zip(arrays, names, strict=False):
            check_numbers(array, name)
        axis = 0 if self.output.class_axis == 1 else -1
        return [Prediction(logits=array, class_axis=axis) for array in arrays[: len(images)]]

    def _called(self, given: Array) -> list[Any]:
        """Run the model; an interrupt ends it between two of its operations."""
        from onnxruntime import RunOptions

        options = RunOptions()
        options.log_severity_level = 4  # what goes wrong is raised, and nothing is printed
        call = partial(self.session.run, [self.output.name], {self.input.name: given}, options)
        if current_thread() is not main_thread():  # no signal reaches it
            return cast(list[Any], call())
        made: Future[list[Any]] = Future()
        # Python looks at signals only where no call is under way in the main thread.
        worker = Thread(target=_settle, args=(made, call), name="segscore-onnx", daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(_STEP)
        except KeyboardInterrupt:
            options.terminate = True
            worker.join(_GRACE)
            raise
        return made.result()


def _settle(made: Future[list[Any]], call: Callable[[], list[Any]]) -> None:
    try:
        made.set_result(call())
    except BaseException as error:  # noqa: BLE001 - it is raised again, by who waits
        made.set_exception(error)


def onnx(
    path: AnyPath,
    *,
    mean: Numbers | None = None,
    std: Numbers | None = None,
    scale: float | None = None,
    size: Size | Literal["image"] | None = None,
    channels: Literal["rgb", "bgr"] = "rgb",
    layout: Layout | None = None,
    output: str | None = None,
    class_axis: Literal[1, -1] | None = None,
    threads: int | None = None,
    spin: bool = True,
) -> OnnxPredictor:
    """Return an ONNX file as a model, to be run by onnxruntime on the CPU (extra ``run``).

    Parameters
    ----------
    path : path
        The file. It has one input, of float32, float16 or uint8, with four axes. Images must have as many
        channels as it says there: 3 are red, green and blue, 1 is gray, and others are in TIFF and ``.npy``
        files. Weights in other files must lie in its folder or below.
    scale, mean, std : float; float or one for each channel, optional
        The model is given ``(value * scale - mean) / std`` of values from 0 to 255; ``scale=1/255`` for a
        model that was trained on 0 to 1. Several numbers are of the channels, those of red, green and blue
        first, whatever `channels` says; of TIFF and ``.npy`` files it is the values as they are stored. By
        default values are given as they are; a `mean` from 0 to 1 needs a `scale`, if only 1.
    size : (int, int) or "image", optional
        Height and width of the input where the file leaves them open; ``"image"`` gives each image as it
        is. Images of another size are resized (bilinear, smoothed where they shrink, as Pillow does it).
    channels : "rgb" or "bgr"
        The order of colours that the model was trained with.
    layout : "nchw" or "nhwc", optional
        Where the channels are, if the file leaves it open.
    output : str, optional
        The name of the output, for a model with several.
    class_axis : 1 or -1, optional
        Which axis of the output's four holds the classes; by default the one that holds the channels of
        the input. A shape that speaks against it is an error.
    threads : int, optional
        By default one for each processor that this process may use.
    spin : bool
        Whether these threads wait for work in a loop, which is quicker where nothing else runs, and takes
        processor time from whatever does.

    Returns
    -------
    OnnxPredictor
        To be called with images.

    Raises
    ------
    FileFormatError
        If the file is broken or no ONNX model, or names weights outside its folder.
    ArgumentError
        If onnxruntime is not installed, the model's input or output is of another kind, or an option has
        no such value, contradicts the file, or is needed.

    Notes
    -----
    The output is class scores, floats (n, K, h, w) or (n, h, w, K), or labels: integers (n, h, w) or with
    one channel, or floats (n, h, w) that are whole numbers.
    """
    OPTIONS["channels"].check("onnx", channels)
    check_options("onnx", size=size, layout=layout, output=output, class_axis=class_axis)
    file = os.fsdecode(path)
    external = external_files(file)
    threads = _checked_threads(threads)
    session = _session(file, threads, spin=flag("spin", spin))
    try:
        given = read_input(show(file), session.get_inputs(), layout, size)
        returned = read_output(show(file), session.get_outputs(), output, class_axis, given)
    except UnicodeDecodeError as error:  # onnxruntime decodes names when they are asked for
        raise FileFormatError(
            f"{show(file)}: expected names in UTF-8, found other bytes in a name of the model",
            "export or copy the model again",
        ) from error
    if channels == "bgr" and given.bands != len(channels):
        raise ArgumentError(
            f"{arg('channels', channels)} is for models of three colours, this one takes {given.bands}",
            f"leave {arg('channels')} out: channels are given as they are stored",
        )
    values = scaling(scale, mean, std, given.dtype, given.bands)
    return OnnxPredictor(file, external, given, returned, channels, threads, values, session)


def _checked_threads(threads: int | None) -> int:
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ArgumentError(f"{arg('threads')} is {brief(threads)}, expected an integer of 1 or more")
    return threads


def _session(file: str, threads: int, *, spin: bool) -> Any:
    with installed("ONNX models are run by onnxruntime", "`pip install 'segscore[run]'`"):
        import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if not spin:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what goes wrong is raised, and nothing is printed
    try:
        # The fallback to the CPU would print, and load a broken file twice.
        return onnxruntime.InferenceSession(
            file, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except Exception as error:
        raise FileFormatError(
            f"{show(file)}: onnxruntime {onnxruntime.__version__} cannot load the model: {first_line(error)}",
            "export the model again, for an opset that this version knows",
        ) from error
