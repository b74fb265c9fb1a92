"""The table of what segscore withstands says what failed, and ends with exit code 1 then."""

from pathlib import Path

import pytest

import reliability
from reliability import Row


def test_tests_are_counted_by_what_became_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = (
        "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('none')\ndef test_c(): assert False\n"
    )
    (path := tmp_path / "test_some.py").write_text(some)
    came = "1 failed, 1 skipped, for lack of a package or a right"
    assert reliability.tested("some", [str(path)]) == Row("some", "2 tests", came, False)
    assert capsys.readouterr().err.endswith("test_some.test_c\n")


@pytest.mark.parametrize("held", [True, False])
def test_rows_become_a_table(
    held: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["reliability.py", "--kills", "3", "--datasets", "7"])
    monkeypatch.setattr(reliability, "TESTS", {"forks": ["slow/test_forks.py"]})
    monkeypatch.setattr(
        reliability, "tested", lambda what, files: Row(what, f"{len(files)} tests", "a", True)
    )
    monkeypatch.setattr(reliability, "killed", lambda times: Row("runs", f"{times} kills", "b", held))
    monkeypatch.setattr(reliability, "misled", lambda number: [Row("datasets", f"{number}", "c", True)])
    assert reliability.main() == (0 if held else 1)
    head, *table = capsys.readouterr().out.splitlines()
    assert head.startswith("Machine: ")
    assert table == [
        "",
        "| what was done | how often | what came of it |",
        "|---|---|---|",
        "| runs | 3 kills | b |",
        "| forks | 1 tests | a |",
        "| datasets | 7 | c |",
    ]


def test_each_file_of_tests_is_there() -> None:
    for file in (file for files in reliability.TESTS.values() for file in files):
        assert (reliability.ROOT / "tests" / file).is_file(), file
