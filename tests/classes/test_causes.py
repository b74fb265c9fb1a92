"""Causes: the likely cause of labels that do not fit, for each of the mistakes that people make."""

import pytest

from segscore.base.naming import said
from segscore.classes import presets
from segscore.classes.causes import (
    fitting_presets,
    likely_cause,
    prediction_hint,
    told_presets,
    unknown_predictions,
    unknown_targets,
)
from segscore.classes.classes import Classes
from segscore.classes.labels import NO_FILE, PredictionSpace, colour_label
from support import hints

ADVICE = hints.GIVE_LABELS
SMOOTH = "masks of 0 and 255 hold nothing between: was the mask resized with smoothing, or saved as JPEG?"
COLOURS = "RGB masks need the colours of the classes, exactly; was the mask resized or saved as JPEG?"
SHIFTED = "like the classes shifted by one: subtract 1, or give the classes these label values"
TRAIN_IDS = 'the preset "bdd100k" or the preset "cityscapes-train-ids"'
ONLY_TARGETS = (
    "only a target can be ignored: a prediction of an ignored label is wrong where a class is right"
)
GREY = colour_label((127, 127, 127))
CAMVID = {colour_label(colour) for colour in ((64, 128, 64), (192, 0, 128), (0, 128, 192), (0, 0, 64))}
OF_CAMVID = 'these colours are those of the preset "{}"'


BGR = (
    "red and blue look exchanged, as OpenCV has them (BGR): all colours are known without that. Exchange "
    "them where the masks are written, as `cv2.imwrite(path, mask[..., ::-1])` does"
)
ADE = Classes(["a", "b", "c"], [20, 277, 534], label_rule="red // 10 * 256 + green")


def bgr(colour):
    """Return the label of a colour whose red and blue are exchanged."""
    return colour_label(colour[::-1])


def left_out(*labels):
    if len(labels) == 1:
        return f"{labels[0]} usually marks pixels to leave out: `ignore_index={labels[0]}`"
    named = ", ".join(map(str, labels))
    return f"{named} usually mark pixels to leave out: `ignore_index={list(labels)}`"


def other_ids(of):
    return f"these label values fit {of}: are they other ids of the same classes?"


CITYSCAPES = 'the preset "cityscapes"'
BINARY_255 = 'masks of 0 and 255 are the preset "binary-255"'
ANY = (
    'masks of 0 and 1 beside masks of 0 and 255 are the preset "binary-any"; where 255 marks pixels to leave '
    "out, `ignore_index=255`"
)


def codes(rules):
    return f"these look like codes, whose labels are {rules}: say so as `label_rule`, beside the classes"


SAME = [PredictionSpace("same", (0, 1))]

