"""What an engine takes and gives. The Whoosh engine is the default; every engine passes one suite.

``Engine`` reads, ``ArticleWriter`` writes, ``Generations`` says where both are. Called by the service
and the indexer, which know no engine by name (``searchsvc.engines.choosing``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.query.tree import Node
from searchsvc.results import Reprints
from searchsvc.timeline import NO_DAYS, Days

if TYPE_CHECKING:  # the readers of all formats take long to import, and a client needs none
    from searchsvc.sources import SourceFile


@dataclass(frozen=True, slots=True)
class Search:
    """A query tree with everything that narrows, orders and cuts its hits.

    ``filters`` maps keyword fields to accepted values (alternatives; fields are ANDed).
    ``sort`` is one of ``searchsvc.results.SORTS``; ties follow index order. ``timeout_s`` is how
    long the evaluation may take (None: any time). ``fold_reprints`` keeps of each cluster of reprints
    the first appearance among the hits; total and facets then count what is kept. ``facets`` names
    keyword fields; ``most_values`` of each are enough where they are shown by count (None: all), the first by
    count, then value; ``days`` asks for counts by issue date. ``limit`` 0 asks for counts alone. ``after`` goes
    on where a page of the same search ended (its ``Found.place``), whatever ``offset`` says.
    """

    tree: Node
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    sort: str = "relevance"
    offset: int = 0
    after: str | None = None
    limit: int = 10
    facets: tuple[str, ...] = ()
    most_values: int | None = None
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
    """The hits asked for, the exact count of all, and exact counts by facet value and day over all.

    ``place`` is where the hits end, for ``Search.after``; None where nothing comes behind them.
    """

    hits: tuple[ScoredArticle, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    days: Days = field(default_factory=lambda: NO_DAYS)
    place: str | None = None


class Engine(Protocol):
    """A reader of one generation, at one version. Safe to call from several threads."""

    @property
    def version(self) -> str:
        """Changes whenever a commit changes what searches may find."""

    def search(self, search: Search) -> Found:
        """Evaluates the tree exhaustively. Raises QueryCostError when the time is up.

        The pages that follow one another by ``after`` are of one state of the index, and cost what the
        first one does. Raises CallerError where that state is not kept any more, or ``after`` is no place.
        """

    def walk(self, search: Search) -> tuple[int, Iterator[ScoredArticle]]:
        """The exact count of hits, and all of them in order, each read when its turn comes."""

    def ids(self, tree: Node) -> list[str]:
        """The ids of all articles that a tree finds, whatever their kind, in index order."""

    def occurrences(self, texts: Sequence[str]) -> list[int]:
        """In how many articles of any kind each of these texts stands, whatever the words are."""

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""

    def articles(self, ids: Iterable[str]) -> Iterator[Article]:
        """The articles with these ids, those that there are, in their order; read some at a time."""

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

    def words(self) -> Iterator[Mapping[str, int]]:
        """For each text field, in how many articles each word stands there."""


class DocumentMaker(Protocol):
    """Makes what a writer takes; made and called in the processes that analyse."""

    @property
    def analyzer(self) -> Analyzer:
        """What cuts the texts."""

    def __call__(self, articles: Sequence[Article]) -> Documents:
        """The documents of articles, in their order."""


class ArticleWriter(Protocol):
    """Writes one generation. Nothing is visible before ``commit``; ``cancel`` drops the rest."""

    def add(self, documents: Any) -> None:
        """Adds articles, as the engine's ``DocumentMaker`` made them; their ids are not there yet."""

    def delete(self, ids: Iterable[str]) -> set[str]:
        """Deletes the articles with these ids; gives the ids of those that there were."""

    def commit(self, side_files: Callable[[], Mapping[str, Any]] | None = None) -> None:
        """Makes everything visible, durably, in one step with the side files.

        ``side_files`` is asked, once all else is written, for JSON that readers of this version get
        back; where it is not given, that is what the commit before was given.
        """

    def cancel(self) -> None:
        """Leaves the generation as the last commit left it."""


class Generation(Protocol):
    """One whole index, at one version."""

    @property
    def name(self) -> str:
        """Its id: letters and digits."""

    @property
    def place(self) -> object:
        """Where it is, for messages."""

    @property
    def folder(self) -> Path:
        """The local folder of its side files (``searchsvc.side_files``)."""

    @property
    def version(self) -> str:
        """The newest commit; cheap enough to ask before every search."""

    @property
    def analysis(self) -> str:
        """The fingerprint of the analysis that it was cut by. Raises IndexDamagedError."""

    @property
    def changed_at(self) -> float:
        """When the newest commit was made, in seconds of the epoch."""

    def manifest(self) -> Mapping[str, Any]:
        """What was indexed and how. Raises IndexDamagedError."""

    def side_files(self) -> Mapping[str, Any]:
        """What the newest commit was given of them; they are in the folder."""

    def open(self, analyzer: Analyzer) -> Engine:
        """A reader of the newest version. Raises IndexDamagedError."""

    def writer(self) -> ArticleWriter:
        """A writer; the write lock must be held."""


