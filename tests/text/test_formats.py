"""Results as text: what is said, and that the last lines say what the mean covers and what to try next."""

import numpy as np

from segscore import Failure
from segscore.classes.classes import Classes
from segscore.classes.labels import colour_label
from segscore.results.summary import evaluation_dict, evaluation_text
from segscore.scores.scores import Scores
from segscore.scores.summary import of_scores, scores_text
from support.processes import python
from support.results import evaluation_of, scores_of

TWO = scores_of(Classes(["a", "b"]), [[1, 0, 0], [0, 1, 0]])


def test_the_whole_text_of_scores(street):
    # IoU: road 9000 / 9150, sky 800 / 850, fence and pole 0, void 1; mean over road, sky, fence and pole
    # 1.924783 / 4, without fence 1.924783 / 3. Recall: 9000 / 9100, 800 / 850, 0, so 1.930187 / 3.
    # Weighted by target, without void: (9100 * 9000/9150 + 850 * 800/850) / 10,000. Kappa: p_o = 10,800 / n,
    # p_e = (9100 * 9050 + 850 * 800 + 1000 * 1000) / n**2 with n = 11,000, so 0.287314 / 0.305496.
    # MCC: 10,800 n - 84,035,000 = 34,765,000, over the root of 36,465,000 * 37,445,000.
    assert scores_text(street, next_step="segscore compare A B") == (
        "class         IoU    Dice  precision  recall       of target\n"
        "road       0.9836  0.9917     0.9945  0.9890          82.73%\n"
        "sky        0.9412  0.9697     1.0000  0.9412           7.73%\n"
        "fence      0.0000  0.0000     0.0000       —  only predicted\n"
        "pole       0.0000  0.0000          —  0.0000           0.45%\n"
        "bicyclist       —       —          —       —          absent\n"
        "void       1.0000  1.0000     1.0000  1.0000           9.09%\n"
        "\n"
        "              mean IoU 0.481196\n"
        "             mean Dice 0.490358\n"
        "         mean accuracy 0.643396 (over 3 classes in the target)\n"
        "        pixel accuracy 0.981818\n"
        "frequency-weighted IoU 0.975082\n"
        "                 kappa 0.940484\n"
        "                   MCC 0.940821\n"
        "\n"
        "11,000 pixels scored, 1,000 ignored (8.33% of all)\n"
        "100 pixels missed (0.91% of the scored): predicted as no class\n"
        "`pole` is never predicted: precision is undefined\n"
        "`fence` is only predicted (50 pixels): IoU 0 is in the mean, which is 0.641594\n"
        "  without it\n"
        "\n"
        "mean over 4 of 6 classes: `bicyclist` is absent; `void` is left out\n"
        "next: segscore compare A B"
    )


def test_the_whole_text_of_an_evaluation_with_failures():
    scores = scores_of(Classes(["background", "cell"]), [[6, 1, 0], [1, 2, 0]], images=3)
    evaluation = evaluation_of(
        scores,
        requested=5,
        mean_image_iou=0.25,
        mean_image_dice=0.375,
        mean_image_foreground_iou=0.125,
        mean_image_foreground_dice=0.625,
        failures=(
            Failure("frame_3", "expected a PNG, found a JPEG", "save masks as PNG"),
            Failure("frame_4", "file is truncated after 12 bytes", "save masks as PNG"),
        ),
        extra=("other/a.png", "other/b.png"),
        unknown_predictions=((7, 1234, "frame_1"), (colour_label((1, 2, 3)), 1, "frame_2")),
        resized=120,
    )
    # IoU: 6 / 8, 2 / 4; Dice: 12 / 14, 4 / 6; p_e = (7 * 7 + 3 * 3) / 100 = 0.58; kappa = 0.22 / 0.42,
    # and MCC is the same, because rows and columns have the same sums.
    assert evaluation_text(evaluation, next_step="segscore evaluate --save scores.npz") == (
        "3 of 5 images scored\n"
        "\n"
        "Foreground IoU 0.50. All wrong pixels are `background` called `cell`.\n"
        "\n"
        "class          IoU    Dice  precision  recall  of target\n"
        "background  0.7500  0.8571     0.8571  0.8571     70.00%\n"
        "cell        0.5000  0.6667     0.6667  0.6667     30.00%\n"
        "\n"
        "            foreground IoU 0.500000\n"
        "           foreground Dice 0.666667\n"
        "                  mean IoU 0.625000\n"
        "                 mean Dice 0.761905\n"
        "             mean accuracy 0.761905\n"
        "            pixel accuracy 0.800000\n"
        "    frequency-weighted IoU 0.675000\n"
        "                     kappa 0.523810\n"
        "                       MCC 0.523810\n"
        "            mean image IoU 0.250000\n"
        "           mean image Dice 0.375000\n"
        " mean image foreground IoU 0.125000\n"
        "mean image foreground Dice 0.625000\n"
        "\n"
        "10 pixels scored in 3 images, none ignored\n"
        "prediction 7 is no class: 1,234 pixels, first in `frame_1`\n"
        "prediction colour (1, 2, 3) is no class: 1 pixel, first in `frame_2`\n"
        "120 predictions were resized to their targets (nearest)\n"
        "2 predictions have no target and no score: `other/a.png` and `other/b.png`\n"
        "\n"
        "not scored:\n"
        "  frame_3: expected a PNG, found a JPEG\n"
        "  frame_4: file is truncated after 12 bytes\n"
        "  hint: save masks as PNG\n"
        "\n"
        "mean over 2 of 2 classes\n"
        "next: segscore evaluate --save scores.npz"
    )