CAUSES = {
    "colours of a preset of the same classes": ("camvid-11", CAMVID, OF_CAMVID.format("camvid-11-colours")),
    "colours of presets": ("potsdam", CAMVID, OF_CAMVID.format('camvid-11-colours" or "camvid-32')),
    "two colours": ("camvid-11", {*sorted(CAMVID)[:2]}, COLOURS),
    "red and blue exchanged": ("camvid-11", set(map(bgr, Classes.of("camvid-11").label_of_colour)), BGR),
    "one colour exchanged": ("cityscapes", {bgr((0, 0, 142)), bgr((220, 20, 60))}, BGR),
    "a colour that looks exchanged beside one that is not": (
        "cityscapes",
        {bgr((0, 0, 142)), colour_label((0, 0, 142))},
        COLOURS,
    ),
    "void of which a rule makes no class": (
        Classes(["a", "b"], label_rule="value % 100"),
        {255},
        "the rule `value % 100` makes 55 of them, which is no class: leave them out with `ignore_index=255`, "
        "or give the label to a class",
    ),
    "codes with red and blue exchanged": (ADE, {bgr((10 * i, 20 + i, 30)) for i in range(3)}, BGR),
    "few codes that look exchanged": (
        ADE,
        {bgr((10 * i, 20 + i, 30)) for i in range(2)},
        "the rule `red // 10 * 256 + green` makes 788, 789 of them, which is no class: leave them out with "
        "`ignore_index=[788, 789]`, or give the label to a class",
    ),
    "colours that no preset has": ("camvid-11", {GREY, *CAMVID}, COLOURS),
    "255 is not ignored": (5, {0, 1, 255}, left_out(255)),
    "255 with every class": (19, {*range(19), 255}, left_out(255)),
    "-1 is not ignored": (5, {-1, 0, 4}, left_out(-1)),
    "-100 is not ignored": (5, {-100, 0, 4}, left_out(-100)),
    "other negative labels are no usual marks": (5, {-7, 0, 4}, ADVICE),
    "a usual mark beside another negative label": (5, {-7, -1, 0, 4}, ADVICE),
    "several are not": (5, {-100, -1, 0, 255}, left_out(-100, -1, 255)),
    "255 in a preset": ("camvid-11", {0, 3, 11, 255}, left_out(255)),
    "0/1 beside 0/255": (
        "binary-255",
        {0, 1, 255},
        'masks of 0 and 1 beside masks of 0 and 255 are the preset "binary-any"',
    ),
    "labels times ten": (
        5,
        {0, 10, 40},
        "these look like the classes multiplied by 10: divide the labels by 10, or give the classes these "
        "label values",
    ),
    "one label that may be anything": (5, {0, 10}, ADVICE),
    "label ids for train ids": ("cityscapes-train-ids", set(range(34)), other_ids(CITYSCAPES)),
    "few label ids for train ids": ("cityscapes-train-ids", {7, 8, 11, 19}, other_ids(CITYSCAPES)),
    "label ids for a number of classes": (19, {0, 7, 8, 23, 26, 33}, other_ids(CITYSCAPES)),
    "train ids for label ids": (
        "cityscapes",
        {*range(19), 255},
        f"{left_out(255)}; but all labels fit {TRAIN_IDS}, other ids of the same classes",
    ),
    "labels less one with 255": (
        "ade20k-150",
        {*range(150), 255},
        f"{left_out(255)}; but all labels fit the prediction space `zero-based`, "
        "other ids of the same classes",
    ),
    "ADE20K with a number of classes": (150, set(range(151)), other_ids('the preset "ade20k-150"')),
    "train ids of COCO": (
        "coco-stuff-171",
        set(range(171)),
        other_ids("the prediction space `train-ids`"),
    ),
    "shifted by one": (5, {1, 2, 3, 4, 5}, f"labels 1 to 5 look {SHIFTED}"),
    "shifted by one, and 255": (5, {1, 2, 5, 255}, f"labels 1 to 5 look {SHIFTED}"),
    "shifted by one, in part": (5, {2, 5}, f"labels 1 to 5 look {SHIFTED}"),
    "one class shifted by one": (1, {1}, f"label 1 looks {SHIFTED}"),
    "shifted past an ignored label": (
        Classes(["a", "b"], [1, 2], ignore=[0]),
        {0, 2, 3},
        f"labels 2 to 3 look {SHIFTED}",
    ),
    "one label more than classes": (
        5,
        {0, 1, 2, 3, 4, 5},
        "labels 0 to 5 are one more than the classes: name the class that is missing, leave it out with "
        "`ignore_index=5`, or, if 0 is no class, number the classes from 1",
    ),
    "void of camvid": (
        11,
        set(range(12)),
        'leave them out with `ignore_index=11`, as the preset "camvid-11" does',
    ),
    "0/255 for two classes": (2, {0, 255}, BINARY_255),
    "all foreground for two classes": (2, {255}, BINARY_255),
    "0/1 and 255": ("binary", {0, 1, 255}, ANY),
    "two classes and 255": (2, {0, 1, 255}, left_out(255)),
    "0/1 for 0/255": ("binary-255", {0, 1}, 'masks of 0 and 1 are the preset "binary"'),
    "between 0 and 255": ("binary-255", {0, 255, 1, 128, 254}, SMOOTH),
    "one value between": ("binary-255", {0, 254}, SMOOTH),
    "ignored in 0/255": ("binary-255", {0, 255, -1}, left_out(-1)),
    "beyond 0/255": ("binary-255", {0, 255, 1000}, ADVICE),
    "255 where other classes of a preset fit": (
        Classes([f"class {i}" for i in range(19)], range(1, 20)),
        {*range(1, 19), 255},
        left_out(255),
    ),
    "255 where predictions have the same labels": (
        Classes(["a", "b"], prediction_spaces=SAME),
        {0, 1, 255},
        left_out(255),
    ),
    "ids of some instances": (3, {0, 1, 2003, 2004}, codes("`value // 1000 where value >= 1000`")),
    "instance ids of all": (3, {7, 1003, 2004}, codes("`value // 1000`")),
    "instance ids of 8 bits": (9, {256, 2304 - 1, 770}, codes("`value // 1000` or `value // 256`")),
    "instance ids above 16 bits": (3, {1 << 16, 2, (7 << 16) + 1}, codes("`value % 65536`")),
    "instance ids of Cityscapes": (
        "cityscapes",
        {7, 26_001, 24_003, 0},
        'these label values fit the preset "cityscapes-instance-ids": '
        "are they other ids of the same classes?",
    ),
    "colours": ("pascal-voc", {0, colour_label((1, 1, 1)), GREY}, COLOURS),
    "colours without colours": (3, {GREY}, COLOURS),
    "colours and labels": (3, {GREY, 77}, ADVICE),
    "a hash": (3, {2**60}, ADVICE),
    "anything else": (3, {0, 77}, ADVICE),
    "instance ids": (3, set(range(1000)), ADVICE),
}


