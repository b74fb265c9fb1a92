"""Each way to break a dataset is read as meant, refused or warned of; a wrong number in silence is found."""

import pytest

import broken
from broken_data import Needs
from broken_ways import Way, given

_EACH = 2
"""Datasets of each way; `python benches/broken.py` makes more."""


def outcomes(ways: list[Way], way: Way) -> list[broken.Outcome]:
    """Return what became of the first datasets whose turn a way has."""
    first = ways.index(way)
    return [broken.outcome(first + i * len(ways), ways, broken.SEED) for i in range(_EACH)]


@pytest.mark.parametrize("way", broken.WAYS, ids=lambda way: way.make.__name__)
def test_a_broken_dataset_gives_no_wrong_number_in_silence(way: Way) -> None:
    assert broken.wrong(outcomes(broken.WAYS, way), []) == []


@pytest.mark.parametrize("way", broken.CLEAN, ids=lambda way: way.make.__name__)
def test_a_clean_dataset_is_read_as_meant_without_a_warning(way: Way) -> None:
    assert broken.wrong([], outcomes(broken.CLEAN, way)) == []


def test_a_wrong_number_in_silence_and_a_warning_without_cause_are_told() -> None:
    worse = Way(
        "worse", lambda data, *_: given(data, [mask // 2 for mask in data.pred]), frozenset(), Needs()
    )
    void = next(way for way in broken.WAYS if way.told == {"foreground-ignored"})
    silent, warned = (broken.outcome(0, [way], broken.SEED) for way in (worse, void))
    assert (silent.outcome, warned.outcome) == (broken.SILENT, broken.WARNED)
    assert broken.wrong([silent, warned], []) == [silent]
    assert broken.wrong([], [silent, warned]) == [silent, warned]


def test_the_program_prints_a_table_and_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ["--datasets", "2", "--clean", "1", "--only", "TIFF in which 0 is white"]
    assert broken.main(chosen) == 0
    assert "| TIFF in which 0 is white | 2 | 0 | 2 | 0 | 0 |" in capsys.readouterr().out
    monkeypatch.setattr(broken, "wrong", lambda outcomes, _: outcomes)
    assert broken.main(chosen) == 1
    assert "dataset 1, refused: TIFF in which 0 is white: " in capsys.readouterr().out
