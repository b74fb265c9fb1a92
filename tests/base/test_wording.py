"""Words of messages."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from segscore.base.wording import reason


@pytest.mark.parametrize("does", [os.lstat, os.listdir, open, os.path.getsize])
def test_a_path_that_no_file_can_have_is_told_in_the_same_words(does: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match="embedded null") as caught:
        does("a\0b")
    assert reason(caught.value) == "embedded null byte"


def test_the_reason_is_that_of_the_system_or_what_an_error_says(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        os.lstat(tmp_path / "none")
    assert reason(caught.value) == "No such file or directory"
    assert reason(OSError("by itself")) == "by itself"
    assert reason(ValueError("another")) == "another"


def test_what_is_nested_too_deep_is_told_in_the_same_words() -> None:
    with pytest.raises(RecursionError) as caught:
        json.loads("[" * 100_000)
    assert reason(caught.value) == "its brackets are nested too deep"
