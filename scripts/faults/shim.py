"""A shim between the program and the file system, for the files below one folder.

It numbers every operation (open, write, truncate, fsync, rename, unlink, mkdir, rmdir, mmap), logs it with what
was written and where in the program it was asked for, and asks a hook before it goes on, which may
raise, write less, or kill the process. Installed by replacing functions of ``os``, ``io`` and ``mmap``:
all file access of the program is by Python.
"""

from __future__ import annotations

import builtins
import io
import mmap
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

PROGRAM = "searchsvc"
_OPEN = io.open
_OS_OPEN = os.open
_MMAP = mmap.mmap
_TRUNCATE = os.truncate


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what, on which file, in words of ``model``; ``site`` is who asked for it."""

    kind: str
    path: str
    other: str = ""
    offset: int = 0
    data: bytes = b""
    site: str = ""


Hook = Callable[[int, Operation], int | None]
"""Called with the number of an operation before it is done. May raise OSError, or kill; of a write,
may give how many bytes of it are written."""


@dataclass
class Shim:
    """What was done below ``root`` while ``installed``."""

    root: Path
    hook: Hook = lambda *_: None
    log: list[Operation] = field(default_factory=list)
    keep_data: bool = False
    local: threading.local = field(default_factory=threading.local)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def installed(self) -> Iterator[Shim]:
        """Within this, the program's file operations go through the shim."""
        patches = (
            mock.patch.object(io, "open", self._open),
            mock.patch.object(builtins, "open", self._open),
            mock.patch.object(os, "open", self._os_open),
            mock.patch.object(os, "fsync", self._wrapped("fsync", os.fsync)),
            mock.patch.object(os, "replace", self._wrapped("rename", os.replace)),
            mock.patch.object(os, "rename", self._wrapped("rename", os.rename)),
            mock.patch.object(os, "unlink", self._wrapped("unlink", os.unlink)),
            mock.patch.object(os, "truncate", self._truncate),
            mock.patch.object(os, "mkdir", self._wrapped("mkdir", os.mkdir)),
            mock.patch.object(os, "rmdir", self._wrapped("rmdir", os.rmdir)),
            mock.patch.object(mmap, "mmap", self._mmap),
        )
        for patch in patches:
            patch.start()
        try:
            yield self
        finally:
            for patch in patches:
                patch.stop()

    def step(self, kind: str, path: str, do: Callable[[int | None], Any], **more: Any) -> Any:
        """One operation: asked for, done, and then logged; as failed where it is not done."""
        with self._lock:
            number, operation = len(self.log), Operation(kind, path, site=_site(), **more)
            self.log.append(Operation("failed", path, site=operation.site))
            result = do(self.hook(number, operation))
            if kind == "write":
                kept = operation.data[:result] if self.keep_data else b""
                operation = replace(operation, data=kept)
            self.log[number] = operation
            return result

    def inside(self, path: Any, folder: int | None = None) -> str | None:
        """The absolute path, if it lies below the root."""
        if isinstance(path, int):
            return self._of_descriptor(path)
        text = os.fsdecode(path)
        if folder is not None and not text.startswith("/"):
            text = os.path.join(_descriptor_path(folder), text)  # noqa: PTH118 - text all along
        text = os.path.abspath(text)  # noqa: PTH100
        root = str(self.root)
        return text if text == root or text.startswith(root + "/") else None

    def _of_descriptor(self, descriptor: int) -> str | None:
        return self.inside(_descriptor_path(descriptor))

    def _open(self, file: Any, mode: str = "r", *args: Any, **given: Any) -> Any:
        path = None if isinstance(file, int) else self.inside(file)
        if path is None:
            return _OPEN(file, mode, *args, **given)
        if not set(mode) & set("wxa+"):
            return self.step("open", path, lambda _: _OPEN(file, mode, *args, **given))
        opener = given.get("opener")
        raw_mode = mode.replace("b", "").replace("t", "")
        kind = "open" if "a" in mode and os.path.exists(path) else "create"  # noqa: PTH110
        raw = self.step(kind, path, lambda _: _ShimFile(self, path, file, raw_mode, opener=opener))
        buffered = io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, given.get("encoding") or "utf-8", given.get("errors"))

    def _os_open(
        self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:
        inside = self.inside(path, dir_fd)
        if inside is None or getattr(self.local, "opening", False):
            return _OS_OPEN(path, flags, mode, dir_fd=dir_fd)
        new = bool(flags & os.O_CREAT) and not os.path.exists(inside)  # noqa: PTH110
        kind = "create" if new or flags & os.O_TRUNC else "open"
        return self.step(kind, inside, lambda _: _OS_OPEN(path, flags, mode, dir_fd=dir_fd))

    def _mmap(self, descriptor: int, *args: Any, **given: Any) -> Any:
        path = self._of_descriptor(descriptor) if descriptor >= 0 else None
        if path is None:
            return _MMAP(descriptor, *args, **given)
        return self.step("mmap", path, lambda _: _MMAP(descriptor, *args, **given))

    def _truncate(self, path: Any, length: int) -> None:
        inside = self.inside(path)
        if inside is None:
            _TRUNCATE(path, length)
        else:
            self.step("truncate", inside, lambda _: _TRUNCATE(path, length), offset=length)

    def _wrapped(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(path: Any, *args: Any, **given: Any) -> Any:
            inside = self.inside(path, given.get("dir_fd"))
            if inside is None:
                return function(path, *args, **given)
            other = self.inside(args[0]) or "" if kind == "rename" else ""
            return self.step(kind, inside, lambda _: function(path, *args, **given), other=other)

        return wrapped


class _ShimFile(io.FileIO):
    """A file that is written; under Python's own buffer, so that short writes are its business."""

    def __init__(self, shim: Shim, path: str, file: Any, mode: str, opener: Any = None) -> None:
        shim.local.opening = True  # an opener's own call is part of this operation
        try:
            super().__init__(file, mode, opener=opener)
        finally:
            shim.local.opening = False
        self._shim = shim
        self._path = path
        self._appends = "a" in mode

    def write(self, data: Any) -> int:
        """Writes as much as the hook lets through."""
        content = bytes(data)

        def do(allowed: int | None) -> int:
            return io.FileIO.write(self, content if allowed is None else content[:allowed])

        place = self.seek(0, os.SEEK_END) if self._appends else self.tell()
        written: int = self._shim.step("write", self._path, do, offset=place, data=content)
        return written

    def truncate(self, size: int | None = None) -> int:
        """Cuts the file off."""
        length = self.tell() if size is None else size

        def do(_: int | None) -> int:
            return io.FileIO.truncate(self, length)

        cut: int = self._shim.step("truncate", self._path, do, offset=length)
        return cut


def _descriptor_path(descriptor: int) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    return ""


def _site() -> str:
    """Who asked: the nearest lines of the program, outermost last."""
    frame, lines = sys._getframe(2), []
    while frame is not None and len(lines) < 4:
        name = frame.f_globals.get("__name__", "")
        if name.startswith(PROGRAM):
            lines.append(f"{name.removeprefix(PROGRAM + '.')}:{frame.f_lineno}")
        frame = frame.f_back  # type: ignore[assignment]
    return " < ".join(lines)