def test_the_text_without_pixels_says_why_nothing_is_defined():
    scores = scores_of(Classes(["background", "cell"]), np.zeros((2, 3)), ignored=5)
    assert str(scores) == (
        "class       IoU  Dice  precision  recall  of target\n"
        "background    —     —          —       —     absent\n"
        "cell          —     —          —       —     absent\n"
        "\n"
        "        foreground IoU — (no pixel is scored)\n"
        "       foreground Dice — (no pixel is scored)\n"
        "              mean IoU — (no pixel is scored)\n"
        "             mean Dice — (no pixel is scored)\n"
        "         mean accuracy — (no pixel is scored)\n"
        "        pixel accuracy — (no pixel is scored)\n"
        "frequency-weighted IoU — (no pixel is scored)\n"
        "                 kappa — (no pixel is scored)\n"
        "                   MCC — (no pixel is scored)\n"
        "\n"
        "0 pixels scored, 5 ignored (100.00% of all)\n"
        "\n"
        "mean over 0 of 2 classes: `background` and `cell` are absent\n"
        "next: scores.to_dict() holds every number, unrounded"
    )


def test_one_class_leaves_kappa_and_mcc_undefined_with_a_reason():
    text = str(scores_of(Classes(["cell"]), [[3, 0]]))
    assert "kappa — (target and prediction are one and the same class)\n" in text
    assert "MCC — (target or prediction holds one class only)\n" in text
    assert "mean over 1 of 1 class\n" in text


def test_every_image_scored_is_said_first_too():
    assert evaluation_text(evaluation_of(TWO), next_step="…").startswith("3 images scored\n\n")
    assert evaluation_text(evaluation_of(TWO, 1), next_step="…").startswith("1 image scored\n\n")


def test_an_undefined_mean_image_iou_has_its_reason():
    text = evaluation_text(evaluation_of(TWO, mean_image_iou=float("nan")), next_step="…")
    assert "mean image IoU — (no image has a class of the mean)\n" in text


def test_at_most_twenty_failures_are_listed_in_text_and_all_in_json():
    failures = tuple(Failure(f"frame_{i}", f"byte {i} is damaged", f"hint {i}") for i in range(1023))
    evaluation = evaluation_of(TWO, 1, requested=1024, failures=failures)
    text = evaluation_text(evaluation, next_step="…")
    assert text.startswith("1 of 1,024 images scored\n\n")
    assert text.count(" is damaged\n") == 20
    more = "1,003 more; --json and to_dict() list all"
    assert f"  frame_19: byte 19 is damaged\n  and {more}\n  hint: hint 0\n" in text
    assert len(evaluation_dict(evaluation, version="1")["failures"]) == 1023


def test_a_single_thing_is_spoken_of_as_one():
    scores = scores_of(Classes(["a", "b"]), [[1, 0, 0], [0, 0, 0]], images=1)
    evaluation = evaluation_of(scores, 1, resized=1, extra=("z.png",))
    text = evaluation_text(evaluation, next_step="…")
    assert "1 pixel scored in 1 image, none ignored\n" in text
    assert "1 prediction was resized to its target (nearest)\n" in text
    assert "1 prediction has no target and no score: `z.png`\n" in text


