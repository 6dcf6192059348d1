"""Pages of lines to articles: what every reader of a page does once it has its lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from searchsvc.articles import Article, validated
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import PageLines, page_articles, segment_lines
from searchsvc.sources.corrections import read_corrections
from searchsvc.sources.model import CORRECTIONS_SUFFIX, Reject


def segmented_articles(
    page: PageLines, name: str, path: Path | None = None
) -> Iterator[Article | Reject]:
    """The articles of a page, and a reject for each that is none.

    ``name`` is the page's path as articles and rejects tell it: a file's ``SourceFile.name``, and
    for one page of several in a file something that stays the same as long as the file does.
    ``path`` is the page's own file where it has one; corrections lie beside it. Corrections that
    cannot be used are a reject, and the page is read as it is.
    """
    try:
        found = segment_lines(page, read_corrections(path, page) if path else ())
    except (RecordError, SourceError) as error:
        yield Reject(name + CORRECTIONS_SUFFIX, None, error)
        found = segment_lines(page)
    for article in page_articles(found, name, page):
        try:
            yield validated(article)
        except RecordError as error:
            yield Reject(name, article.source.lines[0][0] if article.source else None, error)
