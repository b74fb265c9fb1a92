"""What `instructions.py` says of counts that differ from those that are kept; it counts nothing here."""

import instructions
from instructions import Counts, faults, keep, kept

TOOLS = {"rustc": "rustc 1.90.0", "valgrind": "valgrind-3.19.0"}
BEFORE = Counts(TOOLS, {"avx2": {"count": 1000, "decode": 2000}})
RENEW = (
    "If this is meant, `python benches/instructions.py --keep` writes the new counts; "
    "say in the commit what they buy."
)


def test_three_hundredths_more_are_let_pass():
    assert faults(Counts(TOOLS, {"avx2": {"count": 1030, "decode": 1000}}), BEFORE) == []


def test_more_is_told_with_the_numbers():
    now = Counts(TOOLS, {"avx2": {"count": 1031, "decode": 2000}})
    assert faults(now, BEFORE) == ["avx2: count: 1,031 instructions, kept are 1,000: 3.1% more", RENEW]


def test_works_that_are_not_in_both_are_told_and_so_are_other_tools():
    now = Counts(TOOLS | {"rustc": "rustc 1.99.0"}, {"avx2": {"count": 1000}, "portable": {"count": 5}})
    assert faults(now, BEFORE) == [
        "not counted, but kept: avx2: decode",
        "not kept: portable: count",
        "Kept are those of rustc 1.90.0, valgrind-3.19.0; here is rustc 1.99.0, valgrind-3.19.0, "
        "which alone may make the difference.",
        RENEW,
    ]


def test_what_is_kept_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(instructions, "KEPT", tmp_path / "kept.toml")
    keep(BEFORE)
    assert kept() == BEFORE


def test_both_kernels_are_kept():
    counts = kept()
    assert set(counts.works) == {"portable", "avx2"}
    assert counts.works["portable"].keys() <= counts.works["avx2"].keys()
