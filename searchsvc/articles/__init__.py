"""The article: what a reader finds. Made by the segmenter and the source readers, indexed by the
engines, shown by web and command line.

``Article.from_record`` validates a plain JSON record, ``Article.to_record`` writes one; the two
round-trip. Nothing here knows about files or indexes.
"""

from searchsvc.articles.article import Article
from searchsvc.articles.fields import MAX_BODY_CHARS, MAX_ID_CHARS, MAX_TITLE_CHARS
from searchsvc.articles.parts import (
    FLAGS,
    KINDS,
    PARAGRAPH_ROLES,
    READING_KINDS,
    ROLES,
    DateMention,
    Paragraph,
    Person,
    Source,
)
from searchsvc.articles.validation import validated

__all__ = [
    "FLAGS",
    "KINDS",
    "MAX_BODY_CHARS",
    "MAX_ID_CHARS",
    "MAX_TITLE_CHARS",
    "PARAGRAPH_ROLES",
    "READING_KINDS",
    "ROLES",
    "Article",
    "DateMention",
    "Paragraph",
    "Person",
    "Source",
    "validated",
]
