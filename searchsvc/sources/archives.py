"""Packed files and archives: .xz, .gz and .bz2 of one file, .zip and .tar of many.

Nothing is written under a name from an archive; names only say where an article stands. Members
are read one after another as streams, against one budget for each file on disk. Called by ``files``.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any, TypeAlias, cast

from searchsvc.errors import SourceError
from searchsvc.sources.decoding import decode_page
from searchsvc.sources.model import Content, Reject
from searchsvc.sources.streams import FREE_BYTES, Budget, source_errors, unpacked

Members: TypeAlias = Iterator[Content | Reject]
OPENERS: dict[str, Callable[[Any], Any]] = {
    ".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open,
}  # fmt: skip
"""How a file that packs one other is opened, by its ending."""

MAX_TAR_HEADER_BYTES = 1 << 20
"""Longest extended header of a tar member; tarfile reads them whole."""

_METS = re.compile(r"mets[^/]*\.xml$", re.I)


def unpacked_content(content: Content, ending: str, budget: Budget) -> Content:
    """The one file that a packed file holds; it keeps the packed file's name."""
    with source_errors():
        inner = OPENERS[ending](content.stream)
    return Content(content.name, unpacked(inner, budget), content.settings, content.mets_files)


def zip_members(content: Content, budget: Budget) -> Members:
    """The files of a zip archive, a reject for each that cannot or may not be read."""
    with _seekable(content, budget) as stream, _zip(stream) as archive:
        infos = [(_zip_name(info), info) for info in archive.infolist()]
        for name, info in infos:
            if name.endswith("/") or is_hidden(name):
                continue
            budget.count()
            place = f"{content.name}/{name}"
            try:
                check_name(name)
                if info.flag_bits & 1:
                    raise SourceError("source.encrypted")
                with source_errors():
                    member = archive.open(info)
            except SourceError as error:
                yield Reject(place, None, error)
                continue
            with member:
                beside = _MetsOfZip(archive, infos, name, content.settings.max_page_bytes)
                yield Content(place, unpacked(member, budget), content.settings, beside)


def tar_members(content: Content, budget: Budget) -> Members:
    """The files of a tar archive, read as a stream; a reject for each that may not be read."""

    class Header(tarfile.TarInfo):
        """Notes whether the archive has its end mark, and refuses headers that fill the memory."""

        is_ended = False

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Header:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                cls.is_ended = True
            info = super().frombuf(buf, encoding, errors)
            extended = info.type not in tarfile.SUPPORTED_TYPES or info.type in _EXTENDED_HEADERS
            if extended and info.size > MAX_TAR_HEADER_BYTES:
                raise SourceError("source.damaged", reason=f"{info.size} B header")
            return info

    with _tar(content.stream, Header) as archive:
        while True:
            with source_errors():
                info = archive.next()
            if info is None:
                break
            archive.members.clear()  # type: ignore[attr-defined] # tarfile keeps them all
            name = _tar_name(info)
            if info.isdir() or is_hidden(name):
                continue
            budget.count()
            place = f"{content.name}/{name}"
            try:
                check_name(name)
                if not info.isreg() or info.issparse():
                    raise SourceError("source.no_file")
                member = cast(IO[bytes], archive.extractfile(info))
            except SourceError as error:
                yield Reject(place, None, error)
                continue
            yield Content(place, unpacked(member, budget), content.settings)
        if not Header.is_ended:
            raise SourceError("source.damaged", reason="no end mark")


_EXTENDED_HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip


def check_name(name: str) -> None:
    """Raises SourceError for a member's name that would lead out of its archive's folder."""
    path = PurePosixPath(name)
    if (
        not path.parts
        or path.is_absolute()
        or ".." in path.parts
        or re.match(r"[A-Za-z]:", name)
        or "\0" in name
    ):
        raise SourceError("source.escapes")


def is_hidden(name: str) -> bool:
    """Whether a file or one of its folders is hidden, or is what a Mac's archiver adds."""
    parts = PurePosixPath(name).parts
    return any((p.startswith(".") and p != "..") or p == "__MACOSX" for p in parts)


@contextmanager
def _zip(stream: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    with source_errors():
        archive = zipfile.ZipFile(stream)
    with archive:
        yield archive


@contextmanager
def _tar(stream: IO[bytes], header: type[tarfile.TarInfo]) -> Iterator[tarfile.TarFile]:
    with source_errors():
        archive = tarfile.open(  # noqa: SIM115 - errors of its members are none of opening
            fileobj=stream, mode="r|", tarinfo=header, errors="surrogateescape"
        )
    with archive:
        yield archive


@contextmanager
def _seekable(content: Content, budget: Budget) -> Iterator[IO[bytes]]:
    """The content's stream, or where it cannot go back a copy in memory or in a nameless file."""
    if content.stream.seekable():
        yield content.stream
        return
    with tempfile.SpooledTemporaryFile(FREE_BYTES) as copy:
        shutil.copyfileobj(content.stream, copy)
        copy.seek(0)
        yield cast(IO[bytes], copy)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name; where it is not marked as UTF-8 it is in what its writer's system used."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        name = _decoded(name.encode("cp437", "replace"), name)
    return name.replace("\\", "/")


def _tar_name(info: tarfile.TarInfo) -> str:
    """A member's name; what is not UTF-8 in it is decoded by evidence."""
    name = info.name
    try:
        name.encode()
    except UnicodeEncodeError:
        name = _decoded(name.encode("utf-8", "surrogateescape"), ascii(name))
    return name


def _decoded(name: bytes, otherwise: str) -> str:
    try:
        return decode_page(name)
    except SourceError:
        return otherwise


class _MetsOfZip:
    """The METS files beside a member of a zip archive and one folder above."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        infos: Sequence[tuple[str, zipfile.ZipInfo]],
        name: str,
        limit: int,
    ) -> None:
        self._archive, self._infos, self._limit = archive, infos, limit
        folder = PurePosixPath(name).parent
        self._folders = (folder, folder.parent)

    def __call__(self) -> Iterable[bytes]:
        for name, info in self._infos:
            beside = PurePosixPath(name).parent in self._folders
            if beside and _METS.search(name) and info.file_size <= self._limit:
                with source_errors(), self._archive.open(info) as member:
                    yield member.read()
