"""Stamps of a workspace: another one for whatever has changed, and for nothing else."""

import pytest

from segscore.workspace.runs import pending
from segscore.workspace.stamps import stamps
from support.some_runs import add_function, add_images, interrupted, run, ws

__all__ = ["ws"]


def changed(ws, before):
    """Return the kinds whose stamps are others now, and take the new ones."""
    now = stamps(ws.path)
    assert [*now] == ["datasets", "models", "runs"]
    kinds = [kind for kind in now if now[kind] != before[kind]]
    before.update(now)
    return kinds


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_stamps_tell_what_has_changed(ws):
    now = stamps(ws.path)
    assert changed(ws, now) == []
    add_function(ws)
    assert changed(ws, now) == ["models"]
    add_function(ws, "logits", class_axis=0)  # a second version
    assert changed(ws, now) == ["models"]
    add_images(ws, version="again")
    assert changed(ws, now) == ["datasets"]
    interrupted(ws, "net:v1", "noise:v1", at=3)
    assert changed(ws, now) == ["runs"]
    with pending.Pending(ws.path / ".segscore" / "runs" / "r1"):
        assert changed(ws, now) == ["runs"]  # somebody is at work on it
        assert changed(ws, now) == []
    assert changed(ws, now) == ["runs"]
    seen = []
    ws.run("net:v1", "noise:v1", progress=lambda _: seen.append(stamps(ws.path)["runs"]))
    assert len({*seen}) == 1  # however far it is
    assert changed(ws, now) == ["runs"]
    assert len(ws.runs()) == 1
    assert changed(ws, now) == []  # as that is only read
    ws.note("r1", "a note")
    assert changed(ws, now) == ["runs"]
    ws.note("r1", "")
    assert changed(ws, now) == ["runs"]
    ws.tag("r1", "kept")
    assert changed(ws, now) == ["runs"]
    assert run(ws, "net:v1", "noise:v1").id == "r1"
    assert changed(ws, now) == []  # as it was there
    ws.remove("r1")
    assert changed(ws, now) == ["runs"]
