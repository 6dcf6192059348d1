"""Validation of articles that a reader made, without a detour over a record where that can be seen
to change nothing. Called by the readers of pages.
"""

from __future__ import annotations

from itertools import chain

from searchsvc.articles.article import Article
from searchsvc.articles.fields import (
    MAX_BODY_CHARS,
    MAX_PATH_CHARS,
    MAX_SHORT_CHARS,
    MAX_TITLE_CHARS,
    is_identifier,
)


def validated(article: Article) -> Article:
    """What ``Article.from_record(article.to_record())`` gives or raises.

    ``kind``, ``flags``, roles, dates and places are taken to be valid, as a reader makes them.
    """
    return article if _is_clean(article) else Article.from_record(article.to_record())


def _is_clean(article: Article) -> bool:
    """Whether every text is short enough, stripped, there where it must be, and holds no character
    that a record may not.
    """
    heads = (article.title, article.kicker, article.subtitle, article.byline)
    short = (
        article.place, article.agency, article.newspaper, article.page, article.section,
        *(mention.text for mention in article.dates),
    )  # fmt: skip
    listed = [
        *article.tags, *article.documents, *article.standards,
        *(person.name for person in article.people),
    ]  # fmt: skip
    body = [paragraph.text for paragraph in article.body]
    if not (is_identifier(article.id) and (article.title or body) and all(body) and all(listed)):
        return False
    if max(map(len, heads)) > MAX_TITLE_CHARS or sum(map(len, body)) > MAX_BODY_CHARS:
        return False
    if max(map(len, chain(short, listed))) > MAX_SHORT_CHARS:
        return False
    path = article.source.path if article.source else ""
    if article.url or len(path) > MAX_PATH_CHARS:
        return False
    texts = [*heads, *short, *listed, *body, path]
    if any(text and (text[0].isspace() or text[-1].isspace()) for text in texts):
        return False
    whole = "".join(texts)
    return "\0" not in whole and _is_encodable(whole)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
