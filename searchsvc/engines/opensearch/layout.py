"""How articles lie in an OpenSearch index: mapping and settings, made from the one field table.

Every token is computed here, never on the cluster: its analyzers only take apart strings that
``documents`` put together, a token a line.

``<field>_pairs``
    of a text field: a pair of characters for every character, at the character's position, and the
    character alone beside it (the analyzer takes it off the pair). A line end takes a position and
    has no token. Finds texts exactly; never ranks.
``<scope>_words``, ``<scope>_bigrams``
    what ranks: terms with a weighted frequency for each scope that a query may name (``SCOPES``).
    BM25F adds up the frequencies of a term in several fields before they saturate; that sum, weights
    and length norms included, is what is sent as the term's frequency. So a term of the query costs
    one posting list, and BM25 with b = 0 over it is BM25F.
``<name>``, ``<name>_folded``
    a keyword field's values, and the folded ones that differ.

``record`` is the article as JSON, ``order`` its place in index order, ``signature`` what reprints
are found by, ``reprint`` the label of its cluster. Nothing else is kept in ``_source``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from searchsvc.engines.keywords import folded_field
from searchsvc.ranking import LEAD, RANKING
from searchsvc.schema import DATE, FORMAT_VERSION, KEYWORD_FIELDS, TEXT_FIELDS

RECORD: Final = "record"
ORDER: Final = "order"
SIGNATURE: Final = "signature"
REPRINT: Final = "reprint"

SEPARATOR: Final = "\n"
"""Between tokens; folded texts hold it at line ends alone, where no token is."""

TIMES: Final = "\t"
"""Between a term and its weighted frequency; folding leaves no white space but spaces and line ends."""

GAP: Final = " "
"""A position without a token; folded, compact texts hold no space."""

EVERY: Final = "*"
"""A term that every document has in every ranking field, so that N of the idf counts all of them; it is
neither a word nor a bigram."""

SCALE: Final = 100
"""A weighted frequency of 1 is sent as this: term frequencies are whole numbers. Half a hundredth is
what rounding may cost."""

MAX_TERM_CHARS: Final = 8_000
"""Lucene takes terms of 32,766 bytes; a character has at most four."""

ALL: Final = "all"
HEADING: Final = "heading"
ANALYSES: Final = ("words", "bigrams")


@dataclass(frozen=True, slots=True)
class Part:
    """What a field adds to the frequencies of a scope: BM25F's weight and length norm."""

    field: str
    weight: float
    b: float


def _part(name: str) -> Part:
    ranking = RANKING.fields[name]
    return Part(name, ranking.weight, ranking.b)


def _scopes() -> dict[str, tuple[Part, ...]]:
    names = [text_field.name for text_field in TEXT_FIELDS]
    scopes: dict[str, tuple[Part, ...]] = {name: (_part(name),) for name in names}
    scopes["body"] = (_part("body"), _part(LEAD))
    scopes[ALL] = tuple(_part(name) for name in (*names, LEAD))
    scopes[HEADING] = (Part("title", 1.0, RANKING.title.b),)
    return scopes


