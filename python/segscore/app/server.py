"""The server of the application: its address, its token, how it starts and how it ends. It prints nothing."""

import gc
import logging
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from threading import Thread
from typing import Any

from segscore.app.jobs import Job, Jobs
from segscore.app.removed import KEPT
from segscore.app.state import State
from segscore.base.naming import arg
from segscore.errors import NOT_INSTALLED, ArgumentError, OutputError, SegscoreError, import_failure
from segscore.pages.page import make_ready
from segscore.workspace import Workspace

HOST = "127.0.0.1"
PORT = 8571
"""Where it listens unless a port is named, or another program is there."""
_LARGEST = 65_535
_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end it as Ctrl-C does: of whoever manages services, and of a terminal that is closed."""
_FIRST_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={address}">
<title>segscore</title></head><body><p><a href="{address}">Open segscore</a></p></body></html>
"""


def check_installed() -> None:
    """Raise ArgumentError unless everything that the application needs is installed."""
    missing = []
    for package in ("jinja2", "starlette", "uvicorn"):
        why = import_failure(package)
        if why == NOT_INSTALLED:
            missing.append(package)
        elif why:
            raise ArgumentError(
                f"the application needs {package}, which {why}",
                f"it is there, and broken: remove it, then {_EXTRA}",
            )
    if missing:
        raise ArgumentError(f"the application needs {' and '.join(missing)}: not installed", _EXTRA)


_EXTRA = "`pip install 'segscore[app]'`"


def listening(port: int | None) -> socket.socket:
    """Return a socket of this machine alone, at a port or, for 0, at any that is free.

    If no port is given it is `PORT`, or any that is free where that is taken; one that cannot be used is an
    error.
    """
    if port is not None and not 0 <= port <= _LARGEST:
        raise ArgumentError(f"{arg('port')} is {port}, expected 0 to {_LARGEST:,}", "0 is any that is free")
    for wanted in (PORT, 0) if port is None else (port,):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Right after its end the application can be started again; two at once cannot share a port.
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, wanted))
            found.listen(128)
        except OSError as error:
            found.close()
            if port is None and wanted:
                continue
            raise ArgumentError(
                f"port {wanted} of {HOST} cannot be used: {error.strerror}",
                "end the other program, or name another port with `--port`, where 0 is any that is free",
            ) from error
        return found
    raise AssertionError


def on_a_desktop() -> bool:
    """Whether somebody sits at this machine, so that a browser can be opened for them."""
    if any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return False
    if sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def first_page(address: str) -> Iterator[str]:
    """Yield the address of a file that leads a browser on to another address, and is removed at the end.

    Everybody on this machine sees the arguments of a program that is started. They are not to see a token,
    and nobody else can read the file.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="segscore-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _unwritten(tempfile.gettempdir(), error) from error
    with folder as inside:
        path = Path(inside) / "open.html"
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(_FIRST_PAGE.format(address=escape(address)))
        except OSError as error:
            raise _unwritten(inside, error) from error
        yield path.as_uri()


def _unwritten(folder: str, error: OSError) -> OutputError:
    return OutputError(
        f"{folder}: the page that a browser opens first cannot be written: {error.strerror}",
        "`--no-browser` does without it: open the address that is printed",
    )


@dataclass(frozen=True)
class Application:
    """An application that is about to be served."""

    address: str
    """What lets a browser in; it holds the token."""
    state: State
    _server: Any
    _socket: socket.socket

    @classmethod
    def of(cls, workspace: Workspace, port: int | None = None) -> "Application":
        """Return an application that listens, and answers once it is served."""
        check_installed()
        import uvicorn

        from segscore.app.protocol import MAX_HEAD, Protocol
        from segscore.app.site import site

        bound = listening(port)
        number = bound.getsockname()[1]
        token = secrets.token_urlsafe(24)
        state = State(workspace, Jobs(workspace.path))
        with suppress(SegscoreError):  # what an application left behind that was killed can wait
            workspace.aside.delete(older_than=KEPT)
        config = uvicorn.Config(
            site(state, port=number, token=token),
            http=Protocol,
            h11_max_incomplete_event_size=MAX_HEAD,
            log_level="error",  # warnings are about what strangers send
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
        return cls(f"http://{HOST}:{number}/?token={token}", state, uvicorn.Server(config), bound)

    def serve(self, ready: Callable[[], object] | None = None) -> Job | None:
        """Answer until somebody ends it by a signal; called by the main thread.

        The job that was at work is returned; what it has done is kept. `ready` is called once it answers, in
        a thread of its own.
        """
        if ready is not None:
            # The socket listens already: whoever comes early waits.
            Thread(target=ready, daemon=True).start()
        # One that is ignored stays so: `nohup` wants it.
        heeded = [one for one in _ENDING if signal.getsignal(one) is not signal.SIG_IGN]
        before = {one: signal.signal(one, lambda *_: self.stop()) for one in heeded}
        log = logging.getLogger("uvicorn.error")
        log.addFilter(self._is_worth_telling)
        try:
            self.answer()
        except KeyboardInterrupt:
            pass
        finally:
            # A second signal is not to leave the process of a model behind.
            before |= {signal.SIGINT: signal.getsignal(signal.SIGINT)}
            for one in before:
                signal.signal(one, signal.SIG_IGN)
            running = self.close()
            for one, handler in before.items():
                signal.signal(one, handler)
            log.removeFilter(self._is_worth_telling)
        return running

    def answer(self) -> None:
        """Answer until `stop` is called, in any thread; `serve` is for the main one, which has signals."""
        # Nobody asks as quickly as the socket listens.
        Thread(target=_make_ready, daemon=True).start()
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End what `answer` does, from another thread."""
        self._server.should_exit = True

    def close(self) -> Job | None:
        """End the job that is at work, which is returned, and listen no longer."""
        running = self.state.jobs.close()
        self.state.removed.close()
        self._socket.close()
        return running

    def _is_worth_telling(self, _: logging.LogRecord) -> bool:
        """Whether it goes on: at its end requests are broken off, which is no error."""
        return not self._server.should_exit


_YOUNG = 50_000
"""Objects that are made before those are looked through that were made last: a page has as many."""


def _make_ready() -> None:
    make_ready()
    # What is loaded stays: to look through it for garbage again and again takes a tenth of a page.
    gc.freeze()
    gc.set_threshold(_YOUNG)