@pytest.mark.parametrize(("classes", "seen", "cause"), CAUSES.values(), ids=CAUSES)
def test_the_likely_cause(classes, seen, cause):
    classes = Classes.of(classes)
    unknown = seen - set(classes.labels) - set(classes.ignore)
    assert said(likely_cause(classes, unknown, seen)) == cause


def in_space(name):
    return f'these labels are in the prediction space `{name}`: `pred_classes="{name}"`'


NEED_COLOURS = "predictions in colours need the colours of the classes, exactly"
ADE_BGR = {bgr((0, 20, 5)), bgr((10, 21, 7)), bgr((20, 22, 9))}
HINTS = {
    "train ids": ("cityscapes", None, {0, 1, 18}, in_space("train-ids")),
    "label ids": ("cityscapes-train-ids", None, {7, 33}, in_space("label-ids")),
    "labels less one": ("ade20k-150", None, {0}, in_space("zero-based")),
    "label ids that were said to be others": (
        "cityscapes",
        "train-ids",
        {26, 33},
        "these are label values of targets: where predictions use them too, leave `pred_classes` out",
    ),
    "void": ("camvid-11", None, {11}, ONLY_TARGETS),
    "an ignored class": (Classes.of(3, 1), None, {1}, ONLY_TARGETS),
    "an ignored class under another label": (Classes.of("cityscapes", 21), "train-ids", {8}, ONLY_TARGETS),
    "colours": ("camvid-11", None, {GREY}, NEED_COLOURS),
    "red and blue exchanged": ("cityscapes", None, {bgr((0, 0, 142))}, BGR),
    "red and blue exchanged in codes": (ADE.names, ADE, ADE_BGR, BGR),
    "codes of targets alone, red and blue exchanged": (ADE, None, ADE_BGR, NEED_COLOURS),
    "colours of a preset": ("camvid-11", None, CAMVID, OF_CAMVID.format("camvid-11-colours")),
    "anything else": ("camvid-11", None, {12, 200}, hints.OTHER_LABELS),
    "a label and a colour": ("camvid-11", None, {12, GREY}, hints.OTHER_LABELS),
}


@pytest.mark.parametrize(("classes", "pred_classes", "unknown", "hint"), HINTS.values(), ids=HINTS)
def test_what_to_do_about_predictions_of_no_class(classes, pred_classes, unknown, hint):
    resolved = Classes.of(classes, pred_classes=pred_classes)
    every = [space.name for space in resolved.prediction_spaces]
    assert said(prediction_hint(resolved, unknown, every)) == hint
    if hint.startswith("these labels are in the"):
        assert prediction_hint(resolved, unknown, []) != hint


