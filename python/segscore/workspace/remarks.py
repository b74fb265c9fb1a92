"""What is written about finished runs after they have ended: notes and tags, which alone change."""

from segscore.base.shown import Shown
from segscore.errors import ArgumentError
from segscore.workspace.history import Runs
from segscore.workspace.runs.run import write_note
from segscore.workspace.runs.tags import change_tags
from segscore.workspace.store.store import Store


class Remarks(Shown):
    """Base of workspaces that writes what is to be said about their runs."""

    _store: Store

    def note(self, run: str, text: str) -> None:
        """Write what is to be said about a run, in place of an earlier note.

        Parameters
        ----------
        run : str
            Its id.
        text : str
            At most 10,000 characters; an empty text removes the note.

        Raises
        ------
        ArgumentError
            If there is no such run, or the text is longer than 10,000 characters.
        OutputError
            If it cannot be written.
        """
        write_note(self._store, Runs.of(self._store)[run], text)

    def tag(self, run: str, *tags: str) -> None:
        """Add tags to a run, by which it is found again; one that it has already is no error.

        Parameters
        ----------
        run : str
            Its id.
        tags : str
            1 to 50 characters each that print, without a comma, such as ``baseline``; several blanks become
            one. A run has at most 20.

        Raises
        ------
        ArgumentError
            If there is no such run, no tag is given, or one cannot be.
        OutputError
            If they cannot be written. None is added then.
        """
        found = Runs.of(self._store)[run]
        change_tags(self._store, run, found.folder, add=_given(tags))

    def untag(self, run: str, *tags: str) -> None:
        """Remove tags from a run.

        Parameters
        ----------
        run, tags
            As for `tag`.

        Raises
        ------
        ArgumentError
            If there is no such run, no tag is given, or the run lacks one of them. None is removed then.
        OutputError
            If that cannot be written.
        """
        found = Runs.of(self._store)[run]
        change_tags(self._store, run, found.folder, remove=_given(tags))


def _given(tags: tuple[str, ...]) -> tuple[str, ...]:
    if not tags:
        raise ArgumentError("no tag is given", 'name one, such as "baseline"')
    return tags
