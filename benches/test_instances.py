"""That the bench of objects says which packages are missing, and measures what there is."""

import sys

import instances


def test_packages_that_are_missing_are_said_and_left_out(monkeypatch, capsys):
    for package in ("pycocotools", "faster_coco_eval", "cc3d"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(sys, "argv", ["instances.py", "--images", "16", "--rounds", "1"])
    assert instances.main() == 0
    said = capsys.readouterr()
    names = ("pycocotools", "faster-coco-eval", "cc3d")
    assert said.err.splitlines() == [
        f"{name} is not installed, and not measured: see CONTRIBUTING.md" for name in names
    ]
    lines = said.out.splitlines()
    assert [line.rpartition(" | 1.0 | ")[0].rpartition(" | ")[0] for line in lines[2:4]] == [
        "| smooth, 16 images | segscore",
        "| ragged, 2 images | segscore",
    ]
    assert lines[4:] == ["", "There was nothing to compare numbers with."]
