"""A folder or pattern that stands for more than any dataset holds, such as a whole disk, is refused."""

from pathlib import Path

import pytest

from segscore.errors import PairingError
from segscore.io import sources
from segscore.io.sources import find_files
from support.refused import refused


@pytest.mark.parametrize(("pattern", "held"), [("", 13), ("/**/*.png", 13), ("/**/c.png", 5)])
def test_more_files_and_folders_than_a_dataset_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, held: int
) -> None:
    for i in range(4):
        (tmp_path / str(i)).mkdir()
        for name in ("a.png", "b.png"):
            (tmp_path / str(i) / name).touch()
    monkeypatch.setattr(sources, "MAX_FOUND", held - 1)
    assert refused(PairingError, find_files, "pred", f"{tmp_path}{pattern}", None) == (
        f"`pred`: expected at most {held - 1} files and folders below {tmp_path}, found more\n"
        "hint: name the folder that holds these files alone"
    )
    monkeypatch.setattr(sources, "MAX_FOUND", held)
    if held == 13:
        assert len(find_files("pred", f"{tmp_path}{pattern}", None).files) == 8
