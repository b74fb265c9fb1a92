"""The command line keeps evaluations as tables, and says before a run if it cannot."""

import sys

import segscore
from support.command_line import run


def evaluate(*options: str):
    return run("evaluate", "--pred", "pred", "--target", "target", "--classes", "classes.toml", *options)


def test_a_table_is_kept_read_and_compared(folders):
    for name in ("v1.parquet", "v1.npz"):
        assert evaluate("--save", name).exit_code == 0
    assert segscore.load("v1.parquet") == segscore.load("v1.npz")
    compared = run("compare", "v1.parquet", "v1.npz")
    assert compared.exit_code == 0
    assert "mean_iou" in compared.stdout


def test_what_cannot_be_kept_is_said_before_the_run(folders, monkeypatch):
    (folders / "pred" / "a.png").write_bytes(b"")  # which the run would say
    for name in ("v1.parquet", ".parquet"):
        result = evaluate("--save", name, "--distances")
        assert result.exit_code == 2
        assert result.stderr == (
            "error: what was measured of shapes has no place in a table of pairs of labels\n"
            "hint: save it under a name that ends in .npz\n"
        )
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = evaluate("--save", "v1.PARQUET")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: Parquet is written with pyarrow, which is not installed\n"
        "hint: `pip install pyarrow`; or use .npz\n"
    )
