"""The search service: what web and command line call.

Takes search requests, gives result pages; follows the current generation by itself. The flow of a
search: query text -> tree -> engine -> hits and facets -> highlights -> ``ResultPage``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from searchsvc.analysis import Analyzer, bigrams
from searchsvc.articles import READING_KINDS, Article
from searchsvc.cursors import cursor_of, read_cursor
from searchsvc.engines.choosing import open_generations
from searchsvc.engines.contract import Engine, Found, ScoredArticle, Search
from searchsvc.equivalents import Equivalents
from searchsvc.errors import CallerError, IndexDamagedError, IndexMissingError, NotFoundError
from searchsvc.facets import MAX_FACET_VALUES, facet_values
from searchsvc.finding import find
from searchsvc.highlight import (
    FindLinks,
    Needle,
    find_matches,
    fragments,
    needles_of,
    no_links,
    whole_texts,
)
from searchsvc.opening import Opened, Opener
from searchsvc.query import Node, parse_query, plain_query
from searchsvc.query.tree import as_literal, names_field
from searchsvc.results import Hit, Notice, ResultPage, SearchRequest
from searchsvc.schema import FORMAT_VERSION
from searchsvc.settings import Settings
from searchsvc.steps import step
from searchsvc.suggestions import Suggestions
from searchsvc.text import fold
from searchsvc.timeline import Days, buckets
from searchsvc.word_lists import WordListState, word_list_states

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

FEW_HITS = 20
MAX_CHECKED_CHARS = 16
"""A longer query that finds more than a few hits is not looked at for slips."""


def open_service(settings: Settings) -> SearchService:
    """The service over the current generation. Raises IndexMissingError or IndexDamagedError."""
    service = SearchService(settings)
    service.refresh()
    return service


def _of_newest(
    answer: Callable[Concatenate[SearchService, Opened, Given], Answer],
) -> Callable[Concatenate[SearchService, Given], Answer]:
    """Answers by the newest version; once more where that one was removed meanwhile."""

    @wraps(answer)
    def answered(self: SearchService, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        opened = self._newest()
        try:
            return answer(self, opened, *given, **named)
        except IndexMissingError:
            newest = self._opener.behind(opened)
            if newest is None:
                raise
            return answer(self, self._checked(newest), *given, **named)

    return answered


class SearchService:
    """Searches the current generation; safe to call from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._analyzer = Analyzer(settings.user_dictionary)
        self._equivalents = Equivalents(self._analyzer, settings.synonyms, settings.stop_words)
        self._generations = open_generations(settings)
        self._opener = Opener(self._generations, self._analyzer)
        self._stats: dict[str, Any] | None = None

    def refresh(self, *, any_analysis: bool = False) -> tuple[str, Engine]:
        """The engine of the newest version and that version's name, opened anew where it changed.

        Raises IndexDamagedError where the index was cut into other words than queries are, unless
        ``any_analysis`` will do.
        """
        opened = self._newest(any_analysis=any_analysis)
        return opened.version, opened.engine

    def one_version(self) -> AbstractContextManager[None]:
        """Within the block, in this thread or task, all answers are of one version of the index.

        The newest at the first question; whether there is a newer one is not looked at again.
        """
        return self._opener.one_version()

    def _newest(self, *, any_analysis: bool = False) -> Opened:
        return self._checked(self._opener.newest(), any_analysis=any_analysis)

    def _checked(self, opened: Opened, *, any_analysis: bool = False) -> Opened:
        if opened.analysis != self._analyzer.fingerprint and not any_analysis:
            raise IndexDamagedError("index.analysis", path=self._generations.place)
        return opened

    @property
    def index_version(self) -> str:
        """Names the generation and commit that answer; changes whenever answers may change."""
        return self.refresh()[0]

    @property
    def changed_at(self) -> float:
        """When the index was last changed, in seconds of the epoch."""
        return self._opener.newest().changed_at

    def search(self, request: SearchRequest) -> ResultPage:
        """Answers a request. Raises QueryError and CallerError for a wrong one."""
        return self._page(request, time.perf_counter())

    @_of_newest
    def _page(self, opened: Opened, request: SearchRequest, started: float) -> ResultPage:
        version, engine = opened.version, opened.engine
        with step("parse"):
            tree, told = self._tree(request.query, literal=request.literal)
        search = self._search(request, tree)
        if request.cursor is not None:
            version, place = read_cursor(request, request.cursor)
            search = replace(search, after=place)
        found, tree, notices = find(engine, search, self._analyzer)
        suggestion = self._meant(opened, request.query, found, as_asked=not notices)
        notices = [*told, *notices]
        if request.fold:
            notices.append(Notice("folded"))
        needles = needles_of(tree, self._analyzer)
        hits = tuple(self._hit(engine, scored, tree, needles, request) for scored in found.hits)
        return ResultPage(
            request=request,
            hits=hits,
            total=found.total,
            facets={
                name: facet_values(name, found.facets[name], MAX_FACET_VALUES)
                for name in request.facets
            },
            histogram=buckets(found.days, request.histogram) if request.histogram else (),
            notices=tuple(notices),
            took_ms=(time.perf_counter() - started) * 1_000,
            index_version=version,
            suggestion=suggestion,
            next_cursor=found.place and cursor_of(request, version, found.place),
        )

    @_of_newest
    def walk(self, opened: Opened, request: SearchRequest) -> tuple[int, Iterator[Hit]]:
        """How much a request finds in all, and every hit in order, read one after another.

        All are of the version of the index that was current at the call. Raises QueryError and
        CallerError.
        """
        engine = opened.engine
        request = replace(request, page=1, per_page=1, cursor=None, facets=(), histogram="")
        tree, _ = self._tree(request.query, literal=request.literal)
        search = self._search(request, tree)
        _, tree, _ = find(engine, search, self._analyzer)
        total, articles = engine.walk(replace(search, tree=tree))
        needles = needles_of(tree, self._analyzer)
        return total, (self._hit(engine, scored, tree, needles, request) for scored in articles)

    @_of_newest
    def days(self, opened: Opened, request: SearchRequest) -> Days:
        """How many articles of each issue date have all that a request asks for.

        Articles without a date are left out. Raises QueryError and CallerError for a wrong request.
        """
        tree, _ = self._tree(request.query, literal=request.literal)
        search = replace(self._search(request, tree), offset=0, limit=0, facets=(), days=True)
        return opened.engine.search(search).days

    @_of_newest
    def counts(
        self, opened: Opened, request: SearchRequest, names: tuple[str, ...]
    ) -> dict[str, dict[str, int]]:
        """How many of the articles that a request finds have each value of these keyword fields.

        Raises QueryError and CallerError for a wrong request.
        """
        engine = opened.engine
        tree, _ = self._tree(request.query, literal=request.literal)
        search = replace(self._search(request, tree), offset=0, limit=1)
        _, tree, _ = find(engine, search, self._analyzer)
        found = engine.search(replace(search, tree=tree, facets=names, most_values=None))
        return {name: dict(found.facets[name]) for name in names}

    def suggest(self, typed: str, limit: int) -> Suggestions:
        """What completes the text typed so far; characters that nothing completes are corrected."""
        return self._suggestions(typed, limit, time.perf_counter())

    @_of_newest
    def _suggestions(self, opened: Opened, typed: str, limit: int, started: float) -> Suggestions:
        archive = self._opener.suggestions(opened)
        found = archive.complete(typed, limit)
        meant = None if found else archive.meant(plain_query(typed), opened.engine.occurrences)
        return Suggestions(
            typed=typed,
            entries=tuple(found),
            meant=meant,
            took_ms=(time.perf_counter() - started) * 1_000,
            index_version=opened.version,
        )

    @_of_newest
    def article(self, opened: Opened, article_id: str) -> Article:
        """The article with this id. Raises NotFoundError."""
        return _known(opened.engine, article_id)

    @_of_newest
    def reprints(self, opened: Opened, article_id: str) -> tuple[Article, ...]:
        """The articles that have the text of this one, earliest first; empty for one alone.

        Raises NotFoundError.
        """
        found = opened.engine.reprints(article_id)
        if not found:
            _known(opened.engine, article_id)
        return found

    @_of_newest
    def similar(self, opened: Opened, article_id: str, limit: int) -> tuple[ScoredArticle, ...]:
        """The articles most like this one, best first, with their likeness from 0 to 1.

        Its reprints are left out. Raises NotFoundError.
        """
        found = opened.engine.similar(article_id, READING_KINDS, limit)
        if not found:
            _known(opened.engine, article_id)
        return found

    @_of_newest
    def explain(
        self, opened: Opened, article_id: str, query: str, *, literal: bool = False
    ) -> dict[str, Any]:
        """Why an article has its score for a query, by field and by term; JSON-ready.

        ``score`` is None where the query does not find it. Raises NotFoundError and QueryError.
        """
        engine = opened.engine
        tree, _ = self._tree(query, literal=literal)
        search = self._search(SearchRequest(query, per_page=1), tree)
        _, tree, _ = find(engine, search, self._analyzer)
        explained = engine.explain(tree, article_id)
        if explained is None:
            raise NotFoundError("article.not_found", id=article_id)
        return {"query": query, "id": article_id, **explained, "index_version": opened.version}

    def highlight_article(
        self,
        article: Article,
        query: str,
        find_links: FindLinks = no_links,
        *,
        literal: bool = False,
    ) -> dict[str, tuple[str, ...]]:
        """Whole fields as HTML with the query marked and links set: title, kicker, subtitle, byline, and
        the body's paragraphs. Raises QueryError.
        """
        tree, _ = self._tree(query, literal=literal)
        matches = find_matches(article, needles_of(tree, self._analyzer))
        return whole_texts(article, matches, find_links)

    def stats(self) -> dict[str, Any]:
        """``holdings``, and the state of the cluster under ``cluster``, where the engine runs on one."""
        holdings, health = self.holdings(), self._generations.health()
        return holdings if health is None else {**holdings, "cluster": health}

    def holdings(self) -> dict[str, Any]:
        """What the index holds and how it was built, JSON-ready; counted once a version.

        Also where the user dictionary changed since.
        """
        opened = self._newest(any_analysis=True)
        counted = self._stats
        if counted is not None and counted["index_version"] == opened.version:
            return counted
        manifest = opened.generation.manifest()
        self._stats = {
            **opened.engine.stats(),
            "index_version": opened.version,
            "generation": opened.generation.name,
            "format_version": FORMAT_VERSION,
            "built_at": manifest["built_at"],
            "rejects": manifest["rejects"],
            "sources": len(manifest["sources"]),
        }
        return self._stats

    def word_lists(self) -> list[WordListState]:
        """The operator's lists against those that the index was built with."""
        manifest = self._generations.current().manifest()
        return word_list_states(self._settings, manifest)

    def analyze(self, text: str) -> dict[str, Any]:
        """How a text is folded and cut, with offsets into the original text, JSON-ready."""
        folded = fold(text)
        tokens = {"words": self._analyzer.word_tokens(folded.text), "bigrams": bigrams(folded.text)}
        return {
            "text": text,
            "folded": folded.text,
            **{
                name: [
                    {"term": t.term, "position": t.position}
                    | dict(
                        zip(
                            ("start", "end"), folded.original(t.start_char, t.end_char), strict=True
                        )
                    )
                    for t in found
                ]
                for name, found in tokens.items()
            },
        }

    def close(self) -> None:
        """Closes the index."""
        self._opener.close()
        self._generations.close()

    def _tree(self, query: str, *, literal: bool) -> tuple[Node, list[Notice]]:
        """What a query asks for, with equivalents or literally, and what the reader should know."""
        tree = parse_query(query, self._settings.max_query_chars)
        if literal:
            return as_literal(tree), [Notice("literal")]
        return self._equivalents.expand(tree)

    def _meant(self, opened: Opened, query: str, found: Found, *, as_asked: bool) -> str | None:
        """The query that was probably meant. One that finds enough ``as_asked`` may still hold a word that
        the archive lacks, cut into pieces that it has; only long ones are then left alone.
        """
        if as_asked and found.total > FEW_HITS and len(query) > MAX_CHECKED_CHARS:
            return None
        with step("correct"):
            articles = [scored.article for scored in found.hits]
            shown = [text for a in articles for text in (a.title, *(p.text for p in a.body))]
            archive = self._opener.suggestions(opened)
            return archive.meant(query, opened.engine.occurrences, shown)

    def _search(self, request: SearchRequest, tree: Node) -> Search:
        filters = dict(request.filters)
        if "kind" not in filters and not names_field(tree, "kind") and not names_field(tree, "id"):
            filters["kind"] = READING_KINDS
        return Search(
            tree=tree,
            filters=filters,
            date_from=request.date_from,
            date_to=request.date_to,
            sort=request.sort,
            offset=self._offset(request),
            limit=request.per_page,
            facets=request.facets,
            most_values=MAX_FACET_VALUES,
            days=bool(request.histogram),
            fold_reprints=request.fold == "reprints",
            timeout_s=self._settings.max_query_s,
        )

    def _offset(self, request: SearchRequest) -> int:
        if request.cursor is not None:
            return 0
        offset = (request.page - 1) * request.per_page
        if offset + request.per_page > self._settings.max_page_depth:
            raise CallerError(
                "request.too_deep", parameter="page", limit=self._settings.max_page_depth
            )
        return offset

    def _hit(
        self,
        engine: Engine,
        scored: ScoredArticle,
        tree: Node,
        needles: Sequence[Needle],
        request: SearchRequest,
    ) -> Hit:
        article = scored.article
        with step("highlight"):
            matches = find_matches(article, needles)
            highlights = fragments(article, matches) if request.highlight else {}
        return Hit(
            article=article,
            score=scored.score,
            highlights=highlights,
            matches=matches,
            explanation=engine.explain(tree, article.id) if request.explain else None,
            reprints=scored.reprints,
        )


def _known(engine: Engine, article_id: str) -> Article:
    """The article with this id. Raises NotFoundError."""
    article = engine.article(article_id)
    if article is None:
        raise NotFoundError("article.not_found", id=article_id)
    return article
