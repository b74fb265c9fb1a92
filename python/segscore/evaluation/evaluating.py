"""`evaluate`: two sets of masks go in, an `Evaluation` comes out.

What is read from the counts afterwards is in `segscore.results`; what is to be evaluated is found out in
`plans`, how files are found and read is in `segscore.io`, how they are counted in `segscore.counts`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack

from segscore.base.foreign import translated
from segscore.classes.classes import ClassesLike
from segscore.counts.counting import Progress
from segscore.counts.measure_options import MeasureOptions, measuring
from segscore.counts.measures import Measures
from segscore.counts.widths import band_of
from segscore.errors import ArgumentError, flag
from segscore.evaluation.assembling import warn_of
from segscore.evaluation.cityscapes_files import evaluate_texts
from segscore.evaluation.coco_files import WHOLE, WholeOptions, check_alone, evaluate_whole, rules_of
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.instance_images import Instances
from segscore.evaluation.parts import joined
from segscore.evaluation.plans import plan
from segscore.io.cases import Masks
from segscore.io.groups import By
from segscore.io.lists import ListLike
from segscore.io.masks import MAX_PIXELS, Read
from segscore.io.prediction_texts import are_texts
from segscore.io.shapes import PLANES, Dims

if TYPE_CHECKING:
    from concurrent.futures import Executor


@translated
@measuring
def evaluate(
    *,
    pred: Masks,
    target: Masks,
    classes: ClassesLike | None = None,
    ignore_index: int | Iterable[int] | None = None,
    pred_classes: ClassesLike | Sequence[int] | None = None,
    pairing: str | None = None,
    list: ListLike | None = None,
    groups: By | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    strict: bool = False,
    on_error: Literal["raise", "skip"] = "raise",
    class_axis: int | None = None,
    threshold: float | None = None,
    names: Iterable[str] | None = None,
    dims: Dims = PLANES,
    max_pixels: int = MAX_PIXELS,
    storage_options: Mapping[str, Any] | None = None,
    instances: Instances | None = None,
    things: Iterable[str | int] | None = None,
    area_from: Literal["file", "mask"] = "file",
    ignore_flag: bool = False,
    threads: int | None = None,
    progress: Progress = True,
    executor: "Executor | None" = None,
    shards: int | None = None,
    **measures: Unpack[MeasureOptions],
) -> Evaluation:
    """Compare predictions with targets over a dataset.

    Parameters
    ----------
    pred, target : path, address, glob pattern, list of paths or of what opens as bytes, array, list of arrays
        Masks of both sides. Files are matched by name, see :func:`segscore.io.pairing.pair`; lists by
        position, and their images are called by the files' own names. PNG, ``.npy``, ``.npz`` with one
        array, TIFF, BMP, PNM, GIF and lossless WebP are read, and volumes as NIfTI, NRRD and MetaImage; see
        `read` for others. An array of one
        dimension more than an image has, also in ``.npy`` or ``.npz``, is a stack of images, called
        ``stack[3]`` after the file. What is not in memory, such as a dataset of h5py or an array of Zarr, is
        read image by image. Masks may be elsewhere: addresses such as ``s3://bucket/pred/*.png`` are opened
        through fsspec, lists may hold bytes, open files and paths of other libraries, and
        :func:`segscore.io.archives.members` and :func:`segscore.io.columns.column` return members of
        archives and columns of tables. Targets may be files of annotations, which are painted into label maps
        with the classes of `classes`, or their own; :func:`segscore.io.annotations.reading.read_annotations`
        says how.
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    pairing : str, optional
        A pattern for names that differ between the sides, such as ``{id}_gtFine_labelIds``; or, with
        ``{class}``, for masks of one file for each class, such as ``{id}_{class}``. There, what is not 0 is
        the class, and pixels of no file are the class ``background`` or, without one, ignored in targets.
    list : path, or sequence of str, optional
        A text file of the only images to score, one a line, in any order: names, with or without ending, as
        in VOC's ImageSets; or two paths, of prediction or photograph and target, which may begin at a folder
        above. Lines that begin with ``#`` are comments. A name that is missing, or there twice, is an error.
    groups : optional
        Which group an image is in, where images of one group are alike: a sequence, a patient, a city. A
        mapping, a function, a regular expression or one group an image, as for
        :func:`segscore.results.groups.group_by`. Intervals and comparisons draw whole groups then.
    read : callable, optional
        A function from a path to an array of labels, for any other format. It reads all files, in several
        threads, and what addresses such as ``s3://…`` name, which it alone is given with their secrets.
    resize : "nearest", optional
        Resize predictions of another size to their targets. If not given they are an error.
    on_error : "raise" or "skip"
        Whether images that cannot be scored are an error, or are left out and listed in `failures`.
        Either way all images are tried, but for one thing: targets without a prediction are an error
        before any file is read, so that a wrong pattern does not cost a run.
    class_axis : int, optional
        Says that predictions are class scores, floats (K, h, w) in arrays, ``.npy`` or ``.npz``, and which
        axis of such an array holds the classes: 0, or 1 for a stack (N, K, h, w). They are resized to their
        targets, and the highest wins, as by :meth:`segscore.Evaluator.add`.
    threshold : float, optional
        Says that predictions are scores of one channel, of two classes: floats (h, w), or the values of gray
        PNG and JPEG as shares of the largest one, 255 or 65,535. A pixel is of class 1 from here on.
    names : sequence of str, optional
        Of the images of two lists or of a stack, one each; lists keep their order then.
    dims : int
        Dimensions of an image: 2, or 3 for volumes.
    boundary, segments, distances, spacing, surface, within, tolerances, empty
        What is measured of the shapes of classes, as for :class:`segscore.Evaluator`. Without a `spacing`,
        NIfTI, NRRD and MetaImage files are measured with their own each, in the order of axes that they are
        stored in.
    max_pixels : int
        The largest mask file, or image of a stack in one, that is read, in pixels.
    storage_options : mapping, optional
        For addresses: what fsspec opens them with, such as ``{"anon": True}``; or ``{"s3": {…}}`` for those
        of one kind. They are kept nowhere, but shards of other processes are sent them.
    instances : "ids", "coco-panoptic", "cityscapes", "coco" or "lvis", optional
        Says that masks hold ids of objects, which are told apart, see :attr:`Evaluation.panoptic`. Each id
        but 0 is an object of the one class, as in labels of cells; or sides are JSON files of COCO's panoptic
        format, with PNG files in a folder of the same name, or ``("pred.json", "folder")``, and no classes
        are given; or ids are the label of a class, or that times 1000 and a number, as in
        ``*_instanceIds.png``. Without `classes`, that class is called "object", and those are Cityscapes'.
        With "cityscapes", predictions may be texts of lines ``path label score``, one for each target, which
        name a mask each: paths that end in ``.txt``, or their folder.
        With "coco", sides are COCO's files of annotations and of results, of at most 4 GiB each, whose masks
        may overlap, see :meth:`Evaluation.average_precision`. Images are in the order of their ids, and
        called by their ``file_name`` without its ending; by their ids where two have one name or some have
        none. Classes are the categories of the targets' file; `classes` are others of the same names. Either
        side may be annotations of another format, predictions with scores. With "lvis" the same, but that
        targets are a file of LVIS, which says what classes were looked for in an image. With both, `boundary`
        is the width of the bands of objects that ``average_precision("boundary-coco")`` is of, and with maps
        of ids of those that ``boundary_pq`` is of.
    things : iterable of str or int, optional
        With `instances`, the classes whose objects are counted, as for :class:`segscore.InstanceEvaluator`;
        those of Cityscapes and COCO are known.
    area_from : "file" or "mask"
        Whether targets of "coco" and "lvis" are small, medium or large by the area that their file says, as
        COCO has it, or by their masks.
    ignore_flag : bool
        Whether targets of "coco" are ignored whose file has ``ignore``, which COCO does not heed.
    threads : int, optional
        Number of threads; see :func:`segscore.set_num_threads` for the default.
    progress : bool or callable
        Whether to show the progress of a long run on standard error; or a function that is called
        with the number of images done and in all, about every 50 ms and once all are done. With an
        `executor`, images are done once their shard is.
    executor : concurrent.futures.Executor, optional
        Evaluates shards of the images in other processes, on this machine or on others, where masks lie at
        the same paths: a `ProcessPoolExecutor`, ``client.get_executor()`` of Dask, those of mpi4py and loky.
        Each takes one thread, unless `threads` says more. It stays open.
    shards : int, optional
        How many, with an `executor`; if not given, four for each worker, or 32 where their number is not
        known.

    Returns
    -------
    Evaluation
        The same for any number of threads and any order of files.

    Raises
    ------
    PairingError
        If no files are found or match, or targets have no prediction.
    EvaluationError
        If images cannot be scored; it lists all of them, and its `evaluation` is that of the others. If the
        `executor` has lost a shard twice, or takes no more.
    FileFormatError
        If a JSON file holds something else; it lists all that is wrong with it.
    LabelError
        If a target holds a label that is neither class nor ignored; or, with `strict`, a prediction
        one that is no class. Its `evaluation` is that of the other images.
    ArgumentError, ClassesError
        If an argument is not usable.

    Examples
    --------
    >>> import numpy as np
    >>> masks = [np.array([[0, 1], [1, 255]]), np.array([[1, 1], [0, 0]])]
    >>> ev = evaluate(pred=[mask % 2 for mask in masks], target=masks, classes=2, ignore_index=255)
    >>> ev.scores.mean_iou
    1.0
    """
    rules = rules_of(instances, area_from, ignore_flag=flag("ignore_flag", ignore_flag))
    whole = next((kind for kind in WHOLE if kind == instances), None)
    texts = instances == "cityscapes" and are_texts(pred)
    if texts or whole is not None:
        asked = Measures.of(**measures, dims=dims)
        check_alone(
            str(instances),
            {
                "ignore_index": ignore_index is not None and not texts,
                "pred_classes": pred_classes is not None,
                "pairing": pairing is not None,
                "list": list is not None,
                "read": read is not None,
                "resize": resize is not None,
                "strict": strict,
                "on_error": on_error != "raise",
                "class_axis": class_axis is not None,
                "threshold": threshold is not None,
                "names": names is not None,
                "dims": dims != PLANES,
                "storage_options": storage_options is not None,
                "things": things is not None and not texts,
                "boundary": bool(asked.boundary) and texts,
                "distances": asked.distances,
                "components": asked.components,
                "executor": executor is not None,
                "shards": shards is not None,
            },
        )
        given: WholeOptions = {
            "pred": pred,
            "target": target,
            "classes": classes,
            "groups": groups,
            "max_pixels": max_pixels,
            "threads": threads,
            "progress": progress,
        }
        if whole is None:
            return evaluate_texts(**given, ignore_index=ignore_index, things=things)
        return evaluate_whole(whole, **given, band=band_of(asked.boundary), rules=rules)
    made = plan(
        pred=pred,
        target=target,
        classes=classes,
        ignore_index=ignore_index,
        pred_classes=pred_classes,
        pairing=pairing,
        list=list,
        groups=groups,
        read=read,
        resize=resize,
        strict=strict,
        on_error=on_error,
        class_axis=class_axis,
        threshold=threshold,
        names=names,
        dims=dims,
        max_pixels=max_pixels,
        storage_options=storage_options,
        instances=instances,
        things=things,
        **measures,
    )
    if executor is None:
        if shards is not None:
            raise ArgumentError(
                "`shards` is given without `executor`",
                "they are for other processes; `segscore.plan` makes shards to be evaluated one by one",
            )
        parts = [made.whole().evaluate(threads=threads, progress=progress)]
    else:
        from segscore.evaluation.executing import evaluated, number_of_shards

        number = number_of_shards(executor, len(made))
        dealt = made.shards(number if shards is None else shards)
        parts = evaluated(executor, dealt, threads=threads, progress=progress)
    evaluation = joined(parts)
    warn_of(evaluation, stacklevel=2)
    return evaluation
