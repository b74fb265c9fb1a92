"""Datasets of other workspaces: a small file each, which says where the other one is."""

from dataclasses import dataclass
from pathlib import Path

from segscore.base.naming import by_face, marked
from segscore.base.wording import show
from segscore.errors import ArgumentError, FileFormatError, SegscoreError, WorkspaceError, unknown
from segscore.io.absolute import real_path
from segscore.io.sources import AnyPath
from segscore.workspace.store.digests import short_path, whole_path
from segscore.workspace.store.disk import FOLDER, read_json, reading, root_of, write_json
from segscore.workspace.store.names import adding
from segscore.workspace.store.store import SCHEMA, Store

_LINKING = by_face("`segscore dataset link`", forms="`Evaluate with a new dataset`")


@dataclass(frozen=True)
class Link:
    """A dataset that belongs to another workspace."""

    name: str
    """Of the dataset, here and there."""
    root: Path
    """The folder of the other workspace."""
    file: Path
    """What says so."""
    damage: FileFormatError | None = None
    """Why the file cannot be read."""

    def store(self) -> Store:
        """Return the other workspace's store, or say how to mend a link that is broken."""
        try:
            if self.damage is not None:
                raise self.damage
            if not (self.root / FOLDER).is_dir():
                raise WorkspaceError(f"{show(str(self.root))}: there is no workspace any more")
            store = Store(self.root)
            if not store.rows("dataset", self.name):
                raise WorkspaceError(f"{show(str(self.root))}: there is no dataset `{self.name}` any more")
        except SegscoreError as error:
            raise WorkspaceError(
                f"the link to dataset {self.name} is broken: {marked(error.message)}",
                f"bring it back, link it from elsewhere by {_LINKING}, or remove {show(str(self.file))}",
            ) from error
        return store


def links(store: Store) -> dict[str, Link]:
    """Return the links of a workspace by name, sorted."""
    found = {}
    for file in store.folder.joinpath("links").glob("[!.]*.json"):
        try:
            content = read_json(file, "a link")
            with reading(file, "a link"):
                root = whole_path(store, content["workspace"])
            found[file.stem] = Link(file.stem, Path(root), file)
        except FileFormatError as error:
            found[file.stem] = Link(file.stem, file, file, error)
    return dict(sorted(found.items()))


def add_link(store: Store, other: AnyPath, name: str) -> Link:
    """Link a dataset of another workspace, in place of a link that is broken."""
    root = root_of(other)
    if real_path(root) == real_path(store.root):
        raise ArgumentError(
            f"{show(str(root))}: expected another workspace, found this one", "its datasets are here already"
        )
    if store.rows("dataset", name):
        raise ArgumentError(
            f"there is a dataset `{name}` in this workspace already", "a linked dataset keeps its name"
        )
    if (before := links(store).get(name)) is not None and before.root != root:
        _refuse_working(before)
    if not (root / FOLDER).is_dir():
        raise WorkspaceError(
            f"{show(str(root))}: there is no workspace: no folder {FOLDER} in it",
            "give the folder of the project whose dataset it is",
        )
    there = Store(root)
    if not there.rows("dataset", name):
        raise _not_there(there, name)
    made = Link(name, root, store.folder / "links" / f"{name}.json")
    write_json(made.file, {"schema": SCHEMA, "workspace": short_path(store, str(root))})
    return made


def _refuse_working(link: Link) -> None:
    try:
        link.store()
    except WorkspaceError:
        return
    raise ArgumentError(
        f"dataset `{link.name}` is linked from {show(str(link.root))} already",
        f"remove {show(str(link.file))} to link it from elsewhere",
    )


def _not_there(there: Store, name: str) -> SegscoreError:
    if name in (known := links(there)):
        return ArgumentError(
            f"{show(str(there.root))}: dataset `{name}` is itself linked from {show(str(known[name].root))}",
            "link it from there",
        )
    names = sorted({row.name for row in there.rows("dataset")})
    if names:
        return unknown("dataset", name, names)
    return WorkspaceError(
        f"{show(str(there.root))}: there is no dataset in this workspace",
        f"{adding('dataset')} adds one there",
    )
