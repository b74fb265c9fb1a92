"""Conventions: the rules by which tools make one number of the same counts, each as a value.

What a value means and how it is followed stands in `averaging`; nothing is computed here. Every rule was read
in the version that it names, and all but those that were only "read" were compared with the tool itself,
which ``benches/peers_agree.py`` repeats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from segscore.errors import unknown
from segscore.scores.conventions.averaging import Convention, Mean

_EACH_IMAGE = (Mean("classes"), Mean("images"))
_EACH_CLASS = (Mean("classes", "0"),)
_BY_TARGET = (Mean("classes", by_target=True),)
_POOLED: dict[str, Any] = {"sums": ("images", "classes"), "means": ()}
_MASKED = "Ignored pixels have to be no class in both of its one-hot arrays"
_BATCH = "It averages the images of one call, here the whole dataset: a mean of batches' means is another"


def of(name: object) -> Convention:
    """Return the convention of a name; an error names the nearest ones."""
    if isinstance(name, str) and name in CONVENTIONS:
        return CONVENTIONS[name]
    raise unknown("convention", name, CONVENTIONS)


def _like(rule: Convention, name: str, call: str, **others: Any) -> Convention:
    """Return another rule of the same tool, which is like this one but for what is given."""
    return replace(rule, name=name, call=call, **others)


def _segscore() -> Iterator[Convention]:
    own = Convention(
        name="segscore",
        tool="segscore",
        call="Scores.mean_iou",
        source="docs/counts.md",
        checked="itself",
        not_in_mean=True,
        per_class="NaN",
    )
    yield own
    yield _like(
        own,
        "segscore-image",
        "Evaluation.mean_image_iou",
        sums=(),
        means=_EACH_IMAGE,
        only_predicted=False,
        per_class="not given",
    )


def _toolboxes() -> Iterator[Convention]:
    yield Convention(
        name="mmseg",
        tool="mmsegmentation 1.2.2",
        call="IoUMetric, mIoU",
        source="mmseg/evaluation/metrics/iou_metric.py of the package",
        per_class="NaN",
        scale=100,
        digits=2,
        float32=True,
    )
    yield Convention(
        name="huggingface",
        tool="Hugging Face evaluate, mean_iou",
        call='evaluate.load("mean_iou"), mean_iou',
        source="huggingface/evaluate metrics/mean_iou/mean_iou.py edb83af92486",
        checked="file",
        per_class="NaN",
    )
    yield Convention(
        name="detectron2",
        tool="Detectron2",
        call="SemSegEvaluator, mIoU",
        source="facebookresearch/detectron2 detectron2/evaluation/sem_seg_evaluation.py 70f454304e1a",
        checked="file",
        only_predicted=False,
        missed="dropped",
        per_class="NaN",
        scale=100,
    )
    yield Convention(
        name="torchvision",
        tool="torchvision, reference script",
        call="ConfusionMatrix, mean IoU",
        source="pytorch/vision references/segmentation/utils.py 44c17392ff02",
        checked="file",
        means=(Mean("classes", "NaN"),),
        missed="refused",
        per_class="NaN",
        scale=100,
        digits=1,
        float32=True,
    )


def _keras_and_ignite() -> Iterator[Convention]:
    yield Convention(
        name="keras",
        tool="Keras 3.15.1",
        call="MeanIoU",
        means=(Mean("classes", epsilon=1e-7),),
        missed="dropped",
        epsilon=1e-7,
        nothing="0",
        float32=True,
    )
    yield Convention(
        name="ignite",
        tool="pytorch-ignite 0.5.5",
        call="mIoU",
        means=_EACH_CLASS,
        missed="refused",
        epsilon=1e-15,
        per_class="0",
    )


def _sklearn() -> Iterator[Convention]:
    labels = Convention(
        name="sklearn-labels",
        tool="scikit-learn 1.9.1",
        call="jaccard_score(average='macro', labels=range(K))",
        means=_EACH_CLASS,
    )
    yield _like(
        labels,
        "sklearn",
        "jaccard_score(average='macro')",
        means=(Mean("classes"),),
        missed="refused",
        note="Every label value that occurs is a class, also one that is none here",
    )
    yield labels
    yield _like(labels, "sklearn-micro", "jaccard_score(average='micro', labels=range(K))", **_POOLED)
    yield _like(
        labels, "sklearn-weighted", "jaccard_score(average='weighted', labels=range(K))", means=_BY_TARGET
    )


def _torchmetrics() -> Iterator[Convention]:
    macro = Convention(
        name="torchmetrics",
        tool="torchmetrics 1.9.0",
        call="MulticlassJaccardIndex(average='macro')",
        missed="refused",
        float32=True,
    )
    yield macro
    yield _like(
        macro, "torchmetrics-micro", "MulticlassJaccardIndex(average='micro')", nothing="0", **_POOLED
    )
    yield _like(
        macro, "torchmetrics-weighted", "MulticlassJaccardIndex(average='weighted')", means=_BY_TARGET
    )
    yield _like(
        macro,
        "torchmetrics-mean-iou",
        "segmentation.MeanIoU",
        sums=(),
        means=(Mean("cells"),),
        missed="missed",
        note=_MASKED,
    )
    dice = _like(
        macro,
        "torchmetrics-dice",
        "segmentation.DiceScore(average='macro')",
        metric="dice",
        sums=(),
        means=_EACH_IMAGE,
        missed="missed",
        note=_MASKED,
    )
    yield dice
    yield _like(
        dice,
        "torchmetrics-dice-micro",
        "segmentation.DiceScore(average='micro')",
        sums=("classes",),
        means=(Mean("images"),),
    )
    yield _like(
        dice,
        "torchmetrics-dice-weighted",
        "segmentation.DiceScore(average='weighted')",
        means=(*_BY_TARGET, Mean("images")),
    )
    yield _like(
        dice,
        "torchmetrics-dice-global",
        "segmentation.DiceScore(aggregation_level='global')",
        sums=("images",),
        means=(Mean("classes"),),
    )


def _monai() -> Iterator[Convention]:
    iou = Convention(
        name="monai-iou",
        tool="MONAI 1.6.1",
        call="MeanIoU(ignore_empty=True)",
        sums=(),
        means=_EACH_IMAGE,
        only_predicted=False,
        nothing="0",
        float32=True,
    )
    keep_empty = (Mean("classes", "1"), Mean("images"))
    dice = _like(iou, "monai-dice", "DiceMetric(ignore_empty=True)", metric="dice")
    yield iou
    yield _like(
        iou, "monai-iou-keep-empty", "MeanIoU(ignore_empty=False)", means=keep_empty, only_predicted=True
    )
    yield dice
    yield _like(dice, "monai-dice-foreground", "DiceMetric(include_background=False)", background=False)
    yield _like(
        dice, "monai-dice-keep-empty", "DiceMetric(ignore_empty=False)", means=keep_empty, only_predicted=True
    )


def _smp() -> Iterator[Convention]:
    macro = Convention(
        name="smp-macro",
        tool="segmentation-models-pytorch 0.6.0",
        call="iou_score(reduction='macro')",
        means=_EACH_CLASS,
        float32=True,
    )
    pooled = _like(macro, "smp-micro", "iou_score(reduction='micro')", **_POOLED)
    imagewise = _like(
        pooled,
        "smp-micro-imagewise",
        "iou_score(reduction='micro-imagewise')",
        sums=("classes",),
        means=(Mean("images", "0"),),
        note=_BATCH,
    )
    cellwise = _like(
        macro,
        "smp-macro-imagewise",
        "iou_score(reduction='macro-imagewise')",
        sums=(),
        means=(Mean("cells", "0"),),
        note=_BATCH,
    )
    weighted = _like(
        macro,
        "smp-weighted",
        "iou_score(reduction='weighted', class_weights=target pixels)",
        means=_BY_TARGET,
        note="It has no weights of its own: here each class weighs its target pixels",
    )
    yield pooled
    for zero in (macro, imagewise, cellwise):
        yield zero
        (mean,) = zero.means
        yield _like(
            zero,
            f"{zero.name}-1",
            zero.call.replace(")", ", zero_division=1)"),
            means=(replace(mean, undefined="1"),),
        )
    yield weighted


def _benchmarks() -> Iterator[Convention]:
    yield Convention(
        name="cityscapes",
        tool="cityscapesScripts 2.3.0",
        call="evalPixelLevelSemanticLabeling, averageScoreClasses",
        source="cityscapesscripts/evaluation/evalPixelLevelSemanticLabeling.py of the package",
        per_class="NaN",
    )
    yield Convention(
        name="ade20k",
        tool="ADE20K sceneparsing",
        call="demoEvaluation.m, mean_IoU",
        source=(
            "CSAILVision/sceneparsing evaluationCode/utils_eval.py 1d0a94b3918c "
            "and demoEvaluation.m 1e49dedf1438"
        ),
        checked="file",
        means=_EACH_CLASS,
        epsilon=2.0**-52,
        per_class="0",
        digits=4,
    )
    yield Convention(
        name="bdd100k",
        tool="BDD100K toolkit",
        call="evaluate_sem_seg, mIoU",
        source="bdd100k/bdd100k bdd100k/eval/seg.py d75ed3c4263b",
        checked="file",
        only_predicted=False,
        per_class="0",
        scale=100,
    )
    dice = Convention(
        name="nnunet-dice",
        tool="nnU-Net 2.8.1",
        call="compute_metrics_on_folder, foreground_mean Dice",
        source="nnunetv2/evaluation/evaluate_predictions.py of the package",
        metric="dice",
        sums=(),
        means=(Mean("images"), Mean("classes", "NaN")),
        background=False,
        per_class="NaN",
    )
    yield dice
    yield _like(dice, "nnunet-iou", "compute_metrics_on_folder, foreground_mean IoU", metric="iou")


def _by_name() -> Mapping[str, Convention]:
    families = (
        _segscore,
        _toolboxes,
        _torchmetrics,
        _monai,
        _smp,
        _sklearn,
        _keras_and_ignite,
        _benchmarks,
    )
    return MappingProxyType({rule.name: rule for family in families for rule in family()})


CONVENTIONS: Mapping[str, Convention] = _by_name()
"""Every convention by its name, segscore's own first."""
