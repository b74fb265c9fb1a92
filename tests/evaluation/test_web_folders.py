"""Folders of web servers: what is found in them, and what is said where nothing is."""

import re
from pathlib import Path

import numpy as np
import pytest

from segscore import PairingError
from support.elsewhere import in_folder, scored, served
from support.masks_on_disk import png, write
from support.refused import refused

LINKS = (
    "check the address; of web servers those folders are found that are pages with links to their files: "
    "else give a list of addresses"
)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (
            path,
            f"expected a folder, a file or a glob pattern, found nothing at HOST/{path}: the server has "
            "answered 404",
        )
        for path in ("nothing", "nothing/", "nothing/*.png")
    ]
    + [(path, f"expected links to files at HOST/{path}, found none") for path in ("empty/", "empty/*.png")]
    + [
        (f"{path}/{asked}", f"HOST/{path}/ cannot be listed with what follows `?` or `#`")
        for path in ("target", "nothing")
        for asked in ("?token=hidden", "#hidden")
    ],
)
def test_it_is_said_why_a_folder_has_no_masks(tmp_path: Path, where: str, said: str) -> None:
    in_folder(tmp_path)
    (tmp_path / "empty").mkdir()
    with served(tmp_path) as host:
        found = refused(PairingError, scored, pred=tmp_path / "pred", target=f"{host}/{where}")
    assert found == f"`target`: {said}\nhint: {LINKS}".replace("HOST", host)


def test_a_file_of_a_web_server_needs_no_ending_and_may_be_followed_by_anything(tmp_path: Path) -> None:
    write(tmp_path, {"mask": png(np.ones((2, 3))), "a.png": png(np.ones((2, 3)))})
    with served(tmp_path) as host:
        for name in ("mask", "a.png", "a.png#token=hidden", "mask?token=hidden", "a.png?x=1#y"):
            found = scored(pred=f"{host}/{name}", target=f"{host}/{name}")
            assert (found.names, found.table.sum.columns()[2].tolist()) == (
                (re.split("[.?#]", name)[0],),
                [6],
            )
