"""What tests of commands share: masks to evaluate."""

import pytest

from support.command_line import write_folders


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders `pred` and `target` with two masks each, and `classes.toml`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    return tmp_path
