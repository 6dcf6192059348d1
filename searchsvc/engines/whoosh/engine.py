"""The Whoosh engine's reader: opens a generation's folder and answers searches.

Called by the service through the engine contract. Trees are translated to Whoosh queries and
evaluated over mapped arrays; nothing is locked, and several processes share the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as wq
from whoosh import sorting

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.cursors import expired_cursor, wrong_cursor
from searchsvc.deadlines import check
from searchsvc.engines.contract import Found, ScoredArticle, Search
from searchsvc.engines.whoosh.errors import reading_errors
from searchsvc.engines.whoosh.explanation import explain_score
from searchsvc.engines.whoosh.layout import DATE_COLUMN, DATED_COLUMN, REPRINTS, SIDE_FILES, decode
from searchsvc.engines.whoosh.reprints import ReprintReader
from searchsvc.engines.whoosh.similarity import similarity_query, telling_terms
from searchsvc.engines.whoosh.translation import Translator
from searchsvc.evaluation import ArraySearcher
from searchsvc.evaluation.segment import Segment
from searchsvc.query.tree import Node, Phrase
from searchsvc.ranking import RANKING, SIMILARITY, Ranking
from searchsvc.reprints import ReprintLabels, reprint_files
from searchsvc.results import Reprints
from searchsvc.steps import step
from searchsvc.storage import check_seal
from searchsvc.timeline import Days

_ORDERS: dict[str, list[Any] | None] = {
    "relevance": None,
    "newest": [sorting.FieldFacet(DATE_COLUMN, reverse=True), sorting.ScoreFacet()],
    "oldest": [
        sorting.FieldFacet(DATED_COLUMN, reverse=True),
        sorting.FieldFacet(DATE_COLUMN),
        sorting.ScoreFacet(),
    ],
}
"""Sort keys by name; articles without a date come last, and scores decide within a day."""

_MAX_DIGITS = 10
"""Places have fewer digits."""


class WhooshEngine:
    """A reader of one version of a Whoosh index; see ``searchsvc.engines.contract.Engine``."""

    def __init__(
        self,
        searcher: ArraySearcher,
        version: str,
        folder: Path,
        analyzer: Analyzer,
        ranking: Ranking = RANKING,
        beside: Mapping[str, Any] | None = None,
    ) -> None:
        """``beside`` is what the commit keeps beside its segments."""
        beside = beside or {}
        self._searcher = searcher
        self._version = version
        self._side_files = dict(beside.get(SIDE_FILES, {}))
        self._folder = folder
        self._analyzer = analyzer
        self._translator = Translator(analyzer, ranking)
        entry = beside.get(REPRINTS)
        labels = ReprintLabels(folder, entry) if entry else None
        self._reprint_files = reprint_files(folder, entry) if entry else {}
        self._reprints = ReprintReader(searcher, folder, labels)

    @property
    def version(self) -> str:
        """The number of the commit that this engine reads."""
        return self._version

    @property
    def side_files(self) -> Mapping[str, Any]:
        """What the writer's caller gave to the commit that this engine reads."""
        return self._side_files

    def search(self, search: Search) -> Found:
        """Evaluates the tree exhaustively; ties follow index order."""
        with reading_errors(self._folder):
            offset = search.offset if search.after is None else self._offset(search.after)
            end = offset + search.limit
            with step("match"):
                results = self._results(search, max(1, end))
            best = results.top_n[offset:end]
            with step("read"):
                hits = tuple(self._walked(best, search.sort))
            with step("facets"):
                facets = {name: _counts(results.groups(name)) for name in search.facets}
                days = dict(results.groups(DATE_COLUMN)) if search.days else {}
                days.pop(0, None)
            place = f"{self._state}:{end}" if hits and end < len(results) else None
            return Found(hits, len(results), facets, Days(days), place)

    def walk(self, search: Search) -> tuple[int, Iterator[ScoredArticle]]:
        """The exact count of hits, and all of them in order, each read when its turn comes."""
        with reading_errors(self._folder):
            results = self._results(search, None)
        return len(results), self._walked(results.top_n, search.sort)

    def ids(self, tree: Node) -> list[str]:
        """The ids of all articles that a tree finds, whatever their kind, in index order."""
        with reading_errors(self._folder):
            found = self._searcher.docs_for_query(self._translator.query(tree))
            numbers = np.fromiter(found, np.int64)
            return [i for segment in self._searcher.segments for i in _ids(segment, numbers)]

    def occurrences(self, texts: Sequence[str]) -> list[int]:
        """In how many articles of any kind each of these texts stands."""
        return [self.search(Search(tree=Phrase(text), limit=0)).total for text in texts]

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        with reading_errors(self._folder):
            number = self._number(article_id)
            return None if number is None else self._article(number)

    def articles(self, ids: Iterable[str]) -> Iterator[Article]:
        """The articles with these ids, those that there are, in their order."""
        return (article for each in ids if (article := self.article(each)) is not None)

    def reprints(self, article_id: str) -> tuple[Article, ...]:
        """The articles of the same text, earliest first, this one among them; empty for one alone."""
        with reading_errors(self._folder):
            number = self._number(article_id)
            members = [] if number is None else self._reprints.members(number).tolist()
            return tuple(map(self._article, members))

    def similar(
        self, article_id: str, kinds: tuple[str, ...], limit: int
    ) -> tuple[ScoredArticle, ...]:
        """The articles of these kinds most like the one with this id, best first.

        Neither it nor its reprints, and one of each text. Scores are shares of its own.
        """
        with reading_errors(self._folder):
            number = self._number(article_id)
            if number is None:
                return ()
            terms = telling_terms(
                self._article(number), self._analyzer, self._translator, self._searcher.statistics
            )
            if not terms:
                return ()
            query = similarity_query(terms, self._translator)
            own = self._searcher.search(query, limit=1, filter={number}).top_n[0][0]
            found = self._searcher.search(
                query,
                limit=limit * 4,
                filter=wq.Or([wq.Term("kind", kind) for kind in kinds]),
                mask={number, *self._reprints.members(number).tolist()},
            ).top_n
            numbers = np.array(sorted(n for _, n in found), np.int64)
            repeated = set(self._reprints.repeated(numbers).tolist())
            return tuple(
                ScoredArticle(self._article(n), score / own, self._cluster(n))
                for score, n in found
                if n not in repeated and score >= SIMILARITY.least * own
            )[:limit]

    def explain(self, tree: Node, article_id: str) -> dict[str, Any] | None:
        """Why the article with this id has its score for a tree; None where there is none."""
        with reading_errors(self._folder):
            number = self._number(article_id)
            if number is None:
                return None
            segment = self._segment(number)
            query = self._translator.query(tree)
            return explain_score(self._searcher, query, segment, number - segment.offset)

    def stats(self) -> dict[str, Any]:
        """Counts of articles (all, by kind, by newspaper), the span of dates, segments, bytes."""
        with reading_errors(self._folder):
            names = ("kind", "newspaper")
            results = self._searcher.search(
                wq.Every(), limit=1, groupedby=_facets(names), maptype=sorting.Count
            )
            first, last = self._span()
            return {
                "articles": len(results),
                "kinds": _counts(results.groups("kind")),
                "newspapers": _counts(results.groups("newspaper")),
                "date_from": first,
                "date_to": last,
                "segments": len(self._searcher.segments),
                "size_bytes": sum(p.stat().st_size for p in self._folder.iterdir() if p.is_file()),
            }

    def verify(self) -> None:
        """Reads every byte and holds it against its checksum. Raises IndexDamagedError."""
        with reading_errors(self._folder):
            for segment in self._searcher.segments:
                segment.arrays.verify()
            for path, seal in self._reprint_files.items():
                check_seal(path, seal)

    def close(self) -> None:
        """Closes the segments' files."""
        self._searcher.close()

    @property
    def _state(self) -> str:
        """Names the generation and the commit."""
        return f"{self._folder.parent.name}.{self._version}"

    def _offset(self, place: str) -> int:
        """How many hits come before a place. Those of another commit cannot be had again: it removed
        the files that they were read from.
        """
        state, _, offset = place.rpartition(":")
        if not (state and offset.isascii() and offset.isdecimal() and len(offset) < _MAX_DIGITS):
            raise wrong_cursor()
        if state != self._state:
            raise expired_cursor()
        return int(offset)

    def _results(self, search: Search, limit: int | None) -> Any:
        query, narrowing = self._translator.query(search.tree), self._translator.narrowing(search)
        return self._searcher.search(
            query,
            limit=limit,
            filter=narrowing,
            mask=self._folded(query, narrowing) if search.fold_reprints else None,
            sortedby=_ORDERS[search.sort],
            groupedby=_facets(search.facets, days=search.days),
            maptype=sorting.Count,
            timeout_s=search.timeout_s,
        )

    def _walked(self, found: list[tuple[Any, int]], sort: str) -> Iterator[ScoredArticle]:
        for key, number in found:
            check()
            score = key if _ORDERS[sort] is None else -key[-1]
            with reading_errors(self._folder):
                scored = ScoredArticle(self._article(number), score, self._cluster(number))
            yield scored

    def _number(self, article_id: str) -> int | None:
        return next(self._searcher.docs_for_query(wq.Term("id", article_id)), None)

    def _folded(self, query: wq.Query, narrowing: wq.Query | None) -> list[int] | None:
        """The documents that folding leaves out."""
        matched = query if narrowing is None else wq.And([query, narrowing])
        matches = np.fromiter(self._searcher.docs_for_query(matched), np.int64)
        return self._reprints.repeated(matches).tolist() or None

    def _cluster(self, number: int) -> Reprints | None:
        members = self._reprints.members(number)
        if not members.size:
            return None
        return Reprints(members.size, self._article(int(members[0])))

    def _span(self) -> tuple[str | None, str | None]:
        """First and last issue date of the live articles, ISO 8601."""
        days = np.concatenate([np.empty(0, np.int64), *map(_days, self._searcher.segments)])
        if not days.size:
            return None, None
        first, last = (date.fromordinal(int(day)).isoformat() for day in (days.min(), days.max()))
        return first, last

    def _article(self, number: int) -> Article:
        segment = self._segment(number)
        return decode(segment.arrays.stored(number - segment.offset))

    def _segment(self, number: int) -> Segment:
        """The segment of a document."""
        for segment in self._segments_from_last():
            if segment.offset <= number:
                return segment
        raise IndexError(number)

    def _segments_from_last(self) -> Iterator[Segment]:
        yield from reversed(self._searcher.segments)


def _ids(segment: Segment, numbers: NDArray[np.int64]) -> Iterator[str]:
    """The ids of those of the documents that the segment holds."""
    first, end = np.searchsorted(numbers, (segment.offset, segment.offset + segment.size))
    ordinals, values = segment.column("id"), segment.arrays.column_values("id")
    if ordinals is not None:
        yield from (values[n] for n in ordinals[numbers[first:end] - segment.offset].tolist())


def _days(segment: Segment) -> Any:
    column = segment.column(DATE_COLUMN)
    days = np.empty(0, np.int64) if column is None else column.astype(np.int64)
    alive = days if segment.live is None else days[segment.live]
    return alive[alive > 0]


def _facets(names: tuple[str, ...], *, days: bool = False) -> dict[str, Any] | None:
    facets = {name: sorting.FieldFacet(name, allow_overlap=True) for name in names}
    if days:
        facets[DATE_COLUMN] = sorting.FieldFacet(DATE_COLUMN)
    return facets or None


def _counts(groups: dict[Any, int]) -> dict[str, int]:
    """The counts of a facet without that of the articles that have no value."""
    return {value: count for value, count in groups.items() if value is not None}
