"""What a workspace keeps is equal however often it is looked up."""

from pathlib import Path

import numpy as np

from segscore import Workspace
from support.masks_on_disk import write


def test_what_is_looked_up_again_is_equal(tmp_path: Path) -> None:
    for side in ("image", "target", "one", "other"):
        write(tmp_path / side, {"a.npy": np.array([[0, 1]]) * (side != "other")})
    ws, again = Workspace.init(tmp_path / "ws"), Workspace(tmp_path / "ws")
    sides = {"images": tmp_path / "image", "targets": tmp_path / "target"}
    data = ws.datasets.add("data", **sides, classes=2, progress=False)
    models = [ws.models.add(name, predictions=tmp_path / name) for name in ("one", "other")]
    runs = [ws.run(model.name, "data", progress=False) for model in models]
    kept = [data, *models, *runs]
    found = [again.datasets["data"], *(again.models[model.name] for model in models), *again.runs()]
    assert found == kept
    assert len({*found, *kept}) == 5
    copied = Workspace.init(tmp_path / "copied").datasets.add("data", **sides, classes=2, progress=False)
    assert copied != data
