"""Masks that are elsewhere: what is secret in addresses and options is shown and kept nowhere."""

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, PairingError, load, plan
from segscore.io.places import Files
from support.elsewhere import NAMES, PRED, TARGET, in_folder, scored, served, stored, with_endings
from support.refused import refused

SIDES = ("pred", "target")


def test_a_function_is_given_secrets_that_nothing_shows_or_keeps(tmp_path: Path) -> None:
    seen: list[str] = []

    def read(path: str) -> Any:
        seen.append(path)
        if path.endswith("b.png?key=t0ken"):
            raise ValueError(f"{path}: t0ken is refused")
        return np.zeros((1, 1), int)

    address = "http://me:pa55wd@host"
    given = [f"{address}/{name}.png?key=t0ken" for name in "ab"]
    sides = {"pred": given, "target": given, "read": read}
    found = scored(**sides, on_error="skip")
    assert sorted({*seen}) == given
    assert found.files["http://host/a.png"] == Files("http://host/a.png", "http://host/a.png")
    assert [failure.message for failure in found.failures] == [
        "http://host/b.png: the reader failed: ValueError: http://host/b.png … is refused"
    ]
    found.save(tmp_path / "a.npz")
    found.write_report(tmp_path / "a.html")
    made = plan(**sides, classes=3)
    kept = repr(found.to_dict()) + (tmp_path / "a.html").read_text() + repr((made.names, made.whole()))
    kept += refused(EvaluationError, scored, **sides)
    kept += refused(PairingError, scored, **sides, pairing="{id}_pred:{id}")
    kept += "".join(
        content.decode("latin-1") for content in ((tmp_path / "a.npz").read_bytes(), pickle.dumps(found))
    )
    assert not any(secret in kept for secret in ("pa55wd", "t0ken"))
    mixed = scored(pred=[np.zeros((1, 1), int), given[0]], target=[np.zeros((1, 1), int)] * 2, read=read)
    assert mixed.files == {"1": Files("http://host/a.png")}


def test_schemes_may_be_written_in_capitals(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    with served(tmp_path) as host:
        there = [f"{host.replace('http', 'HTTP')}/target/{name}.png" for name in NAMES]
        found = scored(pred=[f"FILE://{tmp_path}/pred/{name}.png" for name in NAMES], target=there)
        assert scored(pred=tmp_path / "pred", target=f"{host.replace('http', 'HTTP')}/target/") == expected
    assert found.table == expected.table


def test_addresses_are_kept_without_what_is_secret(tmp_path: Path) -> None:
    in_folder(tmp_path)
    with served(tmp_path) as host:
        secret = host.replace("//", "//me:word@")
        sides = {side: f"{secret}/{side}/a.png?signature=hidden" for side in SIDES}
        found = scored(**sides)
        lost = plan(**{**sides, "pred": f"{secret}/pred/gone.png?signature=hidden"}, classes=3)
    assert found.names == ("a",)
    assert found.files == {"a": Files(f"{host}/pred/a.png", f"{host}/target/a.png")}
    assert found.provenance == {side: f"{host}/{side}/a.png" for side in SIDES}
    found.save(tmp_path / "a.npz")
    assert load(tmp_path / "a.npz").files == found.files
    kept = json.dumps([str(found.to_dict()), repr(lost), lost.names, lost.digest])
    kept += (tmp_path / "a.npz").read_bytes().decode("latin-1")
    part = lost.whole().evaluate()  # by now nobody answers there
    (failed,) = part.evaluation.failures
    kept += failed.message
    assert "word" not in kept
    assert "hidden" not in kept
    assert failed.message.startswith(f"{host}/pred/gone.png: it cannot be fetched: ClientConnectorError: ")


HTTP = "they are given to fsspec as they are: check their names and types, which are those of its file system"


@pytest.mark.parametrize(
    ("options", "named", "why"),
    [
        ({"wrong": "pa55wd"}, "wrong", "got an unexpected keyword argument 'wrong'"),
        ({"http": {"wrong": 1}}, "http.wrong", "got an unexpected keyword argument 'wrong'"),
        ({"headers": 3}, "headers", "'int' object is not iterable"),
    ],
)
def test_options_that_fsspec_does_not_take_are_named(
    tmp_path: Path, options: dict[str, Any], named: str, why: str
) -> None:
    in_folder(tmp_path)
    with served(tmp_path) as host:
        folder = refused(
            ArgumentError, scored, pred=tmp_path / "pred", target=f"{host}/target/", storage_options=options
        )
        said = rf"cannot be opened with {named} of `storage_options`: TypeError: .*{why}"
        assert re.fullmatch(rf"{host}/target/? {said}\nhint: {HTTP}", folder), folder
        one = f"{host}/target/a.png"
        sides = {"pred": [PRED["a"]], "target": [one]}
        item = refused(EvaluationError, scored, **sides, storage_options=options)
        expected = rf"1 of 1 images could not be scored:\n  a: {one} {said}\nhint: {HTTP}"
        assert re.fullmatch(expected, item), item
    assert "pa55wd" not in folder + item


def test_options_for_a_kind_of_store_are_a_mapping() -> None:
    for target in ("http://host/target/", ["http://host/target/a.png"]):
        sides = {"pred": [PRED["a"]], "target": target, "storage_options": {"http": "pa55wd"}}
        assert refused(ArgumentError, scored, **sides) == (
            "`storage_options`: expected a mapping of options for http, found str\n"
            'hint: such as `{"http": {…}}`, with what fsspec calls them'
        )


def test_options_that_nothing_is_opened_with_are_refused(tmp_path: Path) -> None:
    in_folder(tmp_path)
    sides = {side: tmp_path / side for side in SIDES}
    for given in (sides, {side: [*folder.glob("*.png")] for side, folder in sides.items()}):
        assert refused(ArgumentError, scored, **given, storage_options={"anon": True}) == (
            "`storage_options` is given, and no address that would be opened with it\n"
            "hint: leave it out; `members` and `column` have one of their own"
        )
    assert scored(**sides, storage_options={}).names == NAMES
    there = f"file://{tmp_path}/target"
    assert scored(pred=tmp_path / "pred", target=there, storage_options={"anon": True}).names == NAMES


def test_options_are_those_of_the_store_and_are_not_shown() -> None:
    stored("pred", with_endings(PRED))
    stored("target", with_endings(TARGET))
    sides = {"pred": "memory://pred", "target": "memory://target"}
    options = {"s3": {"key": "for another kind of store"}, "memory": {"token": "very-secret"}}
    assert scored(**sides, storage_options=options).names == NAMES
    made = plan(**sides, classes=3, storage_options=options)
    assert "very-secret" not in repr(made) + repr(made.whole()) + repr(vars(made))
