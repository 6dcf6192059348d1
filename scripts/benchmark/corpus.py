"""Articles to words, once for all engines: what ``documents`` reads.

Words are those of the project's analyzer (jieba's, hidden-Markov guessing off, on folded text).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.sources import find_sources, read_source
from searchsvc.text import fold_text


class _LineWriter:
    """Writes a file of lines and where each starts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._offsets: array[int] = array("Q", [0])

    def __enter__(self) -> _LineWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if error is None:
            offsets = self._path.with_name(self._path.name + ".offsets")
            offsets.write_bytes(self._offsets.tobytes())

    @property
    def count(self) -> int:
        """Lines so far."""
        return len(self._offsets) - 1

    def write(self, *fields: str) -> None:
        """Writes a line; the fields hold no tab and no line end."""
        line = "\t".join(fields).encode() + b"\n"
        self._file.write(line)
        self._offsets.append(self._offsets[-1] + len(line))


def prepare(paths: list[Path], folder: Path) -> Path:
    """Cuts all articles of the sources; gives the path that ``Documents`` takes.

    What an earlier call wrote into ``folder`` for the same files is used again. Raises SourceError
    for a path that does not exist.
    """
    files = find_sources(paths)
    analyzer = Analyzer()
    stamp = [(str(f.path.resolve()), f.size_bytes, f.path.stat().st_mtime_ns) for f in files]
    key = hashlib.sha256(repr((stamp, analyzer.fingerprint)).encode()).hexdigest()[:12]
    path = folder / f"corpus-{key}"
    done = folder / f"corpus-{key}.articles.offsets"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with (
            _LineWriter(folder / f"{path.name}.articles") as articles,
            _LineWriter(folder / f"{path.name}.paragraphs") as paragraphs,
        ):
            for article in _articles(paths):
                _write(article, analyzer, articles, paragraphs)
    return path


def _articles(paths: list[Path]) -> Iterator[Article]:
    for file in find_sources(paths):
        for item in read_source(file, lambda _: None):
            if isinstance(item, Article) and item.body:
                yield item


def _write(
    article: Article, analyzer: Analyzer, articles: _LineWriter, paragraphs: _LineWriter
) -> None:
    first = paragraphs.count
    for paragraph in article.body:
        paragraphs.write(_one_line(paragraph.text), _words(paragraph.text, analyzer))
    articles.write(
        str(article.date.toordinal() if article.date else 0),
        str(first),
        str(len(article.body)),
        _one_line(article.title),
        _words(article.title, analyzer),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _words(text: str, analyzer: Analyzer) -> str:
    return " ".join(" ".join(analyzer.words(fold_text(text))).split())