def test_the_message_says_which_labels_how_many_pixels_and_where():
    pixels = {255: 1, 4: 1_234_567, GREY: 20}
    error = unknown_targets(Classes.of(3), pixels, {0, *pixels}, 100, where="a/frame_07")
    assert str(error) == (
        "`target` holds the labels 4 (1,234,567 pixels), colour (127, 127, 127) (20 pixels), 255 (1 pixel): "
        f"neither class nor ignored, first in a/frame_07\nhint: {ADVICE}"
    )
    assert unknown_predictions(Classes.of(3), {9: 2}, "frame_07") == (
        "`pred` holds the label 9 (2 pixels): no class, first in frame_07"
    )
    renamed = Classes.of(3, pred_classes=[7, 8, 9])
    assert unknown_predictions(Classes.of(3), {9: 2, NO_FILE: 1}) == (
        "`pred` holds the label 9 (2 pixels), and 1 pixel without the file of a class: no class"
    )
    assert prediction_hint(Classes.of(3), {9, NO_FILE}, ()) == prediction_hint(Classes.of(3), {9}, ())
    assert said(unknown_predictions(renamed, dict.fromkeys(range(7), 1))) == (
        "`pred` holds the labels 0 (1 pixel), 1 (1 pixel), 2 (1 pixel), 3 (1 pixel), 4 (1 pixel) "
        "and 2 more labels: no class in `pred_classes`"
    )


@pytest.mark.parametrize(
    ("seen", "fitting"),
    [
        (set(range(12)), ["camvid-11", "bdd100k", "cityscapes-train-ids", "pascal-voc"]),
        ({0, 255}, ["binary-255"]),
        ({0, 1}, ["binary"]),
        ({*range(19), 255}, ["bdd100k", "cityscapes-train-ids", "pascal-voc"]),
        (set(range(-1, 34)), ["cityscapes"]),
        ({*range(21), 255}, ["pascal-voc"]),
        (set(range(151)), ["ade20k-150"]),
        ({0, 1, 90, 181, 255}, []),
        ({0, 91, 181, 255}, ["coco-stuff-171"]),
        ({1000}, []),
        ({GREY}, []),
        (set(), []),
    ],
    ids=lambda values: str(values)[:40],
)
def test_the_best_fitting_presets_come_first(seen, fitting):
    assert fitting_presets(seen)[: len(fitting)] == fitting
    if not fitting:
        assert fitting_presets(seen) == []


VOC = Classes.of("pascal-voc")
PALETTE = [VOC.colours.get(label, (1, 2, 3)) for label in range(256)]


@pytest.mark.parametrize(
    ("seen", "given", "told"),
    [
        ({0, 1, 2, 3, 4, 255}, {}, {}),  # the range of many
        ({0, 1}, {}, {}),
        (set(range(151)), {}, {}),
        ({0, 255}, {}, {"binary-255": "the masks hold 0 and 255"}),
        (
            {0, 4, 11},
            {"places": ["data/CamVid/val/a.png"]},
            {"camvid-11": "its name is in the path", "camvid-32": "its name is in the path"},
        ),
        ({0, 4, 32}, {"places": ["data/CamVid/val/a.png"]}, {}),
        ({0, 3}, {"places": ["VOC2012/Segmentation/a.png"]}, {"pascal-voc": "its name is in the path"}),
        ({0, 3}, {"places": ["pascal/masks/a.png", "binary/a.png"]}, {}),
        ({0, 3, 7, 255}, {"palette": PALETTE}, {"pascal-voc": "its colours are those of the palette"}),
        ({0, 3, 7, 255}, {"palette": [(i, i, i) for i in range(256)]}, {}),
        ({0, 3}, {"palette": PALETTE[:3]}, {}),
        (
            {colour_label(VOC.colours[label]) for label in (1, 2, 3)},
            {},
            {"pascal-voc": "its colours are those of the masks"},
        ),
        ({colour_label((0, 0, 0)), colour_label((255, 255, 255))}, {}, {}),
        (set(), {}, {}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:40],  # sets have no order
)
def test_presets_are_named_where_something_speaks_for_them(seen, given, told):
    assert dict(told_presets(seen, **given)) == told


def test_every_preset_fits_its_own_labels():
    for name in presets.names():
        classes = Classes.of(name)
        labels = {*classes.labels, *classes.ignore}
        of_number = fitting_presets(labels, number=len(classes))
        # One that adds colours or codes alone is not offered beside that which it adds them to.
        assert any(name == one or name.startswith(f"{one}-") for one in of_number)
        assert set(of_number) <= set(fitting_presets(labels))
        assert name not in fitting_presets(labels, number=len(classes) + 1)
        assert name not in fitting_presets(labels | {60_000})


def test_labels_that_are_only_ignored_fit_nothing():
    assert "cityscapes-train-ids" not in fitting_presets({255})
    assert "cityscapes" not in fitting_presets({0, 1, 2, 3})
