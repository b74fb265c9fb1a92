"""Groups of an evaluation: given once, kept in files and parts, and taken by intervals and comparisons."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, Evaluation, compare, evaluate, load
from support import detections
from support.command_line import EVALUATE, printed
from support.command_line import evaluate as run
from support.refused import refused


def masks(number: int, seed: int = 0) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).integers(0, 2, (number, 30)))


def evaluated(seed: int = 1, **options: object) -> Evaluation:
    return evaluate(pred=masks(60, seed), target=masks(60), classes=2, progress=False, **options)  # type: ignore[arg-type]


CITIES = [f"city {i // 2:02}" for i in range(60)]


def test_intervals_and_comparisons_take_them() -> None:
    alone, grouped = evaluated(), evaluated(groups=CITIES)
    assert grouped.groups == tuple(CITIES)
    assert grouped.confidence_interval() == alone.confidence_interval(groups=CITIES)
    assert grouped.confidence_interval().kind == "groups"
    found = compare(grouped, evaluated(2))
    assert (found.kind, found.units) == ("groups", 30)
    assert list(grouped.group_by()) == sorted(set(CITIES))


def test_parts_and_files_keep_them(tmp_path: Path) -> None:
    ev = evaluated(groups=CITIES)
    ev.save(tmp_path / "v1.npz")
    assert load(tmp_path / "v1.npz") == ev
    assert ev != evaluated()
    part = ev.select(np.arange(60) % 3 == 0)
    assert part.groups == tuple(CITIES[::3])


def test_a_missing_group_costs_no_run() -> None:
    def read(path: str) -> np.ndarray:
        raise AssertionError(path)

    given = {"pred": ["a_1"], "target": ["b1"], "classes": 2, "groups": r"^(\d)_", "read": read}
    assert refused(ArgumentError, evaluate, **given).startswith(r"`^(\d)_` finds no group: `b1` has none")


@pytest.mark.usefixtures("folders")
def test_the_command_line_takes_a_pattern() -> None:
    result = printed(*EVALUATE, "--classes", "classes.toml", "--groups", "^(.)", "--save", "v1.npz")
    assert "no interval of mean IoU: too few groups (2)" in result
    assert load("v1.npz").groups == ("a", "b")
    result = run("--classes", "classes.toml", "--groups", "^(a)")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: `^(a)` finds no group: `b` has none\n")


def test_groups_of_detections_have_columns_of_objects(tmp_path: Path) -> None:
    target = detections.targets(12)
    ev = detections.evaluated(tmp_path, target, detections.results(target, 0.8, 1))
    groups = ev.group_by(lambda name: "ab"[name > "0004"])
    lines = str(groups).splitlines()
    assert [title.strip() for title in lines[0].split("  ") if title] == [
        *("group", "images", "AP", "AP50", "AP75", "F1 at IoU 0.5", "F1 at IoU 0.75", "worst class")
    ]
    first = groups["a"]
    values = [f"{first.metric(name):.4f}" for name in ("ap", "ap50", "ap75", "f1@0.5", "f1@0.75")]
    worst = min(("dog", "cat"), key=lambda name: first.metric(f"ap.{name}"))
    assert lines[1].split() == ["a", "4", *values, worst, f"{first.metric(f'ap.{worst}'):.4f}"]
    assert len(lines) == 3
