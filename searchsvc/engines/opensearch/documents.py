"""Articles to documents: everything that OpenSearch shall hold of them, as it is sent.

Made in the processes that analyse; ``layout`` says what the fields are for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import Analyzer, compact, count_bigrams
from searchsvc.analysis.counting import TermCounts
from searchsvc.articles import Article
from searchsvc.engines.keywords import folded_field, folded_values
from searchsvc.engines.opensearch.layout import (
    ANALYSES,
    EVERY,
    GAP,
    MAX_TERM_CHARS,
    RECORD,
    SCALE,
    SCOPES,
    SEPARATOR,
    SIGNATURE,
    TIMES,
    Lengths,
    Part,
    pairs_field,
    ranking_field,
)
from searchsvc.engines.records import folded_texts, read_bodies, to_lean_record
from searchsvc.ranking import LEAD, LEAD_CHARS
from searchsvc.reprints import signatures
from searchsvc.schema import DATE, KEYWORD_FIELDS, TEXT_FIELDS, TextField

_NUMBER_BITS: Final = 32
_LOW: Final = (1 << _NUMBER_BITS) - 1

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Documents:
    """Articles as they will be sent; cheap to send from process to process.

    ``sources[n]`` is the body of the n-th article; the writer adds ``order``.
    """

    ids: list[str]
    kinds: list[str]
    sources: list[dict[str, Any]]
    counted: list[dict[str, int]]

    def words(self) -> Iterator[dict[str, int]]:
        """For each text field, in how many articles each word stands there."""
        yield from self.counted


@dataclass(frozen=True, slots=True)
class Postings:
    """The terms of one analysis in one field: aligned arrays of article numbers, numbers of terms and
    frequencies; ``lengths`` are the field's by article number, 0 where an article lacks it."""

    documents: Integers
    terms: Integers
    frequencies: Integers
    lengths: Integers


class DocumentMaker:
    """Makes documents of articles."""

    def __init__(self, user_dictionary: Path | None = None, lengths: Lengths | None = None) -> None:
        """``lengths`` are the means that length norms go by.

        Raises SettingsError where the user dictionary cannot be read.
        """
        self.analyzer = Analyzer(user_dictionary)
        self._lengths = lengths or Lengths()

    def __call__(self, articles: Sequence[Article]) -> Documents:
        """The documents of articles, in their order."""
        texts = {field.name: _folded(field, articles) for field in TEXT_FIELDS}
        sources: list[dict[str, Any]] = [{RECORD: to_lean_record(a)} for a in articles]
        for name, (having, folded) in texts.items():
            for number, text in zip(having.tolist(), folded, strict=True):
                sources[number][pairs_field(name)] = pair_tokens(text)
        counted = self._rank(sources, texts)
        for source, article in zip(sources, articles, strict=True):
            source |= _keywords(article)
            if article.date:
                source[DATE] = article.date.isoformat()
        _sign(sources, articles, *texts["body"])
        return Documents(
            [article.id for article in articles],
            [article.kind for article in articles],
            sources,
            counted,
        )

    def _rank(
        self, sources: list[dict[str, Any]], texts: Mapping[str, tuple[Integers, list[str]]]
    ) -> list[dict[str, int]]:
        """Adds what ranks; gives, for each text field, the articles of each word."""
        counted = []
        for analysis in ANALYSES:
            terms: dict[str, int] = {}
            postings: dict[str, Postings] = {}
            for name, (having, folded) in texts.items():
                for part, found in count_field(self.analyzer, analysis, name, folded).items():
                    postings[part] = _numbered(found, having, len(sources), terms)
            names = list(terms)
            if analysis == "words":
                counted = [_articles_of(postings[field.name], names) for field in TEXT_FIELDS]
            usable = np.fromiter((len(t) <= MAX_TERM_CHARS for t in names), np.bool_, len(names))
            means = self._lengths.of(analysis)
            for scope, parts in SCOPES.items():
                weighted = _weighted(parts, postings, means, usable)
                _write(sources, ranking_field(scope, analysis), *weighted, names)
        return counted


def count_field(
    analyzer: Analyzer, analysis: str, name: str, folded: list[str]
) -> dict[str, TermCounts]:
    """The terms of a field's texts, by the name of the field; of the body also those of its beginning."""
    if analysis == "bigrams":
        found = {name: _pair_counts(folded)}
        if name == "body":
            found[LEAD] = _pair_counts([text[:LEAD_CHARS] for text in folded])
        return found
    if name == "body":
        words, of_leads = analyzer.count_terms_and_leads(folded, LEAD_CHARS)
        return {name: words, LEAD: of_leads}
    return {name: analyzer.count_terms(folded)}