def test_many_unknown_values_and_extra_predictions_are_counted():
    unknown = tuple((100 + i, 5, "x.png") for i in range(8))
    evaluation = evaluation_of(TWO, unknown_predictions=unknown, extra=tuple("abcdef"))
    text = evaluation_text(evaluation, next_step="…")
    assert "prediction 104 is no class: 5 pixels, first in `x.png`\n" in text
    assert "prediction 105" not in text
    assert "3 more predicted values are no class; to_dict() lists all\n" in text
    assert "6 predictions have no target and no score: `a`, `b`, `c` and 3 more\n" in text
    assert len(evaluation_dict(evaluation, version="1")["unknown_predictions"]) == 8


def coverage_line(classes, matrix):
    return scores_text(scores_of(classes, matrix), next_step="…").splitlines()[-2]


def test_what_the_mean_covers_is_said_in_one_line_that_fits():
    one = np.zeros((3, 4), dtype=np.int64)
    one[0, 0] = 1
    both = one.copy()
    both[1, 1] = 1
    assert coverage_line(Classes(["a", "b", "c"]), both) == (
        "mean over 2 of 3 classes: `c` is absent from target and prediction"
    )
    assert coverage_line(Classes(["a", "b", "c"]), one) == (
        "mean over 1 of 3 classes: `b` and `c` are absent from target and prediction"
    )
    assert coverage_line(Classes(["a", "b", "c"], not_in_mean=[1]).ignoring(2), both) == (
        "mean over 1 of 3 classes: `b` is left out of the mean; `c` is ignored"
    )
    assert coverage_line(Classes(["a" * 90, "b" * 90, "c" * 90], not_in_mean=[1]), one) == (
        "mean over 1 of 3 classes: 1 absent, 1 left out"
    )
    # A class that is left out is not also called absent.
    assert coverage_line(Classes(["a", "b", "c"], not_in_mean=[1]), one) == (
        "mean over 1 of 3 classes: `c` is absent; `b` is left out"
    )


def test_several_classes_that_are_only_predicted_are_counted_together():
    matrix = np.zeros((5, 6), dtype=np.int64)
    matrix[0] = [10, 1, 2, 3, 4, 0]
    scores = scores_of(Classes(list("abcde")), matrix)
    facts = of_scores(scores).facts
    assert facts[-1] == (
        "`b`, `c`, `d` and 1 more are only predicted (10 pixels): "
        "IoU 0 is in the mean, which is 0.500000 without them"
    )


def test_a_mean_of_nothing_but_predictions_is_undefined_without_them():
    scores = scores_of(Classes(["a", "b"], not_in_mean=[0]), [[10, 1, 0], [0, 0, 0]])
    facts = of_scores(scores).facts
    assert facts[-1] == (
        "`b` is only predicted (1 pixel): IoU 0 is in the mean, which is undefined without it"
    )


def test_shares_never_round_to_nothing_or_all():
    scores = scores_of(Classes(["a", "b"]), [[10**6, 0, 0], [0, 1, 0]], ignored=1)
    rows = of_scores(scores).rows
    assert [row[-1] for row in rows] == [">99.99%", "<0.01%"]
    assert of_scores(scores).facts == ("1,000,001 pixels scored, 1 ignored (<0.01% of all)",)


def test_a_table_of_very_many_classes_shows_those_that_are_present():
    count = 65_536
    classes = Classes([f"class {i}" for i in range(count)])
    tp = np.zeros(count, dtype=np.int64)
    tp[[5, 60_000]] = 7
    few = scores_text(Scores(classes, tp=tp, target=tp, pred=tp, missed=tp * 0), next_step="…").split("\n")
    assert [line.split("  ")[0] for line in few[1:3]] == ["class 5", "class 60000"]
    assert few[3] == ""
    assert "65,534 of 65,536 classes not shown: to_dict() holds all" in few
    assert few[-2] == "mean over 2 of 65,536 classes: 65,534 absent"
    ones = np.ones(count, dtype=np.int64)
    many = scores_text(Scores(classes, tp=ones, target=ones, pred=ones, missed=ones * 0), next_step="…")
    assert many.count("\nclass ") == 1000
    assert "64,536 of 65,536 classes not shown: to_dict() holds all" in many


def test_importing_render_loads_nothing_heavy():
    code = (
        "import sys, segscore.scores, segscore.text.plain, segscore.text.json, segscore.text.notebook;"
        "print([name for name in ('rich', 'jinja2', 'typer') if name in sys.modules])"
    )
    assert python(code) == "[]\n"
