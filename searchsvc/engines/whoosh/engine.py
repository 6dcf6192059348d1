"""The Whoosh engine's reader: opens a generation's folder and answers searches.

Called by the service through the engine contract. One lock serialises searches within a process
(Whoosh's files share a read position); several processes share the pages.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.reading import SegmentReader

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Found, ScoredArticle, Search
from searchsvc.engines.whoosh.errors import opening_errors, reading_errors
from searchsvc.engines.whoosh.evaluate import Evaluator
from searchsvc.engines.whoosh.layout import whoosh_schema
from searchsvc.engines.whoosh.segment import Mask, Segment
from searchsvc.errors import IndexDamagedError
from searchsvc.query.tree import And, Node, Range, text_leaves

_INDEX_NAME = "MAIN"


class WhooshEngine:
    """A reader of one version of a Whoosh index; see ``searchsvc.engines.contract.Engine``."""

    def __init__(self, segments: list[Segment], version: str, folder: Path, analyzer: Analyzer):
        self._segments = segments
        self._version = version
        self._folder = folder
        self._evaluator = Evaluator(segments, analyzer)
        self._starts = np.cumsum([0, *(s.size for s in segments)])
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        """The number of the commit that this engine reads."""
        return self._version

    def search(self, search: Search) -> Found:
        """Evaluates the tree exhaustively; ties follow index order."""
        with self._lock, reading_errors(self._folder):
            evaluation = self._evaluator.evaluate(_narrowed(search))
            masks = self._filtered(evaluation.masks, search)
            found = np.flatnonzero(np.concatenate([np.empty(0, np.bool_), *masks]))
            scores = np.zeros(len(found))
            if evaluation.scores:
                scores = np.concatenate(evaluation.scores)[found]
            order = self._order(found, scores, search)
            hits = [ScoredArticle(self._article(found[i]), float(scores[i])) for i in order]
            facets = {name: self._facet(name, masks) for name in search.facets}
            return Found(tuple(hits), len(found), facets)

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        with self._lock, reading_errors(self._folder):
            number = self._number(article_id)
            return None if number is None else self._article(number)

    def explain(self, tree: Node, article_id: str) -> dict[str, Any]:
        """The score of one article term by term; ``terms[].score`` sum to ``score``."""
        with self._lock, reading_errors(self._folder):
            number = self._number(article_id)
            if number is None:
                return {"score": 0.0, "terms": []}
            segment = int(np.searchsorted(self._starts, number, side="right")) - 1
            local = number - self._starts[segment]
            terms = []
            for leaf in text_leaves(tree):
                if not self._evaluator.evaluate(leaf).masks[segment][local]:
                    continue
                for term in self._evaluator.ranked_terms(leaf):
                    idf, parts = self._evaluator.ranking.term_scores(term)
                    if score := float(parts[segment][local]):
                        terms.append(
                            {"term": term.term, "analysis": term.analysis, "idf": idf,
                             "boost": term.boost, "score": score}
                        )  # fmt: skip
            return {"score": sum(t["score"] for t in terms), "terms": terms}

    def stats(self) -> dict[str, Any]:
        """Counts of articles (all, by kind, by newspaper), the span of dates, segments, bytes."""
        with self._lock, reading_errors(self._folder):
            live = [s.live for s in self._segments]
            days = [s.info["date"][s.live] for s in self._segments]
            dated = np.concatenate([np.empty(0, np.uint32), *days])
            dated = dated[dated > 0]
            return {
                "articles": sum(int(np.count_nonzero(m)) for m in live),
                "kinds": self._facet("kind", live),
                "newspapers": self._facet("newspaper", live),
                "date_from": _iso(dated.min()) if len(dated) else None,
                "date_to": _iso(dated.max()) if len(dated) else None,
                "segments": len(self._segments),
                "size_bytes": sum(p.stat().st_size for p in self._folder.iterdir() if p.is_file()),
            }

    def close(self) -> None:
        """Closes the segments' files."""
        for segment in self._segments:
            segment.close()

    def _filtered(self, masks: list[Mask], search: Search) -> list[Mask]:
        for field, values in search.filters.items():
            wanted = [[s.mask(field, value) for value in values] for s in self._segments]
            masks = [m & np.any(w, axis=0) for m, w in zip(masks, wanted, strict=True)]
        return masks

    def _order(
        self, found: NDArray[np.int64], scores: NDArray[np.float64], search: Search
    ) -> NDArray[np.int64]:
        """Indexes into ``found`` for the hits asked for, in the order asked for."""
        keys: list[NDArray[Any]] = [-scores]
        if search.sort != "relevance":
            days = [s.info["date"] for s in self._segments]
            day = np.concatenate([np.empty(0, np.uint32), *days])[found].astype(np.int64)
            keys += [day if search.sort == "oldest" else -day, day == 0]
        order = np.lexsort([np.arange(len(found)), *keys])
        return order[search.offset : search.offset + search.limit]

    def _facet(self, field: str, masks: list[Mask]) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for segment, mask in zip(self._segments, masks, strict=True):
            facet = segment.facet(field)
            numbers = np.bincount(facet.ordinals[mask[facet.documents]], minlength=len(facet.names))
            for ordinal in np.flatnonzero(numbers):
                counts[facet.names[ordinal]] += int(numbers[ordinal])
        return dict(counts)

    def _number(self, article_id: str) -> int | None:
        for segment, start in zip(self._segments, self._starts, strict=False):
            documents = segment.postings("id", article_id).documents
            if len(documents):
                return int(start + documents[0])
        return None

    def _article(self, number: int) -> Article:
        segment = int(np.searchsorted(self._starts, number, side="right")) - 1
        return self._segments[segment].article(int(number - self._starts[segment]))


def open_engine(folder: Path, analyzer: Analyzer) -> WhooshEngine:
    """Opens the newest commit in ``folder``.

    Raises IndexDamagedError where a file is missing or unreadable. A commit that deletes the
    segments between reading their list and opening them only makes it try again.
    """
    storage = FileStorage(str(folder), readonly=True)
    schema = whoosh_schema()
    while True:
        version = newest_version(folder)
        try:
            with opening_errors(folder):
                toc = TOC.read(storage, _INDEX_NAME, schema=schema)
                segments = [Segment(SegmentReader(storage, schema, s)) for s in toc.segments]
                return WhooshEngine(segments, str(toc.generation), folder, analyzer)
        except IndexDamagedError:
            if newest_version(folder) == version:
                raise


def newest_version(folder: Path) -> str:
    """The number of the newest commit in ``folder``; cheap enough to ask before every search."""
    with opening_errors(folder):
        return str(TOC._latest_generation(FileStorage(str(folder), readonly=True), _INDEX_NAME))


def _iso(ordinal: np.unsignedinteger[Any]) -> str:
    return date.fromordinal(int(ordinal)).isoformat()


def _narrowed(search: Search) -> Node:
    if search.date_from is None and search.date_to is None:
        return search.tree
    return And((search.tree, Range(search.date_from, search.date_to)))
