"""Shards: shares of the images of a plan, which any process that has the files can evaluate."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from segscore.base.values import Frozen
from segscore.base.wording import many
from segscore.counts.counting import Progress, counted_as_read
from segscore.counts.id_maps import IdMaps
from segscore.counts.measures import NOTHING
from segscore.evaluation.parts import Part
from segscore.io.absolute import absolute_path
from segscore.io.addresses import is_address
from segscore.io.blobs import Blob
from segscore.io.cases import Case, nodata_of_files, target_files
from segscore.io.groups import Label
from segscore.io.places import FilesAsGiven, FilesByName, parent
from segscore.io.reading import Reading
from segscore.results.sharded import Place, Terms


@dataclass(frozen=True, eq=False, repr=False)
class Shard(Frozen):
    """A share of the images of a plan. It can be pickled, and evaluated by any process that has the files.

    Attributes
    ----------
    place : (int, int, str)
        Its number, from 1; how many there are; and the digest of their plan.
    names : tuple of str
        Its images.
    reading : Reading
        How masks are read.
    """

    place: Place
    _terms: Terms
    reading: Reading
    _cases: tuple[Case, ...]
    _stack: tuple[int, ...]
    _groups: tuple[Label, ...] | None
    _missing: tuple[str, ...]
    _extra: tuple[str, ...]
    _total: int
    _ids: IdMaps | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Its images."""
        return tuple(case.name for case in self._cases)

    def evaluate(self, *, threads: int | None = 1, progress: Progress = False) -> Part:
        """Return what its images come to.

        Parameters
        ----------
        threads : int or None
            Number of threads; None for the default of :func:`segscore.set_num_threads`. One is right where
            there are other processes beside this one.
        progress : bool or callable
            As for :func:`segscore.evaluate`.

        Returns
        -------
        Part
            For :meth:`Plan.merge`. Images that cannot be scored do not stop the others: they are an error
            once all shards are merged, if the plan says so.

        Raises
        ------
        ArgumentError
            If `threads` is not usable.
        """
        counted = counted_as_read(
            self._cases,
            None if self._ids is not None else self._terms.classes,
            self.reading,
            of_preds=self.reading,
            threads=threads,
            progress=progress,
            measures=NOTHING if self._ids is not None else self._terms.measures,
            ids=self._ids,
        )
        return Part(
            self.place,
            self._terms,
            tuple(counted),
            self._stack,
            self._groups,
            _files(self._cases, pred=not self._terms.scores),
            self._missing,
            self._extra,
            partial(nodata_of_files, target_files(self._cases)),
            self._total,
        )

    def __len__(self) -> int:
        """Return the number of its images."""
        return len(self._cases)

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<Shard {self.place.said}: {many(len(self), 'image')}>"


def _files(cases: Sequence[Case], *, pred: bool) -> FilesByName:
    """Return where the masks of the images lie, as whole paths: a report may be written from elsewhere.

    Class scores are no masks that can be shown.
    """
    given = {case.name: (_path(case.pred) if pred else None, _path(case.target)) for case in cases}
    masks = {name: paths for name, paths in given.items() if paths != (None, None)}
    if not masks:
        return {}
    parents = {parent(path) for paths in masks.values() for path in paths if path is not None}
    folders = {one: one if is_address(one) else os.path.join(absolute_path(one), "") for one in parents}
    blobs = [mask.address for case in cases for mask in case[1:3] if isinstance(mask, Blob)]
    folders |= {one: one for one in (parent(address) for address in blobs if address is not None)}
    return FilesAsGiven(masks, folders)


def _path(mask: object) -> str | None:
    if isinstance(mask, Blob):
        return mask.address
    return str(mask) if isinstance(mask, str) else None  # a text alone, without the secrets of an address
