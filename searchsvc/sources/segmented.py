"""Pages of lines to articles: what every reader of a page does once it has its lines."""

from __future__ import annotations

from collections.abc import Iterator

from searchsvc.articles import Article
from searchsvc.errors import RecordError
from searchsvc.pages import PageLines, page_articles, segment_lines
from searchsvc.sources.model import Reject


def segmented_articles(page: PageLines, name: str) -> Iterator[Article | Reject]:
    """The articles of a page, and a reject for each that is none.

    ``name`` is the page's path as articles and rejects tell it: a file's ``SourceFile.name``, and
    for one page of several in a file something that stays the same as long as the file does.
    """
    for article in page_articles(segment_lines(page), name):
        try:
            yield Article.from_record(article.to_record())
        except RecordError as error:
            yield Reject(name, article.source.lines[0][0] if article.source else None, error)