def pair_tokens(folded: str) -> str:
    """The tokens of a folded text's characters, one for every character: it and the next one, the last
    one of a line alone; ``GAP`` for a line end."""
    tokens: list[str] = []
    for number, line in enumerate(compact(folded).split("\n")):
        if number:
            tokens.append(GAP)
        tokens += map(add, line, line[1:])
        tokens += line[-1:]
    return SEPARATOR.join(tokens)


def weights(part: Part, lengths: Any, mean: float) -> Any:
    """What one occurrence counts in fields of these lengths (BM25F, see ``evaluation.combined``)."""
    return part.weight / (1 - part.b + part.b * lengths / mean)


def whole_frequency(weighted: Any) -> Any:
    """A weighted frequency as the index has it."""
    return np.maximum(np.rint(weighted * SCALE), 1).astype(np.int64)


def _folded(field: TextField, articles: Sequence[Article]) -> tuple[Integers, list[str]]:
    """The numbers of the articles that have a field, and its texts, folded."""
    having, folded = folded_texts(field, articles)
    return np.array(having, np.int64), folded


def _pair_counts(folded: list[str]) -> TermCounts:
    """How often each bigram stands in each text, in the form that words have."""
    counts = count_bigrams(folded)
    distinct, numbers = np.unique(counts.pairs, return_inverse=True)
    first, second = (distinct >> np.uint64(32)).tolist(), (distinct & np.uint64(_LOW)).tolist()
    names = list(map(add, map(chr, first), map(chr, second)))
    return TermCounts(counts.sizes, names, numbers.astype(np.uint32), counts.frequencies)


def _numbered(
    counts: TermCounts, having: Integers, n_articles: int, terms: dict[str, int]
) -> Postings:
    """Counts by article number and by the number of the term in ``terms``, which learns new ones."""
    own = np.fromiter(
        (terms.setdefault(name, len(terms)) for name in counts.terms), np.int64, len(counts.terms)
    )
    documents = np.repeat(having, counts.sizes)
    frequencies = counts.frequencies.astype(np.int64)
    lengths = np.bincount(documents, frequencies, n_articles).astype(np.int64)
    return Postings(documents, own[counts.numbers], frequencies, lengths)


def _articles_of(postings: Postings, names: list[str]) -> dict[str, int]:
    counts = np.bincount(postings.terms, minlength=len(names))
    having = np.flatnonzero(counts)
    return dict(zip(map(names.__getitem__, having.tolist()), counts[having].tolist(), strict=True))


def _weighted(
    parts: Sequence[Part],
    postings: Mapping[str, Postings],
    means: Mapping[str, float],
    usable: NDArray[np.bool_],
) -> tuple[Integers, Integers, Integers]:
    """Articles, terms and weighted frequencies of a scope, ordered by article."""
    keys, values = [], []
    for part in parts:
        found = postings[part.field]
        kept = usable[found.terms]
        documents = found.documents[kept]
        keys.append(documents << _NUMBER_BITS | found.terms[kept])
        norms = weights(part, found.lengths[documents], means.get(part.field, 1.0))
        values.append(found.frequencies[kept] * norms)
    key, place = np.unique(np.concatenate(keys), return_inverse=True)
    summed = np.bincount(place, np.concatenate(values), len(key))
    return key >> _NUMBER_BITS, key & _LOW, whole_frequency(summed)


def _write(
    sources: list[dict[str, Any]],
    field: str,
    documents: Integers,
    terms: Integers,
    frequencies: Integers,
    names: list[str],
) -> None:
    """Writes the terms of a ranking field, and the one that every document has."""
    numbers = zip(terms.tolist(), frequencies.tolist(), strict=True)
    tokens = [f"{names[term]}{TIMES}{frequency}" for term, frequency in numbers]
    ends = np.cumsum(np.bincount(documents, minlength=len(sources))).tolist()
    start = 0
    for source, end in zip(sources, ends, strict=True):
        source[field] = SEPARATOR.join((f"{EVERY}{TIMES}1", *tokens[start:end]))
        start = end


def _sign(
    sources: list[dict[str, Any]],
    articles: Sequence[Article],
    having: Integers,
    bodies: Sequence[str],
) -> None:
    """Adds what reprints are known by."""
    read = read_bodies(articles, having.tolist(), bodies)
    rows = signatures([body for _, body in read])
    for (number, _), row in zip(read, rows, strict=True):
        if row.any():
            sources[number][SIGNATURE] = base64.b64encode(row.tobytes()).decode("ascii")


def _keywords(article: Article) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field in KEYWORD_FIELDS:
        values = list(dict.fromkeys(field.values(article)))
        folded = list(dict.fromkeys(folded_values(values)))
        if values:
            found[field.name] = values
        if folded:
            found[folded_field(field.name)] = folded
    return found


def encoded(source: Mapping[str, Any]) -> bytes:
    """A document as a line of JSON."""
    return json.dumps(source, ensure_ascii=False, separators=(",", ":")).encode()
