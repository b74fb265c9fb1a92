"""ImagesAs: what a tool says of each class in each image, whatever the numbers are made of."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from segscore.base.values import Frozen
from segscore.text.numbers import plain
from segscore.text.plain import WIDTH, wrapped


class Rule(Protocol):
    """What every rule says of itself: what users call it, the tool with its version, where it was read."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as said above
    @property
    def tool(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102


class ImagesAs(Frozen):
    """Base of the numbers of a rule, which have these fields or properties."""

    rule: Rule
    images: Mapping[str, Any]
    means: Mapping[str, Any]
    differences: tuple[str, ...]
    shard: str

    @property
    def name(self) -> str:
        """Name of the convention."""
        return self.rule.name

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain Python values that JSON can hold; undefined ones are None."""
        return {
            "convention": self.name,
            "tool": self.rule.tool,
            "source": self.rule.source,
            **self._about(),
            "images": {key: plain(values) for key, values in self.images.items()},
            "means": {key: plain(values) for key, values in self.means.items()},
            "differences": list(self.differences),
            **({"shard": self.shard} if self.shard else {}),
        }

    def _about(self) -> dict[str, Any]:
        """Return what else `to_dict` has, of rules of one kind."""
        raise NotImplementedError

    def _text(self, said: str, lines: Iterable[str]) -> str:
        """Return a text that says what the numbers are, the lines of a table, and what the rule does."""
        head = f"{self.rule.tool}: {said}" + (f"\nof {self.shard}" if self.shard else "")
        legend = [line for sentence in self.differences for line in wrapped(sentence, WIDTH)]
        return "\n\n".join([head, "\n".join(lines), "\n".join(legend)])

    def __repr__(self) -> str:
        """Return a short form with the numbers' names."""
        return f"<{type(self).__name__} {self.name}: {', '.join(self.images)}>"
