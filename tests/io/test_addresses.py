"""Addresses: what of them is shown, and how they are taken apart."""

import pickle

import pytest

from segscore import ArgumentError, PairingError, evaluate
from segscore.io.addresses import Address, Chain, is_address, public, public_text, secrets_of
from segscore.io.archives import members
from segscore.io.columns import column
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
        ("http://me:a/word@host/a.png", "http://host/a.png"),
        ("http://me:a?word@host/a.png", "http://host/a.png"),
        ("http://me:a#word@host/a.png", "http://host/a.png"),
        ("http://me:a::word@host/a.png", "http://host/a.png"),
        ("s3://key:wo/r@d/x@bucket/a.png", "s3://bucket/a.png"),
        ("s3://key:w@d/x@bucket/a.png", "s3://bucket/a.png"),
        ("http://me:12/word@host/a.png", "http://host/a.png"),
        ("http://me:/word@host/a.png", "http://host/a.png"),
        ("http://me:12?word@host/a.png", "http://host/a.png"),
        ("http://me:a?b=c@host/a.png", "http://host/a.png"),
        ("http://me:word@host/a.png?mail=me@x", "http://host/a.png"),
        ("http://host:80/a.png?mail=me@x", "http://host:80/a.png"),
        ("http://host:80/a%402x.png", "http://host:80/a%402x.png"),
        ("http://host/a@2x.png", "http://host/a@2x.png"),
        ("zip://12:30/a@2x.png::s3://b/c.zip", "zip://12:30/a@2x.png::s3://b/c.zip"),
        ("github://owner:project@main/a@2x.png", "github://owner:project@main/a@2x.png"),
        ("http://[::1]:80/a@2x.png", "http://[::1]:80/a@2x.png"),
        ("HTTP://me:word@host/a.png#token=1", "HTTP://host/a.png"),
        ("http://host/#token", "http://host/"),
        ("s3://bucket/a#1.png", "s3://bucket/a#1.png"),
        ("s3://bucket/a.png#token=1", "s3://bucket/a.png"),
    ],
)
def test_what_is_secret_is_left_out(address: str, shown: str) -> None:
    assert public(address) == shown
    assert public(shown) == shown


def test_addresses_within_a_text_keep_no_secret_either() -> None:
    text = "404, url='https://me:word@host/a.png?sig=1', at s3://k:s@b/a.png?x=1: gone? yes"
    assert public_text(text) == "404, url='https://host/a.png', at s3://b/a.png gone? yes"


def test_passwords_within_a_text_may_hold_what_should_be_encoded() -> None:
    text = (
        "at http://me:a/word@host/a.png#token=1, HTTP://me:word@host:80/x and http://host/a@2x.png "
        "'http://me:12/word@host/a.png' http://host:80/a?mail=me@x"
    )
    assert public_text(text) == (
        "at http://host/a.png HTTP://host:80/x and http://host/a@2x.png 'http://host/a.png' http://host:80/a"
    )


@pytest.mark.parametrize(
    "address",
    ["http://me:12/word@host/a.png", "simplecache::ftp://h:21/a@2x.png", "zip://a.png::s3://k:w@d/x@b/c.zip"],
)
def test_addresses_in_which_a_password_may_be_a_path_are_refused(address: str) -> None:
    for call, argument in (
        (lambda: evaluate(pred=address, target=address, classes=2), "`pred`: "),
        (lambda: evaluate(pred=[address], target=[address], classes=2), "`pred`: "),
        (lambda: evaluate(pred=[address], target=[address], classes=2, read=str), "`pred`: "),
        (lambda: members(address), ""),
        (lambda: column([address], "mask"), ""),
    ):
        assert refused(ArgumentError, call) == (
            f"{argument}expected an address whose password and path can be told apart, found an `@` behind a "
            f"slash or `?` in {public(address)}\n"
            "hint: write `@` in a path as `%40`, and `/` and `?` in a password as `%2F` and `%3F`, or give "
            "password and port by `storage_options`"
        )


def test_secrets_are_known_as_they_are_given_and_decoded() -> None:
    assert secrets_of("HTTP://me:a%2Fword@host/a.png?sig=1%3D&key=2#token=3") == [
        "me:a%2Fword",
        "a%2Fword",
        "sig=1%3D&key=2#token=3",
        "1%3D",
        "2",
        "3",
        "me:a/word",
        "a/word",
        "sig=1=&key=2#token=3",
        "1=",
    ]


def test_addresses_that_a_function_reads_are_called_without_secrets() -> None:
    address = "http://me:word@host/a.png?sig=1"
    sent = pickle.loads(pickle.dumps(Address.of(address)))
    assert (sent, sent.whole) == ("http://host/a.png", address)


def test_long_texts_are_searched_in_the_time_that_they_take_to_read() -> None:
    text = "a" * 1_000_000  # where every letter may begin a scheme, trying each to the end takes minutes
    assert public_text(f"{text} https://host/a.png?sig=1") == f"{text} https://host/a.png"
    text = f"ab://c:{'?' * 100_000}"
    assert public_text(text) == text


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