class PartLease(Protocol):
    """That a process does a part of a shared build, as long as it lives."""

    def check(self) -> None:
        """Raises IndexLockedError where another process took the part over."""

    def abandon(self) -> None:
        """Leaves the part to others."""


class PartWriter(Protocol):
    """Writes the articles of one part."""

    def add(self, documents: Any) -> None:
        """Adds articles; those that are there already are the same."""

    def finish(self) -> list[tuple[dict[str, Any], str]]:
        """Ends; gives the records of articles that an earlier part has, each with that one's file."""

    def cancel(self) -> None:
        """Adds nothing more."""


WRITTEN: Final = 0
"""The part of a shared build that is not of source files but of what was written one by one."""


class SharedBuild(Protocol):
    """A build that several processes share, part by part; one of them leads.

    Of articles with one id that of the first part counts. Part ``WRITTEN`` comes before all others, and
    is done at last.
    """

    @property
    def generation(self) -> Generation:
        """What is built."""

    @property
    def seconds(self) -> float:
        """How long ago this process joined."""

    def next_part(self) -> tuple[int, Any] | None:
        """A part of source files for this process, with its lease; None where none is left to do.
        Waits.
        """

    def take_written(self, checksum: str) -> Any | None:
        """The lease of part ``WRITTEN``, for the process that leads; None where it is done.

        ``checksum`` is that of what was written. Raises GenerationLostError where a process that led
        before began the part with something else: some of that may stand in the build.
        """

    def writer(self, number: int) -> PartWriter:
        """Writes the articles of a part."""

    def finish_part(self, number: int, lease: Any, result: Mapping[str, Any]) -> None:
        """Marks a part done; ``result`` is kept for the process that leads."""

    def wait(self) -> bool:
        """Waits until this process has to complete the build (True) or another did (False)."""

    def is_complete(self) -> bool:
        """Whether the build is current, rather than begun anew."""

    def results(self) -> Iterator[Mapping[str, Any]]:
        """What the parts gave, in their order."""

    def losses(self) -> list[dict[str, Any]]:
        """Articles of parts that earlier parts turned out to have: ``part``, ``record``, ``first``."""

    def commit(self, side_files: Callable[[], Mapping[str, Any]]) -> None:
        """Makes all parts visible, with the side files."""

    def publish(self, manifest: Mapping[str, Any]) -> None:
        """Makes the build current."""

    def restart(self) -> None:
        """Begins the build anew."""

    def leave(self) -> None:
        """Ends this process's part in it."""


class Written(Protocol):
    """What was written one by one, not read from a source file: kept for every reindex.

    The write lock must be held for all of it.
    """

    def recorded(self, changes: Mapping[str, Article | None]) -> AbstractContextManager[None]:
        """Records articles by id, None for one deleted; takes them back where the block fails before
        its commit (anything but CommittedError).

        They are kept as durably as a commit before the block begins.
        """

    def source(self) -> tuple[SourceFile, ...]:
        """All of them as one source file, each article once, in the order of their last writes; none
        where nothing was written. The file is good for one reindex.
        """

    def articles(self) -> Iterator[Article]:
        """What that file would hold."""


class Generations(Protocol):
    """The generations of one archive: the current one, the one before it, and one being built."""

    @property
    def place(self) -> object:
        """Where they are, for messages."""

    @property
    def written(self) -> Written:
        """What was written to the archive one by one."""

    def lock(self) -> AbstractContextManager[object]:
        """Holds the write lock. Raises IndexLockedError where another process does."""

    def begin(self, analyzer: Analyzer, room_bytes: int = 0) -> Generation:
        """A new, empty generation; what interrupted builds left goes. The lock must be held.

        Raises StorageError where a disk of this machine has less room than is asked for.
        """

    def publish(self, generation: Any, manifest: Mapping[str, Any]) -> None:
        """Makes a generation current in one step, and the current one the previous."""

    def discard(self, generation: Any) -> None:
        """Removes a generation whose build failed, unless it was published all the same."""

    def current(self) -> Generation:
        """The current generation. Raises IndexMissingError, IndexDamagedError."""

    def switch_back(self) -> Generation:
        """Makes the previous generation current; a second call undoes it. The lock must be held.

        Raises OperatorError where there is none.
        """

    def health(self) -> Mapping[str, Any] | None:
        """The state of what the engine runs on, JSON-ready; None where it runs on nothing else."""

    def close(self) -> None:
        """Frees connections."""
