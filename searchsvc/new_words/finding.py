"""Candidates in an index, as they are printed, with how many articles have them and where one stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from searchsvc.analysis import Analyzer
from searchsvc.articles import READING_KINDS, Article
from searchsvc.engines.contract import Engine, Search
from searchsvc.highlight import find_matches, needles_of
from searchsvc.new_words.candidates import Candidate, candidates
from searchsvc.new_words.grams import CharacterRuns
from searchsvc.query import Everything, Phrase
from searchsvc.schema import TEXT_FIELDS
from searchsvc.text import fold_text

SAMPLE = 5_000
"""From so many articles it is told how common a word is."""
EXAMPLE_CHARS = 12
"""Of an example, before and behind the word."""


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word as an article prints it: how often it stands, in how many articles, how it is cut now; what
    stands around it in the article ``example_id``. ``cohesion`` and ``freedom`` are in bits.
    """

    word: str
    count: int
    articles: int
    cut: tuple[str, ...]
    cohesion: float
    freedom: float
    example: str
    example_id: str

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        rounded = {"cohesion": round(self.cohesion, 2), "freedom": round(self.freedom, 2)}
        return {**asdict(self), "cut": list(self.cut), **rounded}


def find_new_words(engine: Engine, analyzer: Analyzer, least: int) -> tuple[int, Iterator[NewWord]]:
    """How many candidates stand ``least`` times or more, and all of them, the most promising first.

    Reads every article once; a temporary file takes two bytes a character. Raises IndexDamagedError.
    """
    search = Search(tree=Everything(), filters={"kind": READING_KINDS})
    n_articles, articles = engine.walk(search)
    words = _Words(analyzer, max(1, n_articles // SAMPLE))
    texts = (text for scored in articles for text in words.passing(_texts(scored.article)))
    with TemporaryDirectory(prefix="searchsvc-words-") as folder:
        runs = CharacterRuns(Path(folder) / "runs", texts)
        found = candidates(runs, analyzer, least, words.share)
    return len(found), (_shown(engine, analyzer, candidate) for candidate in found)


class _Words:
    """In which share of the articles words stand, told from every ``step``-th of them."""

    def __init__(self, analyzer: Analyzer, step: int) -> None:
        self._analyzer = analyzer
        self._step = step
        self._passed = 0
        self._looked_at = 0
        self._counts: Counter[str] = Counter()

    def passing(self, texts: list[str]) -> list[str]:
        """The texts of an article, counted on their way."""
        if self._passed % self._step == 0:
            self._counts.update({word for text in texts for word in self._analyzer.words(text)})
            self._looked_at += 1
        self._passed += 1
        return texts

    def share(self, word: str) -> float:
        """The share of the articles that were looked at."""
        return self._counts[word] / max(1, self._looked_at)


def _texts(article: Article) -> list[str]:
    return [fold_text(piece) for field in TEXT_FIELDS for piece in field.pieces(article)]


def _shown(engine: Engine, analyzer: Analyzer, candidate: Candidate) -> NewWord:
    tree = Phrase(candidate.text)
    page = engine.search(Search(tree=tree, limit=1, filters={"kind": READING_KINDS}))
    (article,) = (hit.article for hit in page.hits)
    (match,) = islice(find_matches(article, needles_of(tree, analyzer)), 1)
    text = (
        getattr(article, match.field)
        if match.paragraph is None
        else article.body[match.paragraph].text
    )
    start, end = max(0, match.start - EXAMPLE_CHARS), match.end + EXAMPLE_CHARS
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return NewWord(
        word=text[match.start : match.end],
        count=candidate.count,
        articles=page.total,
        cut=candidate.cut,
        cohesion=candidate.cohesion,
        freedom=candidate.freedom,
        example=before + " ".join(text[start:end].split()) + after,
        example_id=article.id,
    )
