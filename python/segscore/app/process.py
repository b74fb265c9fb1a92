"""The process of a job (`work`): how it is started, heard, and ended with everything that it has started.

What it does, and what its messages mean, is of no concern here.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import IO, Any

from segscore.app.tasks import Task

PATIENCE = 5.0
"""Seconds that a process has to stop by itself; what it loses then can be computed again."""


class Process:
    """A process at work on one task. It leads a group, in which whatever a model starts is, too.

    `heard` is called with each message of the process, in a thread of its own.
    """

    def __init__(self, folder: Path, task: Task, heard: Callable[[Mapping[str, Any]], object]) -> None:
        command = [sys.executable, "-P", "-m", "segscore.app.work", str(folder)]
        self._process = subprocess.Popen(  # noqa: S603 - this very Python
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._heard = heard
        self._error: Exception | None = None
        self._lock = Lock()
        with suppress(BrokenPipeError):  # it ended at once, which its code says
            self._input.write(json.dumps(task.to_dict()).encode() + b"\n")
            self._input.flush()
        self._listener = Thread(target=self._listen, name="segscore-messages", daemon=True)
        self._listener.start()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def stop(self) -> None:
        """Ask it to end, and see to it that it does; nothing happens if it was asked before."""
        if not self._let_go():
            return
        timer = Timer(PATIENCE, self._kill_if_alive)
        timer.daemon = True
        timer.start()

    def wait(self) -> int:
        """Wait until it has ended, end what it has left behind, and return its code.

        Below 0 it is the signal that has ended it. What was raised about a message, for which the process was
        ended, is raised here.
        """
        # The end of its messages is no sign: children of a model may hold the pipe open for ever.
        code = self._process.wait()
        self.kill()
        self._listener.join(PATIENCE)
        self._let_go()
        if self._error is not None:
            raise self._error
        return code

    def kill(self) -> None:
        """End it and its group at once."""
        # The id of a group is given to nobody else while one of it is there; and where none is, ids are
        # given in turn, so that nobody has it yet.
        with suppress(ProcessLookupError, PermissionError):  # nobody is left, or nobody of this user
            os.killpg(self._process.pid, signal.SIGKILL)

    def _let_go(self) -> bool:
        """Close its input, which tells it to end; return whether that was still to be done."""
        with self._lock:
            open_still = not self._input.closed
            with suppress(BrokenPipeError):  # it read nothing, and is not there to read the rest
                self._input.close()
            return open_still

    def _kill_if_alive(self) -> None:
        if self._process.poll() is None:
            self.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            with self._process.stdout as messages:
                for line in messages:
                    if not line.endswith(b"\n"):
                        return  # it was ended while it wrote
                    self._heard(json.loads(line))
        except Exception as error:  # noqa: BLE001 - it is raised again, by who waits
            self._error = error
            self.kill()
