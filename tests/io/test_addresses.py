"""Addresses: what of them is shown, and how they are taken apart."""

import pytest

from segscore import PairingError
from segscore.io.addresses import Chain, is_address, public, public_text
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.sources import find_files
from support.refused import refused


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://bucket/a b/c.png", "s3://bucket/a b/c.png"),
        ("s3://key:word@bucket/a.png?versionId=3", "s3://bucket/a.png"),
        ("s3://bucket/000?.png", "s3://bucket/000?.png"),
        ("https://word@host:80/a.png?sig", "https://host:80/a.png"),
        ("abfs://container@account/a@2x.png", "abfs://container@account/a@2x.png"),
        ("github://owner:project@main/a.png", "github://owner:project@main/a.png"),
        ("sftp://me@host/a.png", "sftp://me@host/a.png"),
        ("zip://a?.png::https://me:word@host/x.zip?sig=1", "zip://a?.png::https://host/x.zip"),
        ("ftp://me:it's a word@host/a.png", "ftp://host/a.png"),
        (f"{'long' * 20}://me:word@host/a.png", f"{'long' * 20}://host/a.png"),
        ("simplecache::https://me:word@host/a.png?sig=1", "simplecache::https://host/a.png"),
        ("memory://a\n/b.png?x=1\n", "memory://a\n/b.png"),
    ],
)
def test_what_is_secret_is_left_out(address: str, shown: str) -> None:
    assert public(address) == shown
    assert public(shown) == shown


def test_addresses_within_a_text_keep_no_secret_either() -> None:
    text = "404, url='https://me:word@host/a.png?sig=1', at s3://k:s@b/a.png?x=1: gone? yes"
    assert public_text(text) == "404, url='https://host/a.png', at s3://b/a.png gone? yes"


def test_long_texts_are_searched_in_the_time_that_they_take_to_read() -> None:
    text = "a" * 1_000_000  # where every letter may begin a scheme, trying each to the end takes minutes
    assert public_text(f"{text} https://host/a.png?sig=1") == f"{text} https://host/a.png"


def test_chains_are_taken_apart() -> None:
    assert Chain.of("ZIP://a/b.png::tar://x.zip::s3://b/y.tar") == (
        "zip",
        "a/b.png",
        "::tar://x.zip::s3://b/y.tar",
    )
    cached = Chain.of("simplecache::https://host/a.zip::file://b")
    assert (cached, cached.protocol) == (("simplecache::https", "host/a.zip", "::file://b"), "https")
    assert cached.is_web
    assert Chain.of("http://host/a").is_web
    assert not Chain.of("s3://host/a").is_web


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://a", True),
        ("C://a", False),
        ("a/b://c", False),
        ("x+y.z-1://", True),
        ("s3:/a", False),
        ("simplecache::s3://a", True),
        ("a::b", False),
    ],
)
def test_addresses_begin_with_a_scheme(text: str, told: bool) -> None:
    assert is_address(text) is told


@pytest.mark.parametrize("given", ["s3://me:word@b/a.png?x=1", ["a.png", "s3://me:word@b/a.png?x=1"]])
def test_addresses_that_nobody_opened_are_no_paths(given: str | list[str]) -> None:
    assert refused(PairingError, find_files, "target", given, MASK_SUFFIXES) == (
        "`target`: expected paths of files, found the address s3://b/a.png\n"
        "hint: download it, and give its path, or read addresses with `read=`, a function from an address to "
        "an array"
    )
