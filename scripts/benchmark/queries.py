"""The queries of the comparison, by class, in a form that every engine's module translates.

All are drawn from the corpus's own text with a fixed seed, so that two runs on one corpus ask the
same. Only the standard library is used.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from benchmark.sampling import Sample

SEED: Final = 20261125
MAX_EXPANSIONS: Final = 300
"""Of a prefix, in the sample: a prefix that half the vocabulary starts with is no query."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the ten best documents, and how many match.

    ``match`` says whether ``all`` or ``any`` of the words must stand in the body, next to each
    other as a ``phrase``, or whether the one word is a ``prefix``. ``without`` is a word that must
    not. ``with_title`` looks for each word in title or body, the title with double weight.
    ``days`` is an inclusive range. ``by_year`` asks for the number of matches of each year,
    ``newest_first`` for the ten newest instead of the ten best.
    """

    words: tuple[str, ...]
    match: Literal["all", "any", "phrase", "prefix"] = "all"
    without: str = ""
    with_title: bool = False
    days: tuple[int, int] | None = None
    by_year: bool = False
    newest_first: bool = False

    def to_record(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Query:
        """From a JSON object as ``to_record`` writes it."""
        days = record["days"]
        return cls(
            **{
                **record,
                "words": tuple(record["words"]),
                "days": (days[0], days[1]) if days else None,
            }
        )


Maker = Callable[[random.Random, Sample], Query]


def _all(count: int) -> Maker:
    return lambda rng, sample: Query(sample.words_of(rng, sample.document(rng), count))


def _any(count: int) -> Maker:
    return lambda rng, sample: Query(sample.words_of(rng, sample.document(rng), count), "any")


def _run(match: Literal["any", "phrase"], low: int, high: int) -> Maker:
    """Words that follow each other in a body; for a question, each of them once."""

    def make(rng: random.Random, sample: Sample) -> Query:
        words = sample.document(rng).body_words
        start = rng.randrange(len(words) - high + 1)
        run = words[start : start + rng.randint(low, high)]
        return Query(tuple(run if match == "phrase" else dict.fromkeys(run)), match)

    return make


def _term(rng: random.Random, sample: Sample) -> Query:
    return Query((sample.word(rng),))


def _titled(rng: random.Random, sample: Sample) -> Query:
    document = sample.document(rng)
    words = sample.words_of(rng, document, 2)
    if document.title_words:
        words = (*words, rng.choice(document.title_words))
    return Query(tuple(dict.fromkeys(words)), with_title=True)


def _without(rng: random.Random, sample: Sample) -> Query:
    word = sample.word(rng)
    others = [w for w in sample.words_of(rng, sample.document(rng), 2) if w != word]
    return Query((word,), without=others[0])


def _dated(rng: random.Random, sample: Sample) -> Query:
    """Two words of a document, and from a month to some years around its date."""
    document = sample.document(rng)
    width = int(30 * 50 ** rng.random())
    first = document.day - rng.randrange(width)
    return Query(sample.words_of(rng, document, 2), days=(first, first + width - 1))


def _by_year(rng: random.Random, sample: Sample) -> Query:
    return Query(sample.words_of(rng, sample.document(rng), 3), "any", by_year=True)


def _prefix(rng: random.Random, sample: Sample) -> Query:
    while True:
        word = sample.word(rng)
        prefix = word[: rng.randint(1, 2)]
        if prefix != word and sample.expansions(prefix) <= MAX_EXPANSIONS:
            return Query((prefix,), "prefix")


def _newest(rng: random.Random, sample: Sample) -> Query:
    return Query((sample.word(rng),), newest_first=True)


CLASSES: Final[dict[str, Maker]] = {
    "term": _term,
    "and2": _all(2),
    "and3": _all(3),
    "and5": _all(5),
    "or2": _any(2),
    "or3": _any(3),
    "or6": _any(6),
    "question": _run("any", 12, 20),
    "fields": _titled,
    "not": _without,
    "phrase2": _run("phrase", 2, 2),
    "phrase3": _run("phrase", 3, 3),
    "phrase4": _run("phrase", 4, 4),
    "dates": _dated,
    "facet": _by_year,
    "prefix": _prefix,
    "newest": _newest,
}
"""What is compared, in the order of the tables."""

MEANING: Final[dict[str, str]] = {
    "term": "one word of the body",
    "and2": "two words of one body, both",
    "and3": "three words, all",
    "and5": "five words, all",
    "or2": "two words, any",
    "or3": "three words, any",
    "or6": "six words, any",
    "question": "12 to 20 running words, any",
    "fields": "three words, each in the title (weight 2) or the body, all",
    "not": "one word, without another",
    "phrase2": "two running words as a phrase",
    "phrase3": "three",
    "phrase4": "four",
    "dates": "two words, both, within a month to four years",
    "facet": "three words, any, and the number of hits of each year",
    "prefix": "words that start with one or two characters",
    "newest": "one word, the ten newest",
}


def make_queries(sample: Sample, name: str, count: int, purpose: str = "measured") -> list[Query]:
    """``count`` queries of a class; another ``purpose`` (warming up) gives others."""
    rng = random.Random(f"{SEED}:{name}:{purpose}")
    return [CLASSES[name](rng, sample) for _ in range(count)]
