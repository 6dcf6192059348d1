"""The production server: gunicorn with several worker processes, started from Python."""

from __future__ import annotations

import socket
from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication

from searchsvc.errors import OperatorError, SearchsvcError
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.web import logs
from searchsvc.web.app import create_app
from searchsvc.web.metrics import end_sharing, forget_process, share_between_processes
from searchsvc.web.observing import request_id
from searchsvc.web.worker import Master, Worker

TIMEOUT_S = 60
GRACE_S = 20
"""How long a worker that stops lets exports go on, beyond the time that a search may take."""
SPARE_THREADS = 8
MAX_CONNECTIONS = 1_000
"""Open connections of one worker; most are kept alive and idle."""


class _Application(BaseApplication):  # type: ignore[misc]
    """gunicorn's application interface over our own settings.

    The application is made before the workers are forked off, and its dictionary's memory is
    shared; each worker opens the index for itself. Where the process is told to reload (SIGHUP), the
    settings are read again and new workers take over; address and port stay.
    """

    def __init__(
        self,
        app: Flask,
        figures: str,
        read_settings: Callable[[], Settings],
        ready: Callable[[str], None],
    ) -> None:
        self._app = app
        self._settings: Settings = app.extensions["searchsvc.settings"]
        self._read_settings = read_settings
        self._ready = ready
        self._host = self._settings.host
        self._port = _free_port(self._settings)
        self._figures = figures
        logs.configure(self._settings, request_id.get)
        super().__init__()

    def load_config(self) -> None:
        """Sets what differs from gunicorn's defaults."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        shown = f"http://{host}:{self._port}/"
        for name, value in {
            "bind": f"{host}:{self._port}",
            "workers": self._settings.workers,
            "worker_class": Worker,
            "threads": _threads(self._settings),
            "worker_connections": MAX_CONNECTIONS,
            "timeout": TIMEOUT_S,
            "graceful_timeout": self._settings.max_wait_s + self._settings.max_query_s + GRACE_S,
            "preload_app": True,
            # The default of 4,094 bytes refuses a query of 460 Chinese characters; 0 lifts it, so
            # that the limit is our own, in characters and with a position.
            "limit_request_line": 0,
            "loglevel": "warning",
            "logger_class": logs.KeptLogger,
            "child_exit": lambda _, worker: forget_process(worker.pid),
            "on_exit": lambda _: end_sharing(self._figures),
            # Addresses are believed by the application's own setting, not by gunicorn's.
            "forwarded_allow_ips": "",
            "proc_name": "searchsvc",
            "control_socket_disable": True,
            "when_ready": lambda _: self._ready(shown),
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application that all workers share."""
        return self._app

    def run(self) -> None:
        """Serves until told to stop."""
        Master(self).run()

    def reload(self) -> None:
        """Makes the application anew from the settings as they are now; a wrong one changes nothing."""
        try:
            settings = self._read_settings()
            self._app = _checked_app(settings)
        except SearchsvcError as error:
            self._app.logger.error("not reloaded: %s: %s", error.code, error.message("en"))
        else:
            self._settings, self.callable = settings, None
            logs.configure(settings, request_id.get)
        super().reload()


def serve_forever(read_settings: Callable[[], Settings], ready: Callable[[str], None]) -> None:
    """Serves until the process is told to stop; calls ``ready`` with the address once it listens.

    Port 0 picks a free one. Raises OperatorError where the port cannot be had, and what
    ``open_service`` raises where there is no usable index.
    """
    settings = read_settings()
    figures = share_between_processes()
    try:
        application = _Application(_checked_app(settings), figures, read_settings, ready)
    except SearchsvcError:
        end_sharing(figures)
        raise
    application.run()


def _checked_app(settings: Settings) -> Flask:
    """The application, with an index that can be opened."""
    app = create_app(settings)
    service: SearchService = app.extensions["searchsvc.service"]
    service.refresh()
    service.close()
    return app


def _threads(settings: Settings) -> int:
    """To answer in, to wait in, to send exports in, and to refuse the rest."""
    return settings.max_at_once + settings.max_waiting + settings.max_exports + SPARE_THREADS


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
