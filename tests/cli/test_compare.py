"""`segscore compare`, `explain` and `audit`: what they print, write and refuse."""

import json
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import Evaluator, compare, load
from support.command_line import failed, printed, run
from support.masks_on_disk import write
from support.pages import Page


@pytest.fixture(autouse=True)
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, (40, 50))
    for name, share in (("v1", 0.4), ("v2", 0.1)):
        judge = Evaluator(["road", "sky"])
        for i, target in enumerate(targets):
            pred = np.where(random.random(50) < share, 1 - target, target)
            judge.add(pred=pred, target=target, name=f"{'ab'[i % 2]}_{i:02}")
        judge.result().save(f"{name}.npz")


def both() -> str:
    return str(compare(load("v1.npz"), load("v2.npz"), labels=("v1", "v2")))


def test_compare_prints_the_comparison() -> None:
    result = printed("compare", "v1.npz", "v2.npz")
    assert result == f"{both()}\n".replace("`groups`", "`--groups`")
    assert result.startswith("v2 is better than v1: mean IoU +0.")


def test_more_numbers_are_compared_where_they_are_named() -> None:
    result = printed("compare", "v1.npz", "v2.npz", "--metric", "mean_image_iou", "--metric", "mean_iou[sky]")
    assert "\nmean_image_iou " in result
    assert "\nmean_iou[sky] " in result
    assert "mean_image_iou" not in both()


def test_gates_pass_and_fail() -> None:
    gates = ("--fail-if-worse", "--fail-unless-not-worse-by", "0.01")
    result = printed("compare", "v1.npz", "v2.npz", *gates)
    assert "\ngate not worse: nothing is worse beyond doubt; a loss of mean IoU of 0." in result
    assert "\ngate not worse by 0.01: mean IoU +0." in result
    result = run("compare", "v2.npz", "v1.npz", *gates, "--json", "c.json", "--summary", "c.md")
    assert result.exit_code == 1
    assert result.stderr.startswith("gate failed: not worse: worse beyond doubt: mean_iou -0.")
    assert "\ngate failed: not worse by 0.01: mean IoU -0." in result.stderr
    written = json.loads(Path("c.json").read_text())
    assert [gate["passed"] for gate in written["gates"]] == [False, False]
    assert written["models"] == ["v2", "v1"]
    assert "| not worse | **failed** | worse beyond doubt: mean\\_iou -0." in Path("c.md").read_text()


def test_too_few_data_are_not_enough_to_be_sure() -> None:
    result = run("compare", "v1.npz", "v2.npz", "--groups", "^(.)_", "--fail-unless-not-worse-by", "0.01")
    assert result.exit_code == 1
    assert (
        result.stderr
        == "gate failed: not worse by 0.01: it cannot be told: too few groups (2), on 40 images\n"
    )


def test_one_output_instead_of_the_text() -> None:
    plain = json.loads(run("compare", "v1.npz", "v2.npz", "--json", "-").stdout)
    assert len(plain["better"]) + len(plain["worse"]) <= 40
    assert run("compare", "v1.npz", "v2.npz", "--summary", "-").stdout.startswith("## v2 against v1\n")


def test_a_page_is_written_beside_the_text_and_other_outputs(tmp_path: Path) -> None:
    result = run(
        "compare", "v1.npz", "v2.npz", "--report", "c.html", "--json", "c.json", "--groups", r"^(\w)_"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    page = Page((tmp_path / "c.html").read_text())
    assert page.root.one("h1").text == "v2 compared with v1"
    assert [row[0] for row in page.id("scenario-table-1").rows()] == ["a", "b"]
    assert json.loads((tmp_path / "c.json").read_text())["models"] == ["v1", "v2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("v1.npz", "v2.npz", "--fail-unless-not-worse-by", "0"),
            "expected `--fail-unless-not-worse-by` above 0, at most 1, found 0.0\n"
            "hint: it is the loss of mean IoU that is too much, such as 0.01",
        ),
        (
            ("v1.npz", "v2.npz", "--on", "some"),
            '`--on` is \'some\'\nhint: it is "all", or "common" for the images that both have',
        ),
        (
            ("v1.npz", "v2.npz", "--level", "2"),
            "expected `--level` from 0.5 to below 1, found 2.0\nhint: 95 % is 0.95, as an interval's level",
        ),
        (
            ("v1.npz", "v2.npz", "--images", "image"),
            "`--images` needs `--report`\nhint: photographs are shown on its page",
        ),
    ],
)
def test_wrong_arguments_are_answered(arguments: tuple[str, ...], message: str) -> None:
    assert failed(run("compare", *arguments)) == message


def test_explain_prints_the_explanation(tmp_path: Path) -> None:
    ev = load("v1.npz")
    assert printed("explain", "v1.npz", "--json", "e.json") == f"{ev.explain()}\n"
    assert json.loads((tmp_path / "e.json").read_text()) == ev.explain().to_dict()
    assert json.loads(run("explain", "v1.npz", "--json", "-").stdout) == ev.explain().to_dict()


def test_explain_prints_what_a_tool_makes_of_surfaces(tmp_path: Path) -> None:
    judge = Evaluator(["background", "liver"], distances=True)
    judge.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]])
    judge.result().save("v3.npz")
    said = load("v3.npz").surface_as("monai", tolerance=2.0)
    asked = ("explain", "v3.npz", "--surface-as", "monai", "--tolerance", "2")
    assert printed(*asked, "--json", "s.json") == f"{said}\n"
    assert json.loads((tmp_path / "s.json").read_text()) == said.to_dict()
    assert failed(run("explain", "v3.npz", "--surface-as", "surface-distance")) == (
        "`surface-distance` takes surfaces of area, and those of voxels were measured\n"
        "hint: evaluate with `--surface area`"
    )
    assert failed(run("explain", "v3.npz", "--tolerance", "2")) == (
        "`--tolerance` is given without `--surface-as`\nhint: counts of pixels have no tolerance"
    )


def test_audit_prints_findings_and_the_ground_truth_and_writes_all_of_it(tmp_path: Path) -> None:
    for folder, value in (("p", 0), ("t", 1)):
        write(tmp_path / folder, {"1.png": np.array([[0, value], [1, 255 * value]], np.uint8)})
    audit = ("audit", "--pred", "p", "--target", "t", "--classes", "2", "--no-progress")
    text = printed(*audit)
    assert text.startswith("audit of 1 image: 1 error; 2 things could not be looked for\n\nerror: ")
    assert "usually marks pixels to leave out: `--ignore 255`" in text
    assert "\nground truth of 1 image, 4 pixels\n" in text
    expected = segscore.audit(pred="p", target="t", classes=2, progress=False).to_dict()
    assert [finding["kind"] for finding in expected["findings"]] == ["void-not-ignored"]
    assert json.loads(printed(*audit, "--json", "-")) == expected
    assert printed(*audit, "--json", "a.json") == text
    assert json.loads((tmp_path / "a.json").read_text()) == expected
