"""Names of models and datasets lead to their pages, wherever they stand."""

import pytest

from support.applications import Visitor, attributes, workspace_of


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    workspace = workspace_of(tmp_path_factory.mktemp("links"), images=4)
    for version in ("v1", "v2"):
        workspace.run(f"net:{version}", "streets", progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


MODEL, DATASET, RUN = "/model?name=net%3Av1", "/dataset?name=streets%3Av1", "/runs/r1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/", {"/model?name=net", MODEL, DATASET, RUN}),
        ("/matrix", {MODEL, DATASET, RUN}),
        ("/runs", {MODEL, DATASET, RUN}),
        ("/runs/r1", {MODEL, DATASET}),
        ("/datasets", {"/dataset?name=streets", DATASET}),
        ("/model?name=net", {MODEL, DATASET, RUN}),
        (MODEL, {"/model?name=net", "/model?name=net%3Av2", DATASET, RUN}),
        (DATASET, {MODEL, RUN}),
    ],
)
def test_names_lead_to_pages_that_are_there(visitor, address, expected):
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert expected <= {*attributes(answer, "a", "href")}
    for link in expected:
        assert visitor.get(link).status_code == 200
