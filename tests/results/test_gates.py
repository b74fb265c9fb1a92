"""Gates: what they come to, how their texts are read, and what a command does about them."""

import json
import subprocess
import sys

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, Classes, GateResult
from support import hints
from support.command_line import EVALUATE, evaluate, failed, printed
from support.refused import refused
from support.results import scores_of

CLASSES = Classes(["road", "sky", "car, red"])


@pytest.fixture
def scores():
    """IoU 0.75 and 0.5; the third class is absent."""
    return scores_of(CLASSES, [[6, 1, 0, 0], [1, 2, 0, 0], [0, 0, 0, 0]])


# What a gate comes to


def test_a_gate_passes_at_its_lowest_value_and_fails_below(scores):
    assert scores.check({"iou.road": 0.75, "iou.sky": 0.6, "pixel_accuracy": -1}) == (
        GateResult("iou.road", True, "0.750000, at least 0.75 is asked for"),
        GateResult("iou.sky", False, "0.500000, 0.100000 below 0.6"),
        GateResult("pixel_accuracy", True, "0.800000, at least -1 is asked for"),
    )


def test_an_undefined_score_is_not_high_enough(scores):
    (gate,) = scores.check({"iou.car, red": -1})
    assert gate == GateResult("iou.car, red", False, "undefined, at least -1 is asked for")
    # The formula alone would give 1, as no pixel is taken for the class.
    assert not scores.check({"specificity.car, red": 0.5})[0].passed


def test_rounding_does_not_hide_on_which_side_a_score_is():
    scores = scores_of(Classes(["road"]), [[2_000_000_000, 1]])
    (below,) = scores.check({"iou.road": 1})
    assert below == GateResult("iou.road", False, "0.9999999995, 5.0e-10 below 1")
    (above,) = scores.check({"iou.road": 0.9999999})
    assert above == GateResult("iou.road", True, "0.9999999995, at least 0.9999999 is asked for")


@pytest.mark.parametrize("text", ["mean_iou=0.7,iou.car, red=0.6", " mean_iou = 0.7 , iou.car, red = 6e-1 ,"])
def test_texts_say_the_same_as_a_mapping(scores, text):
    wanted = scores.check({"mean_iou": 0.7, "iou.car, red": 0.6})
    assert scores.check(text) == scores.check(text.split(",", 1)) == wanted
    assert [gate.name for gate in wanted] == ["mean_iou", "iou.car, red"]


def test_names_of_classes_with_an_equals_sign():
    scores = scores_of(Classes(["a=b"]), [[1, 0]])
    assert scores.check("iou.a=b=1") == scores.check({"iou.a=b": np.float64(1)})
    assert scores.check("iou.a=b=1")[0].passed


def test_an_evaluation_is_judged_by_its_scores():
    ev = segscore.evaluate(pred=[[0, 1, 1]], target=[[0, 0, 1]], classes=["road", "sky"])
    assert ev.check("iou.sky=0.6") == (
        GateResult("iou.sky", False, "0.500000, 0.100000 below 0.6, on 1 image"),
    )


def test_what_is_asserted_is_whether_all_were_passed(scores):
    lowest = {"iou.road": 0.75, "iou.sky": 0.6}
    assert [bool(gate) for gate in scores.check(lowest)] == [True, False]
    assert not scores.check(lowest)
    assert scores.check({"iou.road": 0.75})


# What is no gate

WRITE = "hint: write `mean_iou=0.7`"


def no_number(name):
    return f"`fail_under` has no number for `{name}`\nhint: write `{name}=0.7`"


def beyond(value, name="mean_iou"):
    hint = "hint: scores are shares: 70 % is 0.7"
    return f"`fail_under` is `{value}` for `{name}`, expected a number from -1 to 1\n{hint}"


@pytest.mark.parametrize(
    ("fail_under", "message"),
    [
        ("", f"`fail_under` names no metric\n{WRITE}"),
        ({}, f"`fail_under` names no metric\n{WRITE}"),
        ("mean_iou", no_number("mean_iou")),
        ("mean_iou, iou.sky=0.6", no_number("mean_iou")),
        ("iou.cat,", no_number("iou.cat")),
        *((f"mean_iou={value}", beyond(value)) for value in ("", "high", "70", "70%", "nan", "inf")),
        (f"mean_iou={'9' * 5000}", beyond(f"{'9' * 200}…")),
        ("mean_iou=1e999999999", beyond("1e999999999")),
        ({"mean_iou": 10**400}, beyond(f"1{'0' * 199}…")),
        ("kappa=-1.1", beyond("-1.1", "kappa")),
        ({"mean_iou": None}, beyond("None")),
        ({"mean_iou": True}, beyond("True")),
        (
            "mean_iou=0,5,iou.sky=0,6",
            "`fail_under` is `0,5` for `mean_iou`, expected a decimal point\nhint: write `mean_iou=0.5`",
        ),
        (
            "mean_iou > 0.5",
            "`fail_under` holds `mean_iou > 0.5`, expected `=` and the worst value that passes\n"
            "hint: write `mean_iou=0.5`",
        ),
        (
            ["mean_iou=0.7", "mean_iou=0.8"],
            "`fail_under` names `mean_iou` twice\nhint: give each metric one limit",
        ),
        (0.7, f"`fail_under` holds 0.7, expected a text or a mapping of names to numbers\n{WRITE}"),
        ("miou=0.7", "there is no metric `miou`\nhint: it is called `mean_iou` here"),
        ("iou.rod=0.7", "there is no class `rod`\nhint: the nearest is `road`"),
        ({7: 0.7}, "a metric is named by a text, found 7\nhint: such as 'mean_iou'"),
    ],
)
def test_what_is_no_gate(scores, fail_under, message):
    assert refused(ArgumentError, scores.check, fail_under) == message


