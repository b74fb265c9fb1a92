"""Connections of the application: how long whoever connects may take, and how many there may be.

Uvicorn, on which this stands, is imported here, and this in `server` where the application is served. What
strangers send is neither printed nor kept.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0
"""Seconds in which a request must have come as a whole, from the connection or its first byte on."""
MOST = 200
"""Connections at once; a browser opens six."""
MAX_HEAD = 16 * 1024
"""Bytes of the head of a request."""


class Protocol(H11Protocol):
    """A connection that is closed where nothing comes, or something that is no request."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and wait for the rest of it."""
        try:
            super().data_received(data)
        except Exception:  # noqa: BLE001 - h11 and uvicorn do not expect all that strangers may send
            self._break_off()
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._wait()
        else:
            self._go_on()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or break off one whose rest is none."""
        if self.cycle is None or self.cycle.response_complete:
            super().send_400_response(msg)
        else:
            self._break_off()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._go_on()
        super().connection_lost(exc)

    def _break_off(self) -> None:
        if self.cycle is not None:
            # Whoever is about to answer is not to meet a connection that takes no answer.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.abort()

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(PATIENCE, self._break_off)

    def _go_on(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
