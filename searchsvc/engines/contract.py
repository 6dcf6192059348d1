"""What an engine takes and gives. The Whoosh engine is the default; every engine passes one suite.

``Engine`` reads, ``ArticleWriter`` writes. Called by the service and the indexer, which know no
engine by name but through ``searchsvc.engines.whoosh``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from searchsvc.articles import Article
from searchsvc.query.tree import Node
from searchsvc.results import Reprints


@dataclass(frozen=True, slots=True)
class Search:
    """A query tree with everything that narrows, orders and cuts its hits.

    ``filters`` maps keyword fields to accepted values (alternatives; fields are ANDed).
    ``sort`` is one of ``searchsvc.results.SORTS``; ties follow index order. ``timeout_s`` is how
    long the evaluation may take (None: any time). ``fold_reprints`` keeps of each cluster of reprints
    the first appearance among the hits; total and facets then count what is kept. ``facets`` names
    keyword fields; ``days`` asks for counts by issue date. ``limit`` 0 asks for counts alone.
    """

    tree: Node
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    sort: str = "relevance"
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()
    days: bool = False
    fold_reprints: bool = False
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """An article and its BM25F score for the query (0.0 where nothing was ranked)."""

    article: Article
    score: float
    reprints: Reprints | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The hits asked for, the exact count of all, and counts by facet value and day over all."""

    hits: tuple[ScoredArticle, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    days: Mapping[date, int] = field(default_factory=dict)


class Engine(Protocol):
    """A reader of one generation, at one version. Safe to call from several threads."""

    @property
    def version(self) -> str:
        """Changes whenever a commit changes what searches may find."""

    @property
    def side_files(self) -> Mapping[str, Any]:
        """What ``ArticleWriter.commit`` was given for this version; see ``searchsvc.side_files``."""

    def search(self, search: Search) -> Found:
        """Evaluates the tree exhaustively. Raises QueryCostError when the time is up."""

    def walk(self, search: Search) -> tuple[int, Iterator[ScoredArticle]]:
        """The exact count of hits, and all of them in order, each read when its turn comes."""

    def ids(self, tree: Node) -> list[str]:
        """The ids of all articles that a tree finds, whatever their kind, in index order."""

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""

    def reprints(self, article_id: str) -> tuple[Article, ...]:
        """The articles of the same text, earliest first, this one among them; empty for one alone."""

    def similar(
        self, article_id: str, kinds: tuple[str, ...], limit: int
    ) -> tuple[ScoredArticle, ...]:
        """The articles of these kinds most like the one with this id, best first; empty where there
        is none.

        Neither it nor its reprints, and one of each text. Scores are shares of its own.
        """

    def explain(self, tree: Node, article_id: str) -> dict[str, Any] | None:
        """Why the article with this id has its score for a tree, JSON-ready; None where there is none.

        ``score`` is None where the tree does not find it; ``fields[].score`` and ``terms[].score``
        each sum to it, and within a term its ``fields[].score`` to the term's.
        """

    def stats(self) -> dict[str, Any]:
        """Counts of articles (all, by kind, by newspaper), the span of dates, segments, bytes."""

    def verify(self) -> None:
        """Reads every byte and holds it against its checksum. Raises IndexDamagedError."""

    def close(self) -> None:
        """Frees files; the engine is not used afterwards."""


class Documents(Protocol):
    """Articles as an engine writes them: analysed, and cheap to send from process to process."""

    @property
    def ids(self) -> list[str]:
        """The articles' ids, in their order."""

    @property
    def kinds(self) -> list[str]:
        """The kind of each."""


class ArticleWriter(Protocol):
    """Writes one generation. Nothing is visible before ``commit``; ``cancel`` drops the rest."""

    def add(self, documents: Any) -> None:
        """Adds articles, as the engine's ``DocumentMaker`` made them; their ids are not there yet."""

    def delete(self, article_id: str) -> bool:
        """Deletes the article with this id; whether there was one."""

    def commit(self, side_files: Callable[[], Mapping[str, Any]] | None = None) -> None:
        """Makes everything visible, durably, in one step with the side files.

        ``side_files`` is asked, once all else is written, for JSON that readers of this version get
        back; where it is not given, that is what the commit before was given.
        """

    def cancel(self) -> None:
        """Leaves the generation as the last commit left it."""
