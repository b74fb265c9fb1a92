"""Frozen: what a result needs to stay as it was made, also when it is copied or sent to another process.

What a result holds is known to the results themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np


class Frozen:
    """Base of frozen dataclasses whose arrays and mappings are read-only as well.

    A class that has a `__post_init__` of its own sees to its arrays and mappings itself, or calls this one.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            elif isinstance(value, Mapping):
                object.__setattr__(self, field.name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        # Built anew: unpickled arrays and caches would be writable, and pickle takes no view of a mapping.
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {k: dict(v) if isinstance(v, MappingProxyType) else v for k, v in values.items()}
        return partial(type(self), **plain), ()
