"""What is kept in a workspace, and may be looked up again and again: equal if it is the same thing."""

from abc import abstractmethod

from segscore.base.values import Frozen
from segscore.workspace.store.store import Store


class Kept(Frozen):
    """Base of versions and runs: two of one workspace are equal if they have the same name and content."""

    _store: Store

    @property
    @abstractmethod
    def _identity(self) -> tuple[str, ...]:
        """What it is called, and the digests of what it holds."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Kept) or type(other) is not type(self):
            return NotImplemented
        return (self._store.root, self._identity) == (other._store.root, other._identity)

    def __hash__(self) -> int:
        return hash((self._store.root, self._identity))
