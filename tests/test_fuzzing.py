"""Fuzz targets: each that is built has inputs to begin from, and what should not be is told and kept."""

import random
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from segscore import MaskError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def parsers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "fuzz"))
    import parsers

    return parsers


def test_each_target_is_built_and_has_inputs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "fuzz"))
    import seeds

    with open(ROOT / "fuzz/Cargo.toml", "rb") as file:
        binaries = tomllib.load(file)["bin"]
    assert {one["name"]: one["path"] for one in binaries} == {
        name: f"fuzz_targets/{name}.rs" for name in seeds.TARGETS
    }
    assert {path.stem for path in (ROOT / "fuzz/fuzz_targets").iterdir()} == {*seeds.TARGETS}
    seeds.write(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {*seeds.TARGETS}
    assert sum(path.stat().st_size for path in files) < 20_000


def test_what_is_made_right_is_read(parsers: Any, tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    for name, target in parsers.TARGETS.items():
        for number, content in enumerate(target.seeds()):
            came = []
            for suffix in target.suffixes:
                (path := tmp_path / f"{name}{number}{suffix}").write_bytes(content)
                came.append(parsers.tried(target, path))
            assert "read" in came, (name, number, came)


def test_another_error_is_a_finding(
    parsers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(path: str) -> None:
        content = Path(path).read_bytes()
        if content == b"refused":
            raise MaskError("no mask")
        if content == b"wrong":
            raise ValueError("no such number")

    def target(*seeds: bytes) -> Any:
        return parsers.Target((".bin",), lambda: [*seeds], lambda _, content: content, read)

    monkeypatch.setitem(parsers.TARGETS, "right", target(b"right", b"refused"))
    assert parsers.run("right", 0, tmp_path / "kept", 0) == 0
    said = capsys.readouterr().out
    assert said.startswith("right: 2 files, 1 read, 1 MaskError, slowest 0.00 s, 0 MiB more, no finding")
    assert not (tmp_path / "kept").exists()
    monkeypatch.setitem(parsers.TARGETS, "wrong", target(b"right", b"wrong", b"wrong"))
    assert parsers.run("wrong", 0, tmp_path / "kept", 0) == 1
    assert "wrong: ValueError at test_fuzzing.py:" in capsys.readouterr().out
    assert (tmp_path / "kept/wrong-0.bin").read_bytes() == b"wrong"


def test_changes_keep_what_they_are_for(parsers: Any) -> None:
    import changes

    made = random.Random(0)
    told = [changes.retold(made, b'{"a": [1, {"b": "c"}], "d": null}') for _ in range(200)]
    assert len(set(told)) > 50
    archive = parsers.array_seeds()[2]
    assert sum(one[:2] == b"PK" for one in (changes.archived(made, archive) for _ in range(200))) > 150
    column = changes.npy(np.arange(3))
    assert {len(changes.flipped(made, column)) for _ in range(200)} > {len(column)}
