"""Lists of images behind the numbers of a report, held against a search of all images."""

from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest

from segscore import Evaluation, Evaluator
from segscore.pages import behind
from segscore.pages.behind import Listed, lists_of
from segscore.pages.queries import query_of, search_of
from segscore.pages.report import gathered
from segscore.results.finding import Search, find

_NAMES = ["road", "50 % sky", "car & co", "p=1;é"]


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """Sixty small images in three groups, with predictions that are no class."""
    with pytest.warns(match="no class"):
        return _evaluated()


def _evaluated() -> Evaluation:
    random = np.random.default_rng(3)
    judge = Evaluator(_NAMES)
    for i in range(60):
        target = random.choice(random.permutation(4)[: 1 + i % 4], (8, 8))
        pred = np.where(random.random((8, 8)) < i / 60, target, random.integers(0, 5, (8, 8)))
        judge.add(pred=pred, target=target, name=f"{'abc'[i % 3]}_{i:02}")
    made = judge.result()
    return replace(made, groups=tuple(int(name[-2:]) % 3 for name in made.names))


def test_each_list_is_what_a_search_of_its_query_finds(evaluation):
    scenarios = gathered(evaluation, attributes={"way & more": lambda name: name[0]}).scenarios
    groups = {one.attribute: one.labels for one in scenarios}
    assert list(groups) == ["", "way & more"]
    found = lists_of(evaluation, scenarios)
    for query, listed in found.items():
        search = search_of(dict(parse_qsl(query)), 4)
        wanted = find(evaluation, search, groups)
        values = wanted.pixels if search.ordered == "pixels" else wanted.values
        assert listed.total == len(wanted.images), query
        assert list(listed.images) == wanted.images[:8].tolist(), query
        assert list(listed.values) == values[listed.images].tolist(), query
    assert query_of(Search(groups={"": "2"}), 4) in found
    assert query_of(Search(groups={"way & more": "b"}), 4) in found
    pairs = evaluation.table.sum
    assert sum("pred=" in q and "target=" in q for q in found) == len(pairs.columns()[0])
    bins = [listed.total for query, listed in found.items() if query.startswith("from=")]
    assert sum(bins) == 60
    of_class = [listed.total for query, listed in found.items() if "metric=iou.car+%26+co&order" in query]
    assert sum(of_class) == np.count_nonzero(evaluation.cells.of_class(2)[1])


def _of_cells(found: dict[str, Listed]) -> dict[str, Listed]:
    return {query: one for query, one in found.items() if "target=" in query and "pred=" in query}


def test_lists_of_many_cells_are_shorter_and_leave_out_the_smallest(evaluation, monkeypatch):
    whole = _of_cells(lists_of(evaluation, ()))
    monkeypatch.setattr(behind, "MOST", 10)
    found = _of_cells(lists_of(evaluation, ()))
    assert len(found) == 10
    for query, one in found.items():
        assert one == Listed(whole[query].total, whole[query].images[:1], whole[query].values[:1])
    rows = zip(*(column.tolist() for column in evaluation.table.sum.columns()), strict=True)
    pixels = {f"target={t}&pred={'none' if p > 3 else p}": n for t, p, n in rows}
    assert min(pixels[query] for query in found) >= max(
        pixels[query] for query in whole if query not in found
    )
