"""Commands with masks that are elsewhere: behind an address, or in an archive."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from segscore import load
from segscore.counts.new_classes import new_classes
from segscore.pages.pictures import picture_of
from support.command_line import failed, printed, run
from support.elsewhere import PRED, in_folder, served, stored, with_endings, zipped
from support.masks_on_disk import RGB, png


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    in_folder(tmp_path)
    zipped(tmp_path / "pred.zip", with_endings(PRED))
    with served(tmp_path) as address:
        yield address.replace("//", "//me:word@")


def test_evaluate_writes_no_secret_and_may_be_said_again(tmp_path: Path, host: str) -> None:
    expected = in_folder(tmp_path)
    outputs = ("--report", "r.html", "--save", "e.npz", "--json", "e.json")
    options = ("--pred", "pred.zip", "--target", f"{host}/target/", "--classes", 3, *outputs)
    for _ in range(2):  # the second time there are files to be replaced
        text = printed("evaluate", *options)
    kept = text + "".join((tmp_path / name).read_bytes().decode("latin-1") for name in outputs[1::2])
    assert "me:word" not in kept
    found = load(tmp_path / "e.npz")
    assert (found.names, found.table) == (expected.names, expected.table)
    assert found.files["a"].pred == f"zip://a.png::{tmp_path}/pred.zip"
    assert picture_of(found, "a").reason == "masks that are elsewhere are not fetched for pictures"


def test_commands_that_come_next_say_no_secret(tmp_path: Path, host: str) -> None:
    in_folder(tmp_path)
    text = printed(
        "evaluate", "--pred", "pred.zip", "--target", f"{host}/target/**/*.png?token=hidden#hidden"
    )
    shown = shlex.quote(f"{host.replace('me:word@', '')}/target/**/*.png")
    assert f"segscore classes new --from {shown} " in text
    assert not any(secret in text for secret in ("word", "hidden"))


HERE = (
    "expected a file of this machine, found the address http://host/x\nhint: download it, and give its path"
)
WRITTEN = (
    "expected a file of this machine to write, found the address ADDRESS\nhint: name a file, and "
    "copy it there"
)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--save", "s3://me:word@b/x.npz"), WRITTEN.replace("ADDRESS", "s3://b/x.npz")),
        (("--json", "s3://me:word@b/x.json"), WRITTEN.replace("ADDRESS", "s3://b/x.json")),
        (("--report", "http://me:word@host/x?sig=1"), WRITTEN.replace("ADDRESS", "http://host/x")),
        (("--classes", "http://me:word@host/x?sig=1"), f"`--classes`: {HERE}"),
        (("--pred-classes", "http://me:word@host/x?sig=1"), f"`--pred-classes`: {HERE}"),
        (("--list", "http://me:word@host/x?sig=1"), f"`--list`: {HERE}"),
    ],
)
def test_nothing_but_masks_is_elsewhere(tmp_path: Path, options: tuple[str, str], said: str) -> None:
    in_folder(tmp_path)
    sides = ("--pred", tmp_path / "pred", "--target", tmp_path / "target")
    text = failed(run("evaluate", *sides, *(() if "--classes" in options else ("--classes", 3)), *options))
    assert text == said


def test_evaluations_are_read_from_this_machine_alone() -> None:
    text = failed(run("explain", "http://me:word@host/x?sig=1"))
    assert text == HERE


def test_shards_of_addresses_are_merged(tmp_path: Path, host: str) -> None:
    expected = in_folder(tmp_path)
    for i in (1, 2):
        sides = ("--pred", "pred.zip", "--target", f"{host}/target/")
        printed("evaluate", *sides, "--classes", 3, "--shard", f"{i}/2", "--save", f"p{i}.npz")
    printed("merge", "p1.npz", "p2.npz", "--save", "all.npz")
    assert load("all.npz").table == expected.table


def test_an_output_does_not_replace_an_archive_that_is_read(host: str) -> None:
    text = failed(
        run(
            "evaluate",
            "--pred",
            "pred.zip",
            "--target",
            f"{host}/target/",
            "--classes",
            "3",
            "--save",
            "pred.zip",
        )
    )
    assert "found one that the result is made from" in text


def test_classes_are_started_from_masks_that_are_elsewhere(tmp_path: Path) -> None:
    there = stored("new", {f"{i}.png": png(np.full((2, 3), i)) for i in range(2)})
    assert new_classes(there) == new_classes(f"{there}/*.png").replace("/*.png", "")
    assert new_classes(str(zipped(tmp_path / "a.zip", with_endings(PRED)))).count("label = ") == 3
    stored("new", {"a.png": png(np.full((2, 3), 7)), "b.png": png(np.full((2, 3, 3), (9, 8, 7)), colour=RGB)})
    with pytest.raises(
        ValueError, match=r"^memory://new/b.png holds colours, and memory://new/a.png holds labels"
    ):
        new_classes(there)
