"""The production server: gunicorn with several worker processes, started from Python."""

from __future__ import annotations

import socket
from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication

from searchsvc.errors import OperatorError
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

TIMEOUT_S = 60


class _Application(BaseApplication):  # type: ignore[misc]
    """gunicorn's application interface over our own settings.

    The application is made once, before the workers are forked off, and its dictionary's memory is
    shared; each worker opens the index for itself.
    """

    def __init__(
        self, app: Flask, settings: Settings, port: int, ready: Callable[[str], None]
    ) -> None:
        self._app = app
        self._settings = settings
        self._port = port
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        """Sets what differs from gunicorn's defaults."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        shown = f"http://{host}:{self._port}/"
        for name, value in {
            "bind": f"{host}:{self._port}",
            "workers": self._settings.workers,
            "timeout": TIMEOUT_S,
            "preload_app": True,
            # The default of 4,094 bytes refuses a query of 460 Chinese characters; 0 lifts it, so
            # that the limit is our own, in characters and with a position.
            "limit_request_line": 0,
            "loglevel": "warning",
            "proc_name": "searchsvc",
            "control_socket_disable": True,
            "when_ready": lambda _: self._ready(shown),
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application that all workers share."""
        return self._app


def serve_forever(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serves until the process is told to stop; calls ``ready`` with the address once it listens.

    Port 0 picks a free one. Raises OperatorError where the port cannot be had, and what
    ``open_service`` raises where there is no usable index.
    """
    app = create_app(settings)
    service: SearchService = app.extensions["searchsvc.service"]
    service.refresh()
    service.close()
    _Application(app, settings, _free_port(settings), ready).run()


def _free_port(settings: Settings) -> int:
    """The port to bind, proven to be free; gunicorn itself would retry and give up unclearly."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
            port: int = probe.getsockname()[1]
            return port
    except OSError as error:
        raise OperatorError(
            "serve.port_in_use", host=settings.host, port=settings.port, reason=error.strerror
        ) from error
