"""Wheels do not say where they were built."""

import json
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import parts

ABOUT = "segscore-1.2.3.dist-info"
LISTED = f"{ABOUT}/sboms/segscore.cyclonedx.json"
NAMED = {"name": "segscore", "version": "1.2.3"}
CRATE = "registry+https://github.com/rust-lang/crates.io-index#png@0.18.1"
OF_CRATE = {"bom-ref": CRATE, "name": "png", "purl": "pkg:cargo/png@0.18.1", "scope": "required"}


def listed(place: str, address: str = "") -> dict[str, Any]:
    """Return a list of parts as it is of sources in a place, or without one."""
    return {
        "metadata": {
            "component": {
                "bom-ref": place,
                **NAMED,
                "purl": f"pkg:cargo/segscore@1.2.3{address}",
                "components": [
                    {
                        "bom-ref": f"{place} bin-target-0",
                        "purl": f"pkg:cargo/segscore@1.2.3{address}#src/lib.rs",
                    }
                ],
            }
        },
        "components": [OF_CRATE],
        "dependencies": [{"ref": place, "dependsOn": [CRATE]}, {"ref": CRATE}],
    }


def recorded(files: dict[str, bytes]) -> bytes:
    lines = [
        f"{name},sha256={urlsafe_b64encode(sha256(content).digest()).rstrip(b'=').decode()},{len(content)}"
        for name, content in files.items()
    ]
    return "\n".join([*lines, f"{ABOUT}/RECORD,,", ""]).encode()


def write(wheel: Path, about: dict[str, Any]) -> dict[str, bytes]:
    """Write a wheel with this list of its parts, and return its files."""
    files = {"segscore/a.so": bytes(range(256)), LISTED: json.dumps(about).encode()}
    files |= {f"{ABOUT}/RECORD": recorded(files)}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100755 << 16
            archive.writestr(info, content)
    return files


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        assert {info.external_attr for info in archive.infolist()} == {0o100755 << 16}
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    "place",
    [
        "path+file:///home/me/work#segscore@1.2.3",
        "path+file:///home/me/segscore#1.2.3",
        "path+file:///D:/a/segscore#1.2.3",
    ],
)
def test_a_wheel_is_called_by_its_name_and_not_by_its_place(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = tmp_path / "segscore-1.2.3-cp311-abi3-any.whl"
    before = write(wheel, listed(place, "?download_url=file://."))
    assert parts.main([str(tmp_path)]) == 0
    found = contents(wheel)
    assert [*found] == [*before]
    assert json.loads(found[LISTED]) == listed("pkg:cargo/segscore@1.2.3")
    assert found.pop(f"{ABOUT}/RECORD") == recorded(found)
    assert found["segscore/a.so"] == before["segscore/a.so"]
    assert capsys.readouterr().out == "1 looked into: no list of parts names a place\n"
    assert {path.name for path in tmp_path.iterdir()} == {wheel.name}


def test_what_names_no_place_is_left_as_it_is(tmp_path: Path) -> None:
    wheel = tmp_path / "segscore-1.2.3-cp311-abi3-any.whl"
    write(wheel, listed("pkg:cargo/segscore@1.2.3"))
    before = wheel.read_bytes()
    assert parts.main([str(tmp_path)]) == 0
    assert wheel.read_bytes() == before


@pytest.mark.parametrize("other", ["path+file:///home/me/other#0.1.0", "pkg:cargo/a@1?url=File%3A%2F%2F."])
def test_a_place_that_is_left_is_told(other: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = tmp_path / "segscore-1.2.3-cp311-abi3-any.whl"
    about = listed("path+file:///home/me/segscore#1.2.3")
    write(wheel, about | {"dependencies": [{"ref": other}]})
    assert parts.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"{wheel.name}: {LISTED} names a place\n"
