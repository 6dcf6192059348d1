"""Writing a generation's suggestions: all of them at a reindex, the changes at an add or delete.

Takes what was counted of articles. Called by the indexer; read by ``archive``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.storage import storage_error
from searchsvc.suggestions.archive import BASE, CHANGES
from searchsvc.suggestions.builder import write_lexicon
from searchsvc.suggestions.entries import Entry
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.lexicon import Lexicon


def write_base(folder: Path, harvest: Harvest, n_articles: int) -> None:
    """Writes the suggestions of a new generation and reads them back.

    Raises StorageError and IndexDamagedError.
    """
    try:
        folder.mkdir()
        write_lexicon(folder / BASE, harvest.entries(n_articles))
    except OSError as error:
        raise storage_error(error, folder) from error
    Lexicon(folder / BASE).verify()


class SuggestionChanges:
    """What a commit changes: the articles that come, and those that go.

    ``article`` gives an article as it was before the commit.
    """

    def __init__(self, analyzer: Analyzer, article: Callable[[str], Article | None]) -> None:
        self._harvest = Harvest()
        self._analyzer = analyzer
        self._article = article

    def update(self, harvest: Harvest) -> None:
        """Counts articles in, as they were counted in another harvest."""
        self._harvest.update(harvest)

    def removing(self, ids: Iterable[str]) -> Iterator[str]:
        """The ids, the articles that they name counted out."""
        for article_id in ids:
            if (article := self._article(article_id)) is not None:
                self._harvest.remove(article, self._analyzer)
            yield article_id

    def write(self, folder: Path) -> None:
        """Adds the changes to those before, all at once. Raises StorageError."""
        try:
            write_lexicon(folder / CHANGES, [*_recorded(folder), *self._harvest.changes()])
        except OSError as error:
            raise storage_error(error, folder) from error


def _recorded(folder: Path) -> Iterator[Entry]:
    if (folder / CHANGES).exists():
        yield from Lexicon(folder / CHANGES).entries()
