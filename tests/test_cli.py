"""The command line: what it prints, writes and returns, and what wrong usage gets."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from typer.testing import CliRunner

import segscore
from masks_on_disk import png
from segscore import cli

TARGETS = {"a": [[0, 0, 1], [1, 255, 1]], "b": [[0, 0, 0], [1, 1, 1]]}
PREDS = {"a": [[0, 1, 1], [1, 0, 1]], "b": [[0, 0, 0], [1, 1, 0]]}
CLASSES = """
name = "streets"
ignore = [255]
classes = [{ label = 0, name = "road" }, { label = 1, name = "sky" }]
"""


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders `pred` and `target` with two masks each, and `classes.toml`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for folder, masks in (("target", TARGETS), ("pred", PREDS)):
        (tmp_path / folder).mkdir()
        for name, labels in masks.items():
            (tmp_path / folder / f"{name}.png").write_bytes(png(labels))
    (tmp_path / "classes.toml").write_text(CLASSES)
    return tmp_path


def run(*args):
    return CliRunner().invoke(cli.app, [str(arg) for arg in args])


def evaluate(*args):
    return run("evaluate", "--pred", "pred", "--target", "target", *args)


REPORT = """\
2 images scored

class     IoU    Dice  precision  recall  of target
road   0.6667  0.8000     0.8000  0.8000     45.45%
sky    0.7143  0.8333     0.8333  0.8333     54.55%

              mean IoU 0.690476
             mean Dice 0.816667
         mean accuracy 0.816667
        pixel accuracy 0.818182
frequency-weighted IoU 0.692641
                 kappa 0.633333
                   MCC 0.633333
        mean image IoU 0.666667

11 pixels scored in 2 images, 1 ignored (8.33% of all)