# The command


def judged(*args):
    """Run `segscore evaluate` with these gates and options."""
    return evaluate("--classes", "classes.toml", *args)


FAILED = "gate failed: iou.sky: 0.714286, 0.085714 below 0.8, on 2 images\n"


def test_a_gate_that_is_passed_is_said(folders):
    assert printed(*EVALUATE, "--classes", "classes.toml", "--fail-under", "mean_iou=0.5").endswith(
        "\n\ngate passed: mean_iou: 0.690476, at least 0.5 is asked for, on 2 images\n\n"
        "mean over 2 of 2 classes\n"
        "next: add `--save scores.npz` to keep the counts of every image, "
        "`--json scores.json` for the numbers\n"
    )


def test_a_gate_that_fails_ends_with_1_once_everything_is_written(folders):
    gates = ("--fail-under", "mean_iou=0.5,iou.sky=0.8", "--fail-under", "pixel_accuracy=0.9")
    result = judged(*gates, "--json", "v1.json", "--save", "v1.npz")
    accuracy = "gate failed: pixel_accuracy: 0.818182, 0.081818 below 0.9, on 2 images\n"
    assert (result.exit_code, result.stderr) == (1, FAILED + accuracy)
    passed = "gate passed: mean_iou: 0.690476, at least 0.5 is asked for, on 2 images\n"
    assert f"\n\n{passed}{FAILED}{accuracy}\nmean over" in result.stdout
    assert segscore.load("v1.npz").names == ("a", "b")
    assert json.loads((folders / "v1.json").read_text())["gates"][1] == {
        "name": "iou.sky",
        "passed": False,
        "sentence": "0.714286, 0.085714 below 0.8, on 2 images",
    }


def test_standard_output_is_json_alone_when_a_gate_fails(folders):
    asked = ("--classes", "classes.toml", "--fail-under", "iou.sky=0.8", "--json", "-")
    result = printed(*EVALUATE, *asked, code=1, said=FAILED)
    assert [gate["passed"] for gate in json.loads(result)["gates"]] == [False]
    assert "gates" not in json.loads(judged("--json", "-").stdout)


def test_a_file_that_cannot_be_written_is_worse_than_a_gate_that_fails(folders):
    result = judged("--fail-under", "iou.sky=0.8", "--json", "/dev/full")
    assert (result.exit_code, result.stderr) == (
        2,
        f"{FAILED}error: /dev/full: cannot be written: No space left on device\nhint: {hints.FOLDER}\n",
    )


def test_a_gate_fails_also_where_nobody_reads_the_scores(folders):
    sides = ["--no-progress", "--pred", "pred", "--target", "target", "--classes", "classes.toml"]
    process = subprocess.Popen(
        [sys.executable, "-m", "segscore", "evaluate", *sides, "--fail-under", "iou.sky=0.8"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), errors) == (1, FAILED)


def test_a_gate_that_is_wrong_is_told_before_the_run(folders):
    (folders / "pred" / "a.png").write_bytes(b"no mask")
    assert failed(judged("--fail-under", "iou.ski=0.8")) == (
        "there is no class `ski`\nhint: the nearest is `sky`"
    )
    assert failed(judged("--fail-under", "mean_iou=80")) == (
        "`--fail-under` is `80` for `mean_iou`, expected a number from -1 to 1\n"
        "hint: scores are shares: 70 % is 0.7"
    )


def test_images_that_were_skipped_are_said_and_can_be_too_many(folders):
    (folders / "pred" / "a.png").write_bytes(b"no mask")
    skip = ("--on-error", "skip", "--fail-under", "iou.sky=0.1")
    passed = judged(*skip, "--min-images", 1)
    assert "gate passed: images: 1 of 2 images scored, at least 1 asked for\n" in passed.stdout
    assert "gate passed: iou.sky: 0.666667, at least 0.1 is asked for, on 1 of 2 images\n" in passed.stdout
    few = judged(*skip, "--min-images", 2)
    told = "gate failed: images: 1 of 2 images scored, at least 2 asked for\n"
    assert (passed.exit_code, few.exit_code, few.stderr) == (0, 1, told)
    assert judged("--on-error", "skip", "--min-images", 2).exit_code == 1
    assert failed(judged("--min-images", 0)) == (
        "expected `--min-images` of 1 or more, found 0\nhint: it is how many images must have been scored"
    )


def test_a_least_number_of_images_in_python():
    ev = segscore.evaluate(pred=[[0, 1, 1]], target=[[0, 0, 1]], classes=["road", "sky"])
    few = GateResult("images", False, "1 image scored, at least 2 asked for")
    assert ev.check(min_images=2) == (few,)
    assert ev.check({"iou.sky": 0.5}, min_images=2)[0] == few
    assert refused(ArgumentError, ev.check) == f"`fail_under` names no metric\n{WRITE}"
    assert refused(ArgumentError, ev.check, min_images=1.5) == (
        "expected `min_images` of 1 or more, found 1.5\nhint: it is how many images must have been scored"
    )


def test_gates_need_classes(folders):
    assert failed(evaluate("--fail-under", "mean_iou=0.5")) == (
        "`--fail-under` needs `--classes`\nhint: name the classes with `--classes`"
    )