SCOPES: Final[Mapping[str, tuple[Part, ...]]] = _scopes()
"""What a term may be ranked in: every text field, one of them, or the title once more by itself."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """The mean lengths of fields that length norms go by: terms of the articles that have the field.

    The defaults are those of the news corpus, as the Whoosh engine's explanations state them
    (``average_length``). Another mean moves all norms of a field alike.
    """

    words: Mapping[str, float] = field(
        default_factory=lambda: {"title": 11.9, "kicker": 11.9, "byline": 6.0, "body": 273.0}
    )
    bigrams: Mapping[str, float] = field(
        default_factory=lambda: {"title": 17.3, "kicker": 17.3, "byline": 6.0, "body": 387.0}
    )

    def of(self, analysis: str) -> Mapping[str, float]:
        """Those of one analysis."""
        return self.words if analysis == "words" else self.bigrams


class Sizes(Protocol):
    """The settings that a new index needs."""

    @property
    def opensearch_shards(self) -> int:
        """Primary shards."""

    @property
    def opensearch_replicas(self) -> int:
        """Copies of each."""


def pairs_field(name: str) -> str:
    """The field with the pairs of a text field."""
    return f"{name}_pairs"


def ranking_field(scope: str, analysis: str) -> str:
    """The field with the weighted frequencies of a scope."""
    return f"{scope}_{analysis}"


def similarity(scope: str, analysis: str) -> str:
    """The name of the similarity of a ranking field."""
    return f"{HEADING}_{analysis}" if scope == HEADING else analysis


def k1(scope: str, analysis: str) -> float:
    """Where the frequencies of a ranking field saturate; the index has it times ``SCALE``."""
    return RANKING.title.k1 if scope == HEADING else RANKING.analyses[analysis].k1


def ranking_fingerprint() -> str:
    """A short hash of every number that the weighted frequencies hang on."""
    numbers = [(scope, parts) for scope, parts in SCOPES.items()]
    saturation = [k1(scope, analysis) for scope in SCOPES for analysis in ANALYSES]
    return hashlib.sha256(repr((numbers, saturation, SCALE)).encode()).hexdigest()[:16]


def index_body(sizes: Sizes, lengths: Lengths | None = None) -> dict[str, Any]:
    """The settings and mapping of a new index."""
    used = lengths or Lengths()
    meta = {
        "format_version": FORMAT_VERSION,
        "ranking": ranking_fingerprint(),
        "lengths": {analysis: dict(used.of(analysis)) for analysis in ANALYSES},
    }
    return {
        "settings": {
            "index": {
                "number_of_shards": sizes.opensearch_shards,
                "number_of_replicas": sizes.opensearch_replicas,
                "refresh_interval": -1,
                "codec": "best_compression",
                "similarity": _similarities(),
                "analysis": _analysis(),
            }
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": meta,
            "_source": {"includes": [RECORD, ORDER, SIGNATURE, REPRINT]},
            "properties": _properties(),
        },
    }


def _similarities() -> dict[str, Any]:
    return {
        similarity(scope, analysis): {"type": "BM25", "b": 0, "k1": k1(scope, analysis) * SCALE}
        for scope in (ALL, HEADING)
        for analysis in ANALYSES
    }


def _analysis() -> dict[str, Any]:
    lines = {
        "type": "char_group",
        "tokenize_on_chars": [SEPARATOR],
        "max_token_length": MAX_TERM_CHARS,
    }
    return {
        "tokenizer": {"lines": lines},
        "filter": {
            "gaps": {"type": "stop", "stopwords": [GAP]},
            "characters": {"type": "edge_ngram", "min_gram": 1, "max_gram": 2},
            "frequencies": {"type": "delimited_term_freq", "delimiter": TIMES},
        },
        "analyzer": {
            "pairs": {"type": "custom", "tokenizer": "lines", "filter": ["gaps", "characters"]},
            "tokens": {"type": "custom", "tokenizer": "lines", "filter": ["gaps"]},
            "weighted": {"type": "custom", "tokenizer": "lines", "filter": ["frequencies"]},
        },
    }


def _properties() -> dict[str, Any]:
    properties: dict[str, Any] = {
        RECORD: {"type": "object", "enabled": False},
        ORDER: {"type": "long"},
        SIGNATURE: {"type": "binary", "doc_values": True},
        REPRINT: {"type": "keyword"},
        DATE: {"type": "date", "format": "strict_date"},
    }
    for text_field in TEXT_FIELDS:
        properties[pairs_field(text_field.name)] = {
            "type": "text",
            "analyzer": "pairs",
            "search_analyzer": "tokens",
            "norms": False,
            "index_options": "positions",
        }
    for scope in SCOPES:
        for analysis in ANALYSES:
            properties[ranking_field(scope, analysis)] = {
                "type": "text",
                "analyzer": "weighted",
                "search_analyzer": "tokens",
                "norms": False,
                "index_options": "freqs",
                "similarity": similarity(scope, analysis),
            }
    for keyword in KEYWORD_FIELDS:
        properties[keyword.name] = {"type": "keyword", "ignore_above": MAX_TERM_CHARS}
        properties[folded_field(keyword.name)] = {
            "type": "keyword",
            "doc_values": False,
            "ignore_above": MAX_TERM_CHARS,
        }
    return properties
