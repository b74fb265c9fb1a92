"""An audit of the targets of a dataset alone: what is planted is found, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from segscore import Workspace

SIZE = (40, 60)


def targets(count: int = 12) -> dict[str, np.ndarray]:
    """Return targets of three classes and void, no two alike."""
    random = np.random.default_rng(0)
    found = {}
    for i in range(count):
        target = random.integers(0, 3, SIZE).astype(np.uint8)
        target[:2] = 255
        found[f"{i:02}"] = target
    return found


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.init(tmp_path)


def add(ws: Workspace, of: dict[str, np.ndarray], name: str = "streets", classes: int = 3) -> None:
    folder = ws.path / name
    folder.mkdir()
    for image, target in of.items():
        np.save(folder / f"{image}.npy", target)
    ws.datasets.add(name, targets=folder, classes=classes, ignore_index=255, progress=False)


def test_nothing_is_found_where_nothing_is_wrong(ws: Workspace) -> None:
    add(ws, targets())
    audit = ws.datasets["streets"].audit(progress=False)
    assert audit.findings == ()
    truth = ws.datasets["streets"].truth
    assert (audit.truth.class_pixels.tolist(), audit.truth.void, audit.truth.images) == (
        truth.class_pixels.tolist(),
        truth.void,
        12,
    )


def test_targets_that_are_there_twice_and_classes_that_are_not_are_found(ws: Workspace) -> None:
    of = targets()
    of["twice"] = of["03"]
    add(ws, of, classes=4)
    audit = ws.datasets["streets"].audit(progress=False)
    assert [(one.severity, one.kind, one.message) for one in audit.findings] == [
        ("note", "never-present", "1 of 4 classes is in no target"),
        (
            "note",
            "doubled-images",
            "2 images have the same files as another one: some are in the dataset twice",
        ),
    ]
    doubled = audit.findings[1]
    assert doubled.evidence["files"] == ("03", "twice")


def test_targets_with_nothing_in_them_are_no_copies(ws: Workspace) -> None:
    of = targets()
    for name in ("03", "04"):
        of[name] = np.zeros(SIZE, np.uint8)
    add(ws, of)
    assert ws.datasets["streets"].audit(progress=False).findings == ()


def test_targets_that_changed_since_are_found_as_they_are_now(ws: Workspace) -> None:
    add(ws, targets())
    path = ws.path / "streets" / "05.npy"
    changed = targets()["05"]
    changed[5, :7] = 77
    np.save(path, changed)
    (ws.path / "streets" / "06.npy").write_bytes(b"no array")
    dataset = ws.datasets["streets"]
    assert sorted(dataset.changes()) == ["streets/05.npy", "streets/06.npy"]
    found = {one.kind: one for one in dataset.audit(progress=False).findings}
    assert found["unknown-labels"].severity == "error"
    assert found["unknown-labels"].evidence["values"] == (77,)
    assert found["unknown-labels"].evidence["pixels"] == 7
    assert found["not-scored"].evidence["files"] == ("06",)
