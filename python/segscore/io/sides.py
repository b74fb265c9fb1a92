"""One side of what is compared: its files, and what each is called to find its partner. No file is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from segscore.io.by_class import PartsByPath, of_classes, refuse_doubled
from segscore.io.doubled import index_of
from segscore.io.lists import NameList, chosen
from segscore.io.patterns import ids_under, with_folders
from segscore.io.sources import Source

IMAGES = "images"
"""The role of photographs."""


@dataclass(frozen=True)
class Side:
    """The files of a side by their ids."""

    source: Source
    template: str | None
    """What describes their names; None where they are the ids, as those of masks of several files are."""
    parts: PartsByPath
    """The files of masks that are made of several, by the first of them."""
    ids: tuple[str | None, ...]
    """Of each file; None for one that no template describes, or that is no part of a mask."""
    doubled: Mapping[str, tuple[str, ...]]
    """Files of one class of one image, by the ids of images that have several such."""

    @staticmethod
    def of(
        source: Source,
        template: str | None,
        classes: Collection[str] | None,
        *,
        allowed: bool = True,
        tasks: bool = False,
        argument: str = "pairing",
    ) -> "Side":
        """Return a side under its template; `pair` has the arguments, and says what is raised."""
        source, parts, doubled = of_classes(
            source, template, classes, allowed=allowed, tasks=tasks, argument=argument
        )
        return _side(source, None if parts else template, parts, doubled)

    @property
    def index(self) -> dict[str, int]:
        """Where each id is; several files of one id are a PairingError."""
        refuse_doubled(self.source, self.doubled)
        return index_of(self.source, self.ids, self.template)

    def index_among(self, names: Collection[str]) -> dict[str, int]:
        """Return where each of these ids is, as `index` has it, whatever others are."""
        ids = tuple([name if name in names else None for name in self.ids])
        return replace(self, ids=ids, doubled=self._doubled_of(names)).index

    def chosen(self, listing: NameList) -> "Side":
        """Return the side with the files that a list names, in its order; several of one id are an error."""
        found = chosen(listing, self.source, self.ids)
        self.index_among(found.loose)
        return self.only(found.last)

    @property
    def lone(self) -> list[bool]:
        """Whether each file is without an id."""
        return [name is None for name in self.ids]

    def only(self, which: Sequence[int]) -> "Side":
        """Return the side with some of its files, in this order."""
        ids = tuple([self.ids[i] for i in which])
        return replace(self, source=self.source.only(which), ids=ids, doubled=self._doubled_of(ids))

    def _doubled_of(self, names: Collection[str | None]) -> Mapping[str, tuple[str, ...]]:
        return {name: files for name, files in self.doubled.items() if name in names}

    def with_partners(self, other: "Side") -> "Side":
        """Return the side with those files that are not read, but are all that the other has a partner in."""
        source = self.source
        if self.parts or not source.unread:
            return self
        theirs = {*other.ids, *ids_under(other.source.of(other.source.unread), other.template)} - {*self.ids}
        ids = dict(zip(source.unread, ids_under(source.of(source.unread), self.template), strict=True))
        admitted = {file for file, name in ids.items() if name is not None and name in theirs}
        rest = tuple([file for file in source.unread if file not in admitted])
        return _side(source.of(sorted((*source.files, *admitted)), rest), self.template, self.parts, {})

    def with_folders_of(self, other: "Side") -> "Side":
        """Return a list with as many of its folders in its ids as those of the other side have."""
        if not self.source.listed or other.source.listed:
            return self
        return replace(self, ids=with_folders(self.source, self.ids, {*other.ids}))


@dataclass(frozen=True)
class Both:
    """The files of both sides as they were found, and what is known of their names before any pattern."""

    pred: Source
    target: Source
    by_class: bool
    """Whether masks may be made of several files; photographs are not."""
    classes: Collection[str] | None
    tasks: bool
    argument: str

    def with_targets(self, side: Side) -> "Both":
        """Return both sides with those targets alone that a side still has."""
        kept = {part.path for path in side.source.paths for part in side.parts.get(path, ())}
        kept.update(side.source.paths)
        return replace(
            self, target=self.target.only([i for i, path in enumerate(self.target.paths) if path in kept])
        )

    def under(self, templates: tuple[str | None, str | None]) -> tuple[Side, Side]:
        """Return the sides under their templates; `pair` says what is raised."""
        preds, targets = (
            Side.of(
                source,
                template,
                self.classes,
                allowed=self.by_class and source.role != IMAGES,
                tasks=self.tasks,
                argument=self.argument,
            )
            for source, template in zip((self.pred, self.target), templates, strict=True)
        )
        preds, targets = preds.with_partners(targets), targets.with_partners(preds)
        return preds.with_folders_of(targets), targets.with_folders_of(preds)


def _side(
    source: Source, template: str | None, parts: PartsByPath, doubled: Mapping[str, tuple[str, ...]]
) -> Side:
    named = zip(ids_under(source, template), source.paths, strict=True)
    ids = [name if not parts or path in parts else None for name, path in named]
    return Side(source, template, parts, tuple(ids), doubled)
