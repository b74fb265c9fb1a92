"""`segscore ui`: the address that it prints, how it ends, and what wrong usage gets."""

import contextlib
import errno
import os
import re
import signal
import socket
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from segscore import OutputError, Workspace
from segscore.app import server
from support.applications import hurry, is_alive, until, workspace_of
from support.command_line import failed, run
from support.processes import ended, started

PRINTED = re.compile(
    r"segscore shows the workspace in (\S+) at\n\n  (http://127\.0\.0\.1:(\d+)/\?token=[\w-]{32})\n\n"
    r"This address lets whoever has it in\. Ctrl-C ends it; what a run has done so far is kept\.\n"
)


class Served:
    """The command in a process of its own."""

    def __init__(self, folder: Path, program: Sequence[str] = ("-m", "segscore")) -> None:
        command = [sys.executable, *program, "ui", "--port", "0", "--no-browser"]
        self.folder, self._output, self._errors = folder, folder / "printed.txt", folder / "said.txt"
        environment = {name: value for name, value in os.environ.items() if name != "SEGSCORE_WORKSPACE"}
        with open(self._output, "wb") as output, open(self._errors, "wb") as errors:
            self._started = started(command, cwd=folder, stdout=output, stderr=errors, env=environment)
            self.process = self._started.__enter__()
        until(lambda: PRINTED.match(self.printed) or self.process.poll() is not None)
        self.address = PRINTED.match(self.printed)[2]
        self.origin = self.address.partition("/?")[0]
        self.browser = httpx2.Client(base_url=self.origin, follow_redirects=True)

    @property
    def printed(self) -> str:
        return self._output.read_text()

    def let_in(self) -> str:
        """Open the address that was printed; return the page."""
        return self.get(self.address.removeprefix(self.origin))

    def get(self, address: str) -> str:
        return self.browser.get(address).raise_for_status().text

    def evaluate(self, model: str) -> None:
        """Evaluate a function of the project, as a page does."""
        Workspace(self.folder).models.add(model, python=f"app_test_models:{model}")
        self.let_in()
        fields = {"model": model, "dataset": "streets"}
        self.browser.post("/evaluate", data=fields, headers={"origin": self.origin}).raise_for_status()

    def interrupted(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Press Ctrl-C, or end it otherwise; return the exit code and what was printed on standard error."""
        self.process.send_signal(by)
        return self.process.wait(60), self._errors.read_text()

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self._started.__exit__(None, None, None)
        self.browser.close()


@pytest.fixture(autouse=True)
def hang_ups():
    """Let processes hear of a hang-up, also where the tests are run by one that ignores it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def served(tmp_path):
    workspace_of(tmp_path)
    with Served(tmp_path) as running:
        yield running


def test_it_prints_its_address_and_answers_who_has_it(served, tmp_path):
    printed = PRINTED.fullmatch(served.printed)
    assert printed[1] == str(tmp_path)
    with pytest.raises(httpx2.HTTPStatusError, match="403"):
        served.get("/")
    assert "net" in served.let_in()
    assert "net" in served.get("/")
    assert served.interrupted() == (0, "")
    assert served.printed.endswith("is kept.\n\nended\n")


@pytest.mark.slow
def test_it_listens_on_this_machine_alone(served):
    port = int(served.origin.rpartition(":")[2])
    with open("/proc/net/tcp") as table:
        local = {line.split()[1] for line in table.readlines()[1:] if line.split()[3] == "0A"}
    assert f"0100007F:{port:04X}" in local
    assert f"00000000:{port:04X}" not in local
    with open("/proc/net/tcp6") as table:
        assert not any(line.split()[1].endswith(f":{port:04X}") for line in table.readlines()[1:])


@pytest.mark.slow
def test_an_end_keeps_what_a_run_has_done(served, tmp_path):
    served.evaluate("slow")
    workspace = Workspace(tmp_path)
    until(lambda: any(run.done for run in workspace.unfinished()))
    code, said = served.interrupted(signal.SIGHUP)
    assert code == 0
    assert "what a model prints is no message" in said
    assert re.search(
        r"kept: run r1: \d of 6 images\n"
        r"hint: it can go on: start `segscore ui` again, or run the same with `segscore run`\n$",
        said,
    )
    assert served.printed.endswith("is kept.\n\nended\n")
    (unfinished,) = workspace.unfinished()
    assert not unfinished.held
    assert 0 < unfinished.done < 6
    hurry(workspace)
    command = [sys.executable, "-m", "segscore", "run", "slow", "--on", "streets", "--no-progress"]
    assert ended(command, cwd=tmp_path).returncode == 0
    assert [run.id for run in workspace.runs()] == ["r1"]


def stuck(served: Served) -> int:
    """Evaluate a model that never returns; return its process once it is at work."""
    served.evaluate("stuck")
    until(Workspace(served.folder).unfinished)
    tasks = Path(f"/proc/{served.process.pid}/task").glob("*/children")
    (process,) = [int(child) for task in tasks for child in task.read_text().split()]
    return process


IMPATIENT = """
from segscore.app import process
from segscore.cli import main
process.PATIENCE = 0.3
main()
"""


@pytest.mark.slow
def test_a_model_that_is_stuck_ends_with_the_application(tmp_path):
    workspace_of(tmp_path)
    with Served(tmp_path, ["-c", IMPATIENT]) as served:
        process = stuck(served)
        code, said = served.interrupted(signal.SIGTERM)
        assert code == 0
        assert said.startswith("kept: run r1: 0 of 6 images\n")
        until(lambda: not is_alive(process), 1)


@pytest.mark.slow
def test_a_model_that_is_stuck_ends_after_an_application_that_is_killed(served, tmp_path):
    process = stuck(served)
    served.process.kill()
    served.process.wait()  # all of its threads: only then are its locks gone
    until(lambda: not is_alive(process), 30)
    assert [(run.id, run.held) for run in Workspace(tmp_path).unfinished()] == [("r1", False)]


@pytest.mark.slow
def test_a_hang_up_that_is_ignored_ends_nothing(tmp_path):
    workspace_of(tmp_path, 2)
    ignoring = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    again = "os.execv(sys.executable, [sys.executable, '-m', 'segscore', *sys.argv[1:]])"
    with Served(tmp_path, ["-c", ignoring + again]) as served:
        until(lambda: "net" in served.let_in())
        served.process.send_signal(signal.SIGHUP)
        assert "net" in served.get("/")
        assert served.interrupted() == (0, "")


SLOW = """
import time
from pathlib import Path
from segscore.app import views
from segscore.cli import main
usual = views.home
def slow(*asked):
    Path("asked").touch()
    time.sleep(4)  # longer than a request is waited for
    return usual(*asked)
views.home = slow
main()
"""


@pytest.mark.slow
def test_a_request_that_is_broken_off_is_no_error(tmp_path):
    workspace_of(tmp_path, 2)

    def ask() -> None:
        with contextlib.suppress(httpx2.HTTPError):
            served.let_in()

    with Served(tmp_path, ["-c", SLOW]) as served:
        asking = Thread(target=ask)
        asking.start()
        until((tmp_path / "asked").exists)
        assert served.interrupted(signal.SIGINT) == (0, "")
        asking.join()


# Wrong usage


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A workspace in the current folder."""
    monkeypatch.chdir(tmp_path)
    return workspace_of(tmp_path, 2)


@pytest.mark.usefixtures("here")
def test_ports_that_cannot_be_used(monkeypatch):
    assert failed(run("ui", "--port", "65536")) == (
        "`--port` is 65536, expected 0 to 65,535\nhint: 0 is any that is free"
    )
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert failed(run("ui", "--port", port)) == (
            f"port {port} of 127.0.0.1 cannot be used: Address already in use\n"
            "hint: end the other program, or name another port with `--port`, where 0 is any that is free"
        )
        monkeypatch.setattr(server, "PORT", port)
        with server.listening(None) as found:
            assert found.getsockname()[1] not in (0, port)

    def bind(self: socket.socket, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", type("Refusing", (socket.socket,), {"bind": bind}))
    assert failed(run("ui", "--port", "80", "--no-browser")) == (
        "port 80 of 127.0.0.1 cannot be used: Permission denied\n"
        "hint: this user may not: name a port from 1024 on with `--port`, or 0 for any that is free"
    )


@pytest.mark.usefixtures("here")
def test_an_extra_that_is_broken(monkeypatch, tmp_path):
    (tmp_path / "uvicorn.py").write_text("raise ImportError('no such symbol')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "uvicorn", raising=False)
    assert failed(run("ui")) == (
        "the application needs uvicorn, which cannot be imported: ImportError: no such symbol\n"
        "hint: it is there, and broken: remove it, then `pip install 'segscore[app]'`"
    )


@pytest.mark.usefixtures("here")
def test_an_extra_that_is_missing(monkeypatch):
    for name in ("starlette", "uvicorn"):
        monkeypatch.setitem(sys.modules, name, None)
    assert failed(run("ui")) == (
        "the application needs starlette and uvicorn: not installed\nhint: `pip install 'segscore[app]'`"
    )


# The browser


@pytest.mark.parametrize(
    ("environment", "opened"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, False),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, False),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/0"}, False),
    ],
)
def test_a_browser_is_opened_only_where_somebody_sits(monkeypatch, environment, opened):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    assert server.on_a_desktop() is opened


@pytest.mark.parametrize(("options", "opened"), [((), True), (("--no-browser",), False)])
@pytest.mark.usefixtures("here")
def test_the_browser_is_led_to_the_address_and_nobody_else_sees_it(monkeypatch, options, opened):
    monkeypatch.setattr(server, "on_a_desktop", lambda: True)
    seen = []

    def look(address: str) -> None:
        path = Path(urllib.request.url2pathname(address.removeprefix("file://")))
        modes = [oct(one.stat().st_mode & 0o777) for one in (path, path.parent)]
        seen.append((address, path, modes, path.read_text()))

    monkeypatch.setattr("webbrowser.open", look)

    def serve(application, ready=None):
        if ready is not None:
            ready()
        application.close()

    monkeypatch.setattr(server.Application, "serve", serve)
    printed = PRINTED.match(run("ui", "--port", "0", *options).stdout)[2]
    assert len(seen) == opened
    for address, path, modes, page in seen:
        assert printed.partition("=")[2] not in address
        assert modes == ["0o600", "0o700"]
        assert f'content="0; url={printed}"' in page
        assert not path.parent.exists()


def test_a_first_page_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "away"))
    with pytest.raises(OutputError) as caught, server.first_page("http://127.0.0.1:1/?token=x"):
        pass
    assert str(caught.value) == (
        f"{tmp_path}/away: the page that a browser opens first cannot be written: No such file or directory\n"
        "hint: `--no-browser` does without it: open the address that is printed"
    )


def test_each_application_has_a_token_of_its_own(here):
    addresses = set()
    for _ in range(3):
        application = server.Application.of(here, 0)
        addresses.add(application.address.rpartition("=")[2])
        application.close()
    assert len(addresses) == 3
