"""gunicorn's master and threaded worker, made to end without dropping who is already connected.

When a server stops, connections that the kernel has taken and no worker has accepted would be reset.
Here the first worker to hear of it accepts all of them and closes the door for both: who comes later
is refused as where no server is. A reload keeps the door open for the workers that follow.
"""

from __future__ import annotations

import errno
import mmap
import socket
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

_stopping = mmap.mmap(-1, 1)
"""One byte of memory that the master shares with its workers: 1 once the whole server stops."""


class Master(Arbiter):  # type: ignore[misc]
    """Tells its workers whether they are replaced or the server stops."""

    def stop(self, graceful: bool = True) -> None:
        """Stops; a graceful stop answers everyone who is connected."""
        _stopping[0] = 1
        super().stop(graceful)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Accepts what is left before it stops accepting."""

    def init_signals(self) -> None:
        """Listens to signals, and hears of a stop that was told before it listened."""
        super().init_signals()
        if _stopping[0]:
            self.alive = False

    def set_accept_enabled(self, enabled: bool) -> None:
        """Starts or stops accepting."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive and _stopping[0]:
            for listener in self.sockets:
                self._close_door(listener)

    def accept(self, listener: Any) -> None:
        """Accepts one connection, if there is one and the door is open."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno != errno.EINVAL:  # another worker has closed the door
                raise

    def _close_door(self, listener: Any) -> None:
        accepted = -1
        while self.nr_conns > accepted:
            accepted = self.nr_conns
            self.accept(listener)
        try:
            listener.sock.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # another worker was first
                raise
