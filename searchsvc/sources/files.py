"""Which reader reads a file: by its ending, through any packing. Called by the indexer.

A ``.jsonl.xz`` is unpacked and read as ``.jsonl``, an archive member by member, an archive in an
archive down to the depth of the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from searchsvc.articles import Article
from searchsvc.errors import SourceError
from searchsvc.settings import Settings
from searchsvc.sources.archives import (
    OPENERS,
    Members,
    tar_members,
    unpacked_content,
    zip_members,
)
from searchsvc.sources.documents import read_html, read_xml
from searchsvc.sources.model import (
    Consumed,
    Content,
    Item,
    NamedPage,
    Reader,
    Reject,
    SourceFile,
)
from searchsvc.sources.page_text import read_page_text
from searchsvc.sources.pdf import read_pdf
from searchsvc.sources.records import read_records
from searchsvc.sources.segmented import segmented_articles
from searchsvc.sources.streams import Budget, opened
from searchsvc.sources.tables import read_table

READERS: dict[str, Reader] = {
    ".txt": read_page_text,
    ".jsonl": read_records,
    ".ndjson": read_records,
    ".csv": read_table,
    ".tsv": read_table,
    ".xml": read_xml,
    ".html": read_html,
    ".htm": read_html,
    ".shtml": read_html,
    ".xhtml": read_html,
    ".hocr": read_html,
    ".pdf": read_pdf,
}
"""The reader of each file-name ending."""

ARCHIVES: dict[str, Callable[[Content, Budget], Members]] = {
    ".zip": zip_members,
    ".tar": tar_members,
}
_SHORT_ENDINGS = {".tgz": (".tar", ".gz"), ".txz": (".tar", ".xz"), ".tbz2": (".tar", ".bz2")}
_DEFAULTS = Settings()
KNOWN_ENDINGS = (*READERS, *ARCHIVES, *_SHORT_ENDINGS, *(f"*{ending}" for ending in OPENERS))


def read_source(
    file: SourceFile, consumed: Consumed, settings: Settings = _DEFAULTS
) -> Iterator[Article | Reject]:
    """The articles of a file and its rejects, streaming. Raises nothing for bad content."""
    for item in read_pages(file, consumed, settings):
        if isinstance(item, NamedPage):
            own = file.path if item.name == file.name else None
            yield from segmented_articles(item.lines, item.name, own)
        else:
            yield item


def read_pages(
    file: SourceFile, consumed: Consumed, settings: Settings = _DEFAULTS
) -> Iterator[Item]:
    """What a file holds before it is segmented: pages, articles of formats that tell them apart,
    and rejects. Raises nothing for bad content.
    """
    try:
        with opened(file, consumed) as stream:
            content = Content(file.name, stream, settings, _MetsBeside(file))
            budget = Budget(settings, file.size_bytes)
            yield from _read(content, _endings(file.name), budget, 0)
    except SourceError as error:
        yield _reject(file.name, error)


def _read(content: Content, endings: tuple[str, ...], budget: Budget, depth: int) -> Iterator[Item]:
    """The items of a content whose name ends so. Raises SourceError where nothing more is read."""
    last = endings[-1] if endings else ""
    if last in OPENERS:
        yield from _read(unpacked_content(content, last, budget), endings[:-1], budget, depth)
    elif last in ARCHIVES:
        if depth == (limit := content.settings.max_archive_depth):
            raise SourceError("source.archive_depth", limit=limit)
        is_empty = True
        for member in ARCHIVES[last](content, budget):
            is_empty = False
            if isinstance(member, Reject):
                yield member
            else:
                yield from _member(member, budget, depth + 1)
            if budget.is_spent:
                raise SourceError("source.archive_rest")
        if is_empty:
            raise SourceError("source.no_members")
    elif (reader := READERS.get(last)) is not None:
        yield from map(partial(_short, limit=content.settings.max_page_chars), reader(content))
    else:
        raise SourceError("source.unknown_format", known=" ".join(KNOWN_ENDINGS))


def _member(content: Content, budget: Budget, depth: int) -> Iterator[Item]:
    """The items of an archive's member; what ends its reading is one reject."""
    try:
        yield from _read(content, _endings(content.name), budget, depth)
    except SourceError as error:
        yield _reject(content.name, error)


def _reject(name: str, error: SourceError) -> Reject:
    line = error.params.get("line")
    return Reject(name, line if isinstance(line, int) and line > 0 else None, error)


def _short(item: Item, limit: int) -> Item:
    """The item; a reject for a page that is too long to be one."""
    if not isinstance(item, NamedPage):
        return item
    length = sum(len(line.text) for line in item.lines.lines)
    if length <= limit:
        return item
    return Reject(item.name, None, SourceError("source.page_too_long", length=length, limit=limit))


def _endings(name: str) -> tuple[str, ...]:
    endings = [ending.lower() for ending in PurePosixPath(name).suffixes[-3:]]
    return (*endings[:-1], *_SHORT_ENDINGS.get(endings[-1], (endings[-1],))) if endings else ()


class _MetsBeside:
    """The METS files in a file's folder, and in the one above where that was given, too."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file

    def __call__(self) -> Iterable[bytes]:
        for path in mets_paths(self._file):
            try:
                yield path.read_bytes()
            except OSError:  # the METS file is a source itself and gets its own reject
                continue


def mets_paths(file: SourceFile) -> tuple[Path, ...]:
    """The METS files that describe a page's file."""
    folders = [file.path.parent]
    if "/" in file.name:
        folders.append(file.path.parent.parent)
    return tuple(p for folder in folders for p in _mets_in(folder, folder.stat().st_mtime_ns))


@lru_cache(maxsize=8)
def _mets_in(folder: Path, _changed_ns: int) -> tuple[Path, ...]:
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() == ".xml" and "mets" in path.name.lower() and path.is_file()
    )
