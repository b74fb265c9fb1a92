"""Which names are refused as void beside masks of the same images: by its definition, and what it costs."""

import re
from itertools import product

import numpy as np
import pytest

from segscore import PairingError
from segscore.classes.folding import is_void
from segscore.io import void_files
from segscore.io.void_files import refuse_void

WORDS = ["a", "b7", "7", "cat", "void", "VOID", "avoid", "don't", "care", "not", "labeled", "un", "ignore"]
BETWEEN = ["_", "-", ".", " ", "/", ""]


def gaps(name: str) -> set[tuple[str, str, str]]:
    """Return all that up to three words may be, with what stands before and after it."""
    words = [match.span() for match in re.finditer(r"[^\W_]+", name)]
    runs = [(words[i][0], words[j][1]) for i in range(len(words)) for j in range(i, min(i + 3, len(words)))]
    pieces = {(name[:start], name[start:end], name[end:]) for start, end in runs}
    return {(a, piece, b) for a, piece, b in pieces if (a or b) and not re.search(r"[/\d]", piece)}


def expected(names: list[str]) -> list[str]:
    """Return which names are void beside masks, each compared with each."""
    void = {name: [(a, b) for a, piece, b in gaps(name) if is_void(piece)] for name in names}
    beside = [name for name in names if not void[name]]
    taken = {(a, b) for name in beside for a, _, b in gaps(name)}
    shorter = {
        name: {s for a, b in own for s in (a.rstrip("_-. /") + b, a + b.lstrip("_-. /"))} - {""}
        for name, own in void.items()
    }
    return sorted(name for name in void if taken & {*void[name]} or shorter[name] & {*beside})


def test_names_are_found_as_by_comparing_each_with_each() -> None:
    random = np.random.default_rng(4)
    found = 0
    for _ in range(2000):
        names = sorted(
            {
                "".join(
                    word + gap
                    for word, gap in zip(random.choice(WORDS, n), random.choice(BETWEEN, n), strict=True)
                )
                for n in random.integers(1, 4, 6)
            }
        )
        void = expected(names)
        if not void:
            refuse_void(names)
            continue
        found += 1
        with pytest.raises(PairingError) as error:
            refuse_void(names)
        assert error.value.message.splitlines()[1:] == [f"  {name}" for name in void]
    assert 200 < found < 1800


def test_names_that_hold_no_such_word_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    taken_apart = []
    runs = void_files._runs
    monkeypatch.setattr(void_files, "_runs", lambda name: taken_apart.append(name) or runs(name))
    names = [f"{city}/{city}_{i:06}_gtFine" for city, i in product(("aachen", "bochum"), range(500))]
    refuse_void(names)
    assert taken_apart == []
    with pytest.raises(PairingError):
        refuse_void([*names, "aachen/aachen_000007_void", "aachen/aachen_000007_gt"])
    assert len(taken_apart) < 10
