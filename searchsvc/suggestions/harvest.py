"""What is worth suggesting in a stream of articles, counted as they are indexed.

Takes articles, gives entries. Titles, people and phrases come from what
readers read (no ads, notices, imprints).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.articles import READING_KINDS, Article
from searchsvc.schema import TEXT_FIELDS
from searchsvc.suggestions.entries import Entry, Kind, is_han
from searchsvc.suggestions.phrases import LEAST_COUNT, MAX_CHARS, PhraseCounts, add_counts
from searchsvc.suggestions.spellings import Spellings
from searchsvc.text import fold_text

MAX_WORD_CHARS: Final = 24
FUNCTION_SHARE: Final = 0.1
"""A single character that is a word in this share of the articles says nothing by itself."""


class Harvest:
    """Counts entries over articles; an article taken away counts negative.

    It may be sent to another process and added to another one there.
    """

    def __init__(self) -> None:
        self._values: dict[Kind, Counter[str]] = {
            kind: Counter() for kind in (Kind.PERSON, Kind.NEWSPAPER, Kind.TITLE, Kind.PHRASE)
        }
        self._phrases = PhraseCounts()
        self._spellings = Spellings()
        self._words: Counter[str] = Counter()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Harvest:
        """From what ``to_json`` gave, on whatever machine."""
        harvest = cls()
        for name, counts in record["values"].items():
            harvest._values[Kind[name]].update(counts)
        harvest._phrases = PhraseCounts(record["phrases"])
        harvest._spellings = Spellings.from_json(record["spellings"])
        harvest._words.update(record["words"])
        return harvest

    def to_json(self) -> dict[str, Any]:
        """Everything that was counted, JSON-ready."""
        return {
            "values": {kind.name: counts for kind, counts in self._values.items()},
            "phrases": self._phrases.runs,
            "spellings": self._spellings.to_json(),
            "words": self._words,
        }

    def update(self, other: Harvest) -> None:
        """Adds what another one counted."""
        for kind, counts in other._values.items():
            add_counts(self._values[kind], counts)
        self._phrases.update(other._phrases)
        self._spellings.update(other._spellings)
        add_counts(self._words, other._words)

    def add(self, article: Article, analyzer: Analyzer, sign: int = 1) -> None:
        """Counts the names, tags, title and phrases of an article (``sign`` -1: takes it away)."""
        if article.kind not in READING_KINDS:
            return
        for name in {person.name for person in article.people if person.name}:
            self._values[Kind.PERSON][name] += sign
        for tag in set(article.tags):
            self._values[Kind.PHRASE][tag] += sign
        if article.newspaper:
            self._values[Kind.NEWSPAPER][article.newspaper] += sign
        if article.title:
            self._values[Kind.TITLE][article.title] += sign
            folded = fold_text(article.title)
            words = analyzer.words(folded)
            self._phrases.add(words, folded, sign)
            self._spellings.learn(article.title, folded, words)

    def add_words(self, words: Mapping[str, int]) -> None:
        """Counts words, given with in how many articles they stand."""
        add_counts(self._words, words)

    def remove(self, article: Article, analyzer: Analyzer) -> None:
        """Takes an article away, its words too."""
        self.add(article, analyzer, -1)
        for field in TEXT_FIELDS:
            for word in analyzer.word_terms("\n".join(map(fold_text, field.pieces(article)))):
                self._words[word] -= 1

    def entries(self, n_articles: int) -> Iterator[Entry]:
        """What was counted of ``n_articles``."""
        least = FUNCTION_SHARE * n_articles
        function_words = {w for w, n in self._words.items() if len(w) == 1 and n >= least}
        yield from self._word_entries()
        yield from self._value_entries()
        yield from self._phrase_entries(self._phrases.phrases(function_words))

    def changes(self) -> Iterator[Entry]:
        """What was counted, with the words that were; what went goes with a negative count."""
        yield from self._word_entries()
        yield from self._value_entries()
        yield from self._phrase_entries(self._phrases.changes())

    def _word_entries(self) -> Iterator[Entry]:
        for word, count in self._words.items():
            if count and len(word) <= MAX_WORD_CHARS and (is_han(word) or word[0].isalpha()):
                yield Entry(self._spellings.printed(word), Kind.WORD, count)

    def _phrase_entries(self, phrases: Iterable[tuple[list[str], int]]) -> Iterator[Entry]:
        for words, count in phrases:
            yield Entry("".join(map(self._spellings.printed, words)), Kind.PHRASE, count)

    def _value_entries(self) -> Iterator[Entry]:
        for kind, values in self._values.items():
            for text, count in values.items():
                if count and (kind is not Kind.PHRASE or _is_phrase(text, count)):
                    yield Entry(text, kind, count)


def _is_phrase(tag: str, count: int) -> bool:
    return (count >= LEAST_COUNT or count < 0) and len(tag) <= MAX_CHARS and tag.isalnum()
