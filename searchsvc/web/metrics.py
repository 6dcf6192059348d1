"""Figures for a monitoring system (Prometheus), of all worker processes together, at ``/metrics``.

Where several processes serve, each writes its figures into files of one folder, and whichever is asked
adds them up. What is counted is how much and how long, never who or what.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable

from flask import Blueprint, Response, current_app
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)

from searchsvc import __version__
from searchsvc.errors import SearchsvcError
from searchsvc.web.context import service

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

blueprint = Blueprint("metrics", __name__)


class Metrics:
    """What one application counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "searchsvc_requests", "Requests, by endpoint and status of the answer",
            ("endpoint", "status"), registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "searchsvc_request_seconds", "Time from arrival to answer, the wait included",
            ("endpoint",), buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.steps = Histogram(
            "searchsvc_step_seconds", "Time of each step of an answer",
            ("step",), buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.refused = Counter(
            "searchsvc_refused", "Requests that were refused, by reason",
            ("reason",), registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "searchsvc_waiting", "Requests that wait for their turn",
            multiprocess_mode="livesum", registry=self.registry,
        )  # fmt: skip
        self.inside = Gauge(
            "searchsvc_answering", "Requests that are being answered",
            multiprocess_mode="livesum", registry=self.registry,
        )  # fmt: skip


def share_between_processes() -> str:
    """Makes all figures from now on those of this process and its children together; gives the folder."""
    folder = tempfile.mkdtemp(prefix="searchsvc-metrics-")
    os.environ[_FOLDER] = folder
    # prometheus_client 0.26 decides at its import, which is before a server knows that it is one.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    return folder


def forget_process(pid: int) -> None:
    """Leaves out what a worker that ended had waiting."""
    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def end_sharing(folder: str) -> None:
    """Removes the folder."""
    shutil.rmtree(folder, ignore_errors=True)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All figures, in the text format of Prometheus."""
    own: Metrics = current_app.extensions["searchsvc.metrics"]
    registry = own.registry
    if _FOLDER in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    text = generate_latest(registry) + generate_latest(_of_index())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _of_index() -> CollectorRegistry:
    """What is known of the index at this moment; only that there is none where it cannot be opened."""
    registry = CollectorRegistry()
    found: Iterable[tuple[str, str, float]]
    try:
        stats = service().holdings()
        found = (
            ("articles", "Articles in the index", stats["articles"]),
            ("index_bytes", "Size of the index", stats["size_bytes"]),
            ("index_segments", "Segments of the index", stats["segments"]),
            ("source_rejects", "Records that the last reindex rejected", stats["rejects"]),
            ("index_age_seconds", "Time since the index last changed",
             time.time() - service().changed_at),
        )  # fmt: skip
        ready = 1
    except SearchsvcError:
        found, ready = (), 0
    for name, what, value in (*found, ("ready", "Whether searches can be answered", ready)):
        Gauge(f"searchsvc_{name}", what, registry=registry).set(value)
    about = Gauge("searchsvc_build", "Version of searchsvc", ("version",), registry=registry)
    about.labels(__version__).set(1)
    return registry
