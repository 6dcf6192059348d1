"""A reindex that goes on by itself: started over HTTP, done in a process of its own, watched by a file.

``<index>/jobs/<id>.json`` is the state of one, replaced as it goes on; the process holds a lock from before
its start to its end, so that a second start, from any process, is refused, and one that was killed is known
for failed. Called by the web; ``python -m searchsvc.jobs`` is the process.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from searchsvc.errors import ConflictError, DeveloperError, NotFoundError, SearchsvcError
from searchsvc.indexer import reindex, source_roots
from searchsvc.settings import Settings, load_settings
from searchsvc.sources import Reject
from searchsvc.storage import storage_error, write_whole

STATES: Final = ("running", "done", "failed")
KEPT = 20
LISTED_REJECTS = 100
_WRITE_INTERVAL_S = 0.5
_ATTEMPTS = 5


@dataclass(slots=True)
class Job:
    """A reindex. Times are ISO 8601, bytes those of the source files.

    ``error`` and what ``reject_list`` holds are ``{code, params}``, the latter also with path and line.
    """

    id: str
    started_at: str
    state: str = "running"
    phase: str = "starting"
    finished_at: str | None = None
    source_bytes: int = 0
    read_bytes: int = 0
    articles: int = 0
    rejects: int = 0
    reject_list: list[dict[str, Any]] = field(default_factory=list)
    generation: str | None = None
    error: dict[str, Any] | None = None


class Jobs:
    """The reindexes of an index, the last ``KEPT``."""

    def __init__(self, index_dir: Path) -> None:
        self._folder = index_dir / "jobs"

    def start(self, settings: Settings) -> Job:
        """Starts a reindex of the paths of the last one, and gives it as it stands.

        Raises ConflictError with the ``job`` that is running, IndexMissingError, IndexDamagedError and
        StorageError.
        """
        roots = source_roots(settings)
        now = datetime.now(UTC)
        job = Job(now.strftime("%Y%m%dT%H%M%S%f"), now.isoformat(timespec="seconds"))
        try:
            self._folder.mkdir(exist_ok=True)
            lock = self._lock()
        except OSError as error:
            raise storage_error(error, self._folder) from error
        try:
            self._write(job)
            self._remove_old()
            _begin(self._path(job.id), settings, roots, lock)
        finally:
            os.close(lock)  # the process has its own copy, and with it the lock
        return job

    def all(self) -> list[Job]:
        """The jobs, the newest first."""
        names = sorted((path.stem for path in self._folder.glob("*.json")), reverse=True)
        return [self.get(name) for name in names]

    def get(self, job_id: str) -> Job:
        """A job as it stands. Raises NotFoundError."""
        for _ in range(2):
            try:
                if not job_id.isalnum():
                    raise FileNotFoundError(job_id)
                job = Job(**json.loads(self._path(job_id).read_text(encoding="utf-8")))
            except FileNotFoundError as error:
                raise NotFoundError("reindex.not_found", id=job_id) from error
            if job.state != "running" or self._is_locked():
                return job
        # Read twice, as it may have ended between the first reading and the look at its lock.
        return replace(job, state="failed", error={"code": "reindex.interrupted", "params": {}})

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"

    def _write(self, job: Job) -> None:
        write_job(self._path(job.id), job)

    def _remove_old(self) -> None:
        for path in sorted(self._folder.glob("*.json"))[:-KEPT]:
            path.unlink(missing_ok=True)

    def _lock(self) -> int:
        """A descriptor that holds the lock. Raises ConflictError where another process has it."""
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        for _ in range(_ATTEMPTS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                running = next((job for job in self.all() if job.state == "running"), None)
                if running is not None:
                    os.close(descriptor)
                    raise ConflictError("reindex.running", job=running.id) from None
                time.sleep(0.01)  # somebody only looked whether it is held
        os.close(descriptor)
        raise ConflictError("reindex.running", job="")

    def _is_locked(self) -> bool:
        try:
            descriptor = os.open(self._folder / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def write_job(path: Path, job: Job) -> None:
    """Replaces the state of a job."""
    write_whole(path, json.dumps(asdict(job), ensure_ascii=False))


class JobProgress:
    """A progress that keeps the state of a job up to date."""

    def __init__(self, path: Path, job: Job) -> None:
        self.job = job
        self._path = path
        self._written = 0.0

    def start(self, total_bytes: int) -> None:
        """Reading begins."""
        self.job.source_bytes = total_bytes

    def advance(self, n_bytes: int) -> None:
        """So many more bytes were read."""
        self.job.read_bytes += n_bytes
        self._write_now_and_then()

    def article(self) -> None:
        """One article was indexed."""
        self.job.articles += 1
        self._write_now_and_then()

    def reject(self, reject: Reject) -> None:
        """One record or file was not indexed."""
        self.job.rejects += 1
        if len(self.job.reject_list) < LISTED_REJECTS:
            told = {"path": reject.path, "line": reject.line} | _told(reject.error)
            self.job.reject_list.append(told)

    def phase(self, name: str) -> None:
        """Another step begins."""
        self.job.phase = name
        self.write()

    def finish(self) -> None:
        """Reading is over."""

    def write(self) -> None:
        """Writes the state."""
        write_job(self._path, self.job)
        self._written = time.monotonic()

    def _write_now_and_then(self) -> None:
        if time.monotonic() - self._written >= _WRITE_INTERVAL_S:
            self.write()


def run(path: Path, settings: Settings, roots: list[Path]) -> None:
    """Does the reindex whose state is in ``path``, to its end."""
    progress = JobProgress(path, Job(**json.loads(path.read_text(encoding="utf-8"))))
    job = progress.job
    try:
        report = reindex(settings, roots, progress)
        job.state, job.phase, job.generation = "done", "done", report.generation
        job.articles, job.rejects = report.articles, report.rejects
    except SearchsvcError as error:
        job.state, job.error = "failed", _told(error)
    except Exception as error:  # the edge of this process
        logging.exception("reindex %s", job.id)
        job.state, job.error = "failed", _told(DeveloperError("reindex.bug", reason=repr(error)))
    job.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
    progress.write()


def _told(error: SearchsvcError) -> dict[str, Any]:
    params = {n: v if isinstance(v, int | float) else str(v) for n, v in error.params.items()}
    return {"code": error.code, "params": params}


def _begin(path: Path, settings: Settings, roots: tuple[Path, ...], lock: int) -> None:
    """Starts the process; it goes on when this one ends."""
    given = {"settings": _plain(settings), "roots": [os.fspath(root) for root in roots]}
    process = subprocess.Popen(
        [sys.executable, "-m", "searchsvc.jobs", path.absolute(), str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,
    )
    assert process.stdin is not None
    with process.stdin as stream:
        stream.write(json.dumps(given).encode(errors="surrogateescape"))
    threading.Thread(target=process.wait, daemon=True).start()


def _plain(settings: Settings) -> dict[str, Any]:
    """The settings as a file of settings has them."""
    given = {f.name: getattr(settings, f.name) for f in fields(Settings)}
    given["record_fields"] = dict(settings.record_fields)
    return {n: os.fspath(v) if isinstance(v, Path) else v for n, v in given.items()}


def main() -> None:
    """The process: takes its settings from standard input, and holds the lock until it ends."""
    lock = int(sys.argv[2])
    os.set_inheritable(lock, False)
    given = json.loads(sys.stdin.buffer.read().decode(errors="surrogateescape"))
    roots = [Path(root) for root in given["roots"]]
    run(Path(sys.argv[1]), load_settings(given["settings"]), roots)
    os.close(lock)


if __name__ == "__main__":
    main()
