"""How the outcome of a command becomes messages on standard error and an exit code.

0 is fine, 1 a gate that failed, 2 bad usage or bad input, 3 an internal error, 130 an interrupt.
"""

import functools
import io
import os
import stat
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeAlias

import typer

from segscore.base.wording import show as shown
from segscore.base.wording import visible
from segscore.cli.spelling import PARAMETERS, on_command_line
from segscore.errors import InternalError, OutputError, SegscoreError, SegscoreWarning

if TYPE_CHECKING:
    from segscore.scores.gates import GateResult

GATE_FAILED, BAD_INPUT, INTERNAL, INTERRUPTED = 1, 2, 3, 130

P = ParamSpec("P")


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the outcomes of a command into messages and exit codes."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        token = PARAMETERS.set(kwargs.keys())
        before: dict[str, _State] = {}
        outputs = _EARLIER.set(before)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("always", category=SegscoreWarning)
                warnings.showwarning = _show_warning  # type: ignore[assignment]  # takes fewer
                command(*args, **kwargs)
            with _written():
                sys.stdout.flush()
        except SegscoreError as error:
            say("error", error.message, error.hint)
            _say_earlier(before)
            raise typer.Exit(INTERNAL if isinstance(error, InternalError) else BAD_INPUT) from None
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            say_interrupted()
            _say_earlier(before)
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            import traceback

            traceback.print_exc()
            say("internal error", f"{type(error).__name__}: {error}", "please report this with the command")
            _say_earlier(before)
            raise typer.Exit(INTERNAL) from None
        finally:
            PARAMETERS.reset(token)
            _EARLIER.reset(outputs)

    return run


_State: TypeAlias = tuple[int, int, int]
_EARLIER: ContextVar[dict[str, _State] | None] = ContextVar("_EARLIER", default=None)
"""Files that the command is to replace, as they were before it began."""


def will_replace(file: str) -> None:
    """Keep in mind how a file is that the command replaces, so that nobody takes it for new if that fails."""
    earlier, now = _EARLIER.get(), _state(file)
    if earlier is not None and now is not None:
        earlier[file] = now


def _state(file: str) -> _State | None:
    """Return what tells whether a file was written meanwhile; None if there is none."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None


def _say_earlier(before: Mapping[str, _State]) -> None:
    """Say which files are what they were, now that the command has failed."""
    for file, state in before.items():
        if _state(file) == state:
            say("note", f"{shown(file)} is of an earlier command: this one has written nothing to it")


def show(text: str, *, end: str = "\n") -> None:
    """Print to standard output."""
    with _written():
        typer.echo(f"{text}{end}", nl=False)


@contextmanager
def _written() -> Iterator[None]:
    """Tell what is raised where standard output is written from what other files raise."""
    try:
        yield
    except OSError as error:
        drop(sys.stdout)
        raise OutputError(f"standard output cannot be written: {error.strerror or error}") from error


def say_failed(gates: "Iterable[GateResult]") -> None:
    """Print the gates that failed to standard error."""
    for gate in gates:
        if not gate.passed:
            say("gate failed", f"{gate.name}: {gate.sentence}")


def end(gates: "Iterable[GateResult]") -> None:
    """End the command, once everything is written, with an exit code that says if a gate failed."""
    if not all(gate.passed for gate in gates):
        raise typer.Exit(GATE_FAILED)


def say(kind: str, message: str, hint: str | None = None) -> None:
    """Print a message and its hint to standard error, spelled for the command line."""
    spelled = f"{kind}: {on_command_line(message)}" + (f"\nhint: {on_command_line(hint)}" if hint else "")
    for line in spelled.split("\n"):
        typer.echo(visible(line), err=True)


def say_interrupted() -> None:
    """Print to standard error that the command ends before it is done, as by Ctrl-C."""
    typer.echo("interrupted", err=True)


class Stream(io.TextIOWrapper):
    """A standard stream that goes nowhere once it cannot be written, so that no exit code depends on readers.

    `lost` is what may happen to it: standard output can only lose its reader, for example `head`.
    """

    def __init__(self, stream: io.TextIOWrapper, lost: type[OSError]) -> None:
        # A character that the terminal cannot show is no reason to show nothing.
        super().__init__(
            stream.buffer, stream.encoding, "backslashreplace", line_buffering=stream.line_buffering
        )
        self._lost = lost

    def write(self, text: str) -> int:
        """Write a text, if there is somewhere to."""
        try:
            return super().write(text)
        except self._lost:
            drop(self)
            return len(text)

    def flush(self) -> None:
        """Write what is left, if there is somewhere to."""
        try:
            super().flush()
        except self._lost:
            drop(self)


def drop(stream: TextIO) -> None:
    """Let the rest of a stream vanish: Python would complain again when it flushes it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _show_warning(message: Warning | str, *_: Any) -> None:
    say("warning", message.text if isinstance(message, SegscoreWarning) else str(message))
