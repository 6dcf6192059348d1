"""Articles to what is written of them: documents for the engine, counts for suggestions.

``Preparation`` is made and called in the processes that analyse (``processes.ordered_map``); what it
gives is cheap to send to the one that writes. Called by the indexer and by ``updating``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from searchsvc.articles import Article
from searchsvc.engines.choosing import make_documents
from searchsvc.engines.contract import Documents
from searchsvc.suggestions.harvest import Harvest


def n_chars(article: Article) -> int:
    """The characters of an article's body; by them work is shared out."""
    return sum(len(paragraph.text) for paragraph in article.body)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Articles as the engine's documents, and what suggestions count of them."""

    documents: Documents
    harvest: Harvest


class Preparation:
    """Prepares articles."""

    def __init__(self, engine: str, user_dictionary: Path | None) -> None:
        """Raises SettingsError where the user dictionary cannot be read."""
        self._make = make_documents(engine, user_dictionary)

    def __call__(self, articles: Sequence[Article]) -> Prepared:
        """What is written of articles, in their order."""
        harvest = Harvest()
        for article in articles:
            harvest.add(article, self._make.analyzer)
        documents = self._make(articles)
        for words in documents.words():
            harvest.add_words(words)
        return Prepared(documents, harvest)