mean over 2 of 2 classes
next: {next}
"""


def test_evaluate_prints_the_scores_and_what_to_do_next(folders):
    result = evaluate("--classes", "classes.toml")
    step = "add `--save v1.npz` to keep the counts of every image, `--json v1.json` for the numbers"
    assert (result.exit_code, result.stdout, result.stderr) == (0, REPORT.format(next=step), "")


def test_a_number_of_classes_and_ignored_labels(folders):
    by_number = evaluate("--classes", 2, "--ignore", "254,255", "--json", "-")
    assert by_number.exit_code == 0
    by_file = evaluate("--classes", "classes.toml", "--json", "-")
    number, file = json.loads(by_number.stdout), json.loads(by_file.stdout)
    assert number["mean_iou"] == file["mean_iou"] == pytest.approx((2 / 3 + 5 / 7) / 2, abs=1e-15)
    assert number["ignored"] == 1


def test_json_goes_to_standard_output_alone_or_to_a_file(folders):
    printed = evaluate("--classes", "classes.toml", "--json", "-")
    written = evaluate("--classes", "classes.toml", "--json", "v1.json")
    assert written.stdout.startswith("2 images scored\n")
    found = json.loads((folders / "v1.json").read_text())
    assert json.loads(printed.stdout) == found
    assert found["images_scored"] == 2
    assert [entry["name"] for entry in found["per_class"]] == ["road", "sky"]


def test_save_writes_what_load_reads(folders):
    result = evaluate("--classes", "classes.toml", "--save", "v1.npz")
    step = "in Python, `segscore.load('v1.npz').worst(10)` lists the images to look at"
    assert result.stdout == REPORT.format(next=step)
    assert segscore.load("v1.npz").worst(1) == (("a", pytest.approx(0.625)),)


def test_without_classes_the_labels_of_both_sides_are_listed(folders):
    result = evaluate()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "labels of 2 images, as shares of their pixels\n"
        "\n"
        "label  target    pred\n"
        "0      41.67%  50.00%\n"
        "1      50.00%  50.00%\n"
        "255     8.33%       —\n"
        "\n"
        "presets whose labels hold all of these targets: `bdd100k`,\n"
        "  `cityscapes-train-ids`, `pascal-voc` and `coco-stuff-171`\n"
        "next: segscore evaluate --pred pred --target target --classes bdd100k\n"
    )


def test_labels_that_no_preset_has(folders):
    (folders / "target" / "a.png").write_bytes(png([[77, 78, 200], [1, 255, 1]]))
    result = evaluate()
    assert result.exit_code == 0
    assert "no preset has all of these target labels; `segscore classes new` starts a file\n" in result.stdout
    assert result.stdout.endswith(
        "next: segscore evaluate --pred pred --target target --classes classes.toml\n"
    )


def failed(result, code, text):
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", text)


def test_a_folder_that_is_not_there(folders):
    result = run("evaluate", "--pred", "nowhere", "--target", "target", "--classes", 2)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert "nowhere" in result.stderr


def test_an_unknown_label(folders):
    failed(
        evaluate("--classes", 2),
        2,
        "error: `target` holds the label 255 (1 pixel): neither class nor ignored, first in a\n"
        "hint: 255 usually marks pixels to leave out: `ignore_index=255`\n",
    )


def test_an_unknown_preset(folders):
    failed(
        evaluate("--classes", "cityscape"),
        2,
        "error: there is no preset `cityscape`\n"
        "hint: did you mean `cityscapes` or `cityscapes-train-ids`? `segscore classes` lists the presets; "
        "a file of your own is named with `.toml`\n",
    )


def test_ignored_labels_that_are_no_numbers(folders):
    failed(
        evaluate("--classes", 2, "--ignore", "void"),
        2,
        "error: `--ignore` is 'void', expected label values\nhint: write 255, or 254,255\n",
    )


def test_nothing_can_be_written_without_classes(folders):
    failed(
        evaluate("--save", "v1.npz"),
        2,
        "error: there is nothing to write without `--classes`\nhint: name the classes\n",
    )


@pytest.mark.parametrize("option", ["--json", "--save"])
def test_a_folder_to_write_to_is_looked_for_before_the_run(folders, option):
    failed(
        run("evaluate", "--pred", "nowhere", "--target", "nowhere", "--classes", 2, option, "no/v1"),
        2,
        "error: no: there is no such folder to write to\nhint: make it, or name another one\n",
    )


def test_a_full_disk_while_writing_json(folders):
    result = evaluate("--classes", "classes.toml", "--json", "/dev/full")
    failed(
        result,
        2,
        "error: /dev/full: cannot be written: No space left on device\n"
        "hint: choose a folder that is there, writable, and on a disk with room\n",
    )


def test_skipped_images_are_said_first(folders):
    (folders / "pred" / "b.png").write_bytes(b"")
    failed(
        evaluate("--classes", "classes.toml"),
        2,
        "error: 1 of 2 images could not be scored:\n"
        "  b: pred/b.png: expected a PNG, found an empty file\n"
        "hint: write or copy the file again\n"
        'hint: `on_error="skip"` (`--on-error skip`) scores the other images, and says so\n',
    )
    result = evaluate("--classes", "classes.toml", "--on-error", "skip")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 of 2 images scored\n")
    found = json.loads(evaluate("--classes", "classes.toml", "--on-error", "skip", "--json", "-").stdout)
    assert list(found)[2:4] == ["images_scored", "images_requested"]
    assert (found["images_scored"], found["images_requested"]) == (1, 2)
    assert found["failures"][0]["name"] == "b"


def test_a_missed_prediction_is_a_warning_on_standard_error(folders):
    (folders / "pred" / "a.png").write_bytes(png([[7, 1, 1], [1, 0, 1]]))
    result = evaluate("--classes", "classes.toml")
    assert result.exit_code == 0
    assert result.stderr == (
        "warning: `pred` holds the label 7 (1 pixel): no class, first in a; counted as missed\n"
        "hint: where predictions use other label values than targets, say so with `pred_classes`\n"
    )


def test_hostile_names_are_shown_literally(folders):
    (folders / "classes.toml").write_text(CLASSES.replace('"road"', '"[bold]\\u001b[31mroad"'))
    for folder in ("pred", "target"):
        (folders / folder / "b.png").rename(folders / folder / "b\x1b[2J.png")
    (folders / "pred" / "b\x1b[2J.png").write_bytes(b"no mask")
    result = evaluate("--classes", "classes.toml", "--on-error", "skip")
    assert "\x1b" not in result.output
    assert "[bold]\\x1b[31mroad" in result.stdout
    assert "b\\x1b[2J: " in result.stdout


@pytest.mark.parametrize(
    "args",
    [
        ["evaluate"],
        ["evaluate", "--pred", "x"],
        ["evaluate", "--pred", "x", "--target", "y", "--threads", "many"],
        ["nonsense"],
        ["evaluate", "--nonsense"],
    ],
)
def test_bad_usage_exits_with_2(folders, args):
    assert run(*args).exit_code == 2


@pytest.mark.parametrize(
    "option",
    [
        ["--on-error", "stop"],
        ["--resize", "bilinear"],
        ["--threads", "0"],
        ["--max-pixels", "0"],
        ["--classes", "0"],
    ],
)
def test_values_that_options_cannot_have_exit_with_2(folders, option):
    result = evaluate(*(["--classes", "2"] if "--classes" not in option else []), *option)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert "hint: " in result.stderr


def test_an_internal_error_exits_with_3(folders, monkeypatch):
    def broken(**_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(cli, "evaluate_masks", broken)
    result = evaluate("--classes", 2)
    assert result.exit_code == 3
    assert result.stderr.endswith(
        "internal error: RuntimeError: a defect\nhint: please report this with the command\n"
    )


def test_version_and_help(folders):
    assert run("--version").stdout == f"segscore {segscore.__version__}\n"
    assert "evaluate" in run("--help").stdout
    for command in ("evaluate", "classes", "demo"):
        assert run(command, "--help").exit_code == 0


def segscore_process(*args, **options):
    command = [sys.executable, "-c", "from segscore.cli import main; main()", *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_an_interrupt_exits_with_130_within_a_second(folders):
    (folders / "large.png").write_bytes(png(np.zeros((4000, 4000), dtype=np.uint8)))
    for folder in ("pred", "target"):
        for i in range(400):
            (folders / folder / f"x{i}.png").symlink_to(folders / "large.png")
    process = segscore_process(
        "evaluate", "--pred", "pred", "--target", "target", "--classes", "classes.toml"
    )
    time.sleep(2)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - sent < 1
    assert errors.endswith("interrupted: nothing was written\n")


def test_a_reader_that_goes_away_is_no_error(folders):
    process = segscore_process("classes", "coco-stuff-171")
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), errors) == (0, "")
