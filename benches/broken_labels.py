"""The ways to break a dataset by its label values, and by classes that do not fit them."""

from pathlib import Path

import numpy as np

from broken_data import VOID, Data, painted, saved
from broken_ways import BINARY, MANY, Given, classes_of, given, of_two, relabelled, way
from segscore import Classes
from segscore.counts.new_classes import new_classes


@way("unconfirmed-labels", classes=(3, 9))
def by_share(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Classes numbered by their share of pixels, as a new file of classes does for colours."""
    target = saved(folder / "target", data.target, painted(data))
    file = folder / "classes.toml"
    file.write_text(new_classes(str(target)))
    return given(data, saved(folder / "pred", data.pred), target, classes=file)


@way("other-order", "swapped-classes", classes=(3, 9), **MANY)
def other_order(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Classes of predictions in the order of another tool."""
    order = np.roll(np.arange(data.classes), int(rng.integers(1, data.classes)))
    if rng.integers(2):
        order = rng.permutation(data.classes)
    return given(data, relabelled(data.pred, order))


@way("swapped-classes", classes=(3, 9), void=False, **MANY)
def two_swapped(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Two classes of the predictions exchanged."""
    order = np.arange(data.classes)
    # Those that are in most pixels: others may be in too few images to tell.
    i, j = np.argsort(-np.bincount(np.ravel(data.target)))[:2]
    order[[i, j]] = order[[j, i]]
    return given(data, relabelled(data.pred, order))


@way(
    "swapped-classes",
    "two classes that are exchanged",
    classes=(3, 9),
    void=False,
    images=(1, 4),
    side=(64, 96),
)
def two_swapped_in_few(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Two classes of the predictions exchanged, in fewer images than tell it."""
    return two_swapped(data, folder, rng)


@way("inverted", "two classes that are exchanged", **BINARY, images=(1, 9))
def inverted_in_few(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Foreground and background exchanged, in fewer images than tell it."""
    return inverted(data, folder, rng)


@way("inverted", **BINARY, images=(14, 20), side=(64, 96), accuracy=(0.93, 0.99))
def inverted(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Foreground and background exchanged."""
    return given(data, [1 - mask for mask in data.pred], classes="binary")


@way("shifted", "other-ids", classes=(3, 9), **MANY)
def one_up(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions that begin with label 1."""
    return given(data, [mask + 1 for mask in data.pred])


@way("shifted", "other-ids", classes=(3, 9), **MANY)
def one_down(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions that begin with -1, as bytes."""
    return given(data, [(mask - 1).astype(np.uint8) for mask in data.pred])


@way()
def targets_one_up(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Targets that begin with label 1."""
    return given(data, target=[np.where(mask == VOID, VOID, mask + 1) for mask in data.target])


@way("shifted", "other-ids", classes=(3, 9), **MANY)
def prediction_classes_one_up(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Label values of predictions that are said to be higher by one."""
    return given(data, pred_classes=list(range(1, data.classes + 1)))


@way("scaled", classes=(3, 9), **MANY)
def scaled(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Predicted labels times ten, or spread over 0 to 255 to be seen."""
    factor = 10 if rng.integers(2) else 255 // (data.classes - 1)
    return given(data, [mask * factor for mask in data.pred])


@way()
def targets_scaled(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Labels of targets times ten."""
    return given(data, target=relabelled(data.target, 10 * np.arange(data.classes)))


@way("other-ids", **BINARY)
def full_scale(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions of 0 and 255 for targets of 0 and 1."""
    return given(data, of_two(data)[0], classes="binary")


@way("other-ids", **BINARY)
def ones_for_full_scale(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions of 0 and 1 for targets of 0 and 255."""
    return given(data, target=of_two(data)[1], classes="binary-255")


@way("foreground-ignored", **BINARY)
def foreground_ignored(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """255 ignored in masks of 0 and 255, with one class or two."""
    pred, target = of_two(data)
    return given(data, pred, target, classes=int(rng.integers(1, 3)), ignore_index=255)


@way(**BINARY)
def foreground_unknown(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Masks of 0 and 255 as two classes."""
    pred, target = of_two(data)
    return given(data, pred, target, classes=2)


@way(**BINARY)
def new_classes_of_two(data: Data, folder: Path, __: np.random.Generator) -> Given:
    """A new file of classes of masks of 0 and 255."""
    pred, target = of_two(data)
    where = saved(folder / "target", target)
    file = folder / "classes.toml"
    file.write_text(new_classes(str(where)))
    return given(data, saved(folder / "pred", pred), where, classes=file)


@way("void-in-class", classes=(2, 2), void=True)
def void_in_class(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Void as a second label of the foreground, by a preset for two kinds of masks or by own classes."""
    own = Classes(["background", "thing"], [0, [1, VOID]])
    return given(data, classes="binary-any" if rng.integers(2) else own)


@way("one-class", "foreground-ignored", **BINARY)
def one_class(data: Data, _: Path, __: np.random.Generator) -> Given:
    """A task of which one class is left, as its background is ignored."""
    return given(data, classes="binary", ignore_index=0)


@way(classes=(3, 9), void=True)
def void_unknown(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Void that is not ignored, or ignored under a number beside its own."""
    ignore = None if rng.integers(2) else VOID - 1
    return given(data, classes=data.classes, ignore_index=ignore)


@way("void-class", "never-predicted", classes=(3, 9), void=True, images=(5, 12), side=(64, 96))
def void_scored(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Void that is scored as a class."""
    labels = [*range(data.classes), VOID]
    return given(data, classes=Classes([f"class {i}" for i in labels], labels))


@way("void-predicted", "void-only-predicted", classes=(3, 9))
def void_predicted(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions that hold void where the model was not sure."""
    unsure = slice(None, None, 7)
    preds = [mask.copy() for mask in data.pred]
    for mask in preds:
        mask[unsure] = VOID
    return given(data, preds)


@way("void-only-predicted", classes=(3, 9), void=True)
def swapped_folders(data: Data, folder: Path, __: np.random.Generator) -> Given:
    """Predictions given as targets and targets as predictions."""
    return given(data, saved(folder / "a", data.target), saved(folder / "b", data.pred))


@way("other-ids", "unknown-predictions", classes=(3, 9), void=True)
def preset(data: Data, _: Path, __: np.random.Generator) -> Given:
    """A preset that has none of these label values, or few of them."""
    return given(data, classes="cityscapes")


@way("other-ids", "unknown-predictions", classes=(3, 9))
def instances(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Codes of instances, class times 1,000 and a number, on one side."""
    coded = [np.where(mask == VOID, VOID, 1000 * mask + 1) for mask in data.target]
    if rng.integers(2):
        return given(data, target=coded)
    return given(data, [1000 * mask + rng.integers(9, size=(len(mask), 1)) for mask in data.pred])


@way(classes=(3, 9), void=True)
def void_among_codes(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Codes of instances beside void that is none, ignored by its value, as the rule makes it, or not."""
    mark = int(rng.choice([VOID, 65_535]))
    coded = [np.where(mask == VOID, mark, 1000 * mask + 9) for mask in data.target]
    labels = [f"class {i}" for i in range(data.classes)]
    ignored = [None, mark, mark // 1000 or mark][int(rng.integers(3))]
    return given(
        data, target=coded, classes=Classes(labels, label_rule="value // 1000"), ignore_index=ignored
    )


@way(classes=(4, 9))
def codes_of_some(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Codes of instances beside labels of classes that have none, which the rule divides as well."""
    coded = [np.where(mask == VOID, VOID, np.where(mask > 2, 1000 * mask + 3, mask)) for mask in data.target]
    labels = [f"class {i}" for i in range(data.classes)]
    return given(data, target=coded, classes=Classes(labels, ignore=[VOID], label_rule="value // 1000"))


@way(classes=(3, 9))
def codes_beside_groups(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Codes of instances beside groups of them, which have the label of their class."""
    first = int(rng.choice([0, 1, 3]))
    coded = []
    for mask in data.target:
        alone = (np.indices(mask.shape)[1] % 5 < 3) & (mask > 0) & (mask != VOID)
        coded.append(np.where(alone, 1000 * mask + first + np.indices(mask.shape)[0] % 2, mask))
    labels = [f"class {i}" for i in range(data.classes)]
    return given(data, target=coded, classes=Classes(labels, ignore=[VOID], label_rule="value // 1000"))


@way("other-ids", classes=(3, 9), **MANY)
def bytes_of_words(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Labels above 255 that became bytes."""
    labels = (1000 * (1 + np.arange(data.classes))).tolist()
    wrong = [mask.astype(np.uint8) for mask in relabelled(data.pred, labels)]
    target = [mask.astype(np.uint16) for mask in relabelled(data.target, labels)]
    return given(data, wrong, target, classes=classes_of(data, labels=labels))


@way("constant-prediction", "never-predicted", classes=(3, 9), images=(10, 14))
def constant(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Probabilities of which whole numbers were made, so that all are 0."""
    return given(data, [(0.9 * (mask > 0)).astype(np.uint8) for mask in data.pred])


@way("identical", classes=(3, 9), images=(5, 12), side=(64, 96), void=False)
def identical(data: Data, folder: Path, __: np.random.Generator) -> Given:
    """Targets that were copied over the predictions."""
    return given(data, saved(folder / "a", data.target), saved(folder / "b", data.target))


@way("doubled-predictions", classes=(6, 9), images=(3, 12), side=(64, 96))
def doubled(data: Data, _: Path, __: np.random.Generator) -> Given:
    """A prediction that was written for two images."""
    i = int(np.argmax([len(np.unique(mask)) for mask in data.pred]))  # the most telling one
    preds = list(data.pred)
    preds[i - 1] = preds[i]
    return given(data, preds)
