"""Which names of a module may be called, as its code says without being run."""

import ast

import pytest

from segscore.workspace.registry.module_names import names_of

CODE = """
import time, os.path
import numpy as np
from math import sqrt as root
SIZE, NOTHING = 512, print
MEAN = [0.5]
late = None
model = load() if SIZE else None
if SIZE:
    def predict(image):
        helper = 1
        def inner(image): ...
        global late, made
        late = made = predict
class Net:
    def method(self, image): ...
try:
    import cupy as xp
except ImportError:
    xp = wrapped(np)
twice = lambda image: 2
"""


def test_names_that_may_be_called_are_told_from_those_that_may_not() -> None:
    names = names_of(ast.parse(CODE))
    may = {"root", "SIZE", "NOTHING", "late", "made", "model", "predict", "Net", "xp", "twice"}
    assert names.callable == may
    assert names.others == {
        "time": "the module",
        "os": "the module",
        "np": "the module",
        "MEAN": "the value",
    }
    assert not names.open


@pytest.mark.parametrize("code", ["from a import *", "def __getattr__(name): ..."])
def test_a_module_may_have_names_that_its_code_does_not_say(code: str) -> None:
    assert names_of(ast.parse(code)).open


def test_a_module_without_names() -> None:
    names = names_of(ast.parse("print()"))
    assert (names.callable, names.others, names.open) == (frozenset(), {}, False)
