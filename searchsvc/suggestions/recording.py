"""Writing a generation's suggestions: all of them at a reindex, the changes at an add or delete.

Takes what was counted of articles. Called by the indexer; read by ``archive``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.storage import Seal, make_folder, storage_error
from searchsvc.suggestions.builder import write_lexicon
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.lexicon import Lexicon


def write_base(path: Path, harvest: Harvest, n_articles: int) -> Seal:
    """Writes the suggestions of a new generation and reads them back.

    Raises StorageError and IndexDamagedError.
    """
    try:
        make_folder(path.parent)
        seal = write_lexicon(path, harvest.entries(n_articles))
    except OSError as error:
        raise storage_error(error, path) from error
    Lexicon(path, seal).verify()
    return seal


class SuggestionChanges:
    """What a commit changes: the articles that come, and those that go.

    ``articles`` gives those of some ids as they were before the commit.
    """

    def __init__(
        self, analyzer: Analyzer, articles: Callable[[Iterable[str]], Iterable[Article]]
    ) -> None:
        self._harvest = Harvest()
        self._analyzer = analyzer
        self._articles = articles

    def update(self, harvest: Harvest) -> None:
        """Counts articles in, as they were counted in another harvest."""
        self._harvest.update(harvest)

    def remove(self, ids: Iterable[str]) -> None:
        """Counts out the articles that these ids name."""
        for article in self._articles(ids):
            self._harvest.remove(article, self._analyzer)

    def write(self, path: Path, before: Lexicon | None) -> Seal:
        """Writes the changes, and those before, to a new file. Raises StorageError."""
        recorded = () if before is None else before.entries()
        try:
            return write_lexicon(path, [*recorded, *self._harvest.changes()])
        except OSError as error:
            raise storage_error(error, path) from error
