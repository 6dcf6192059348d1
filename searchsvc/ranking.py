"""The one table of ranking: every number that a score hangs on.

``scripts/evaluate --tune`` chooses them on the training halves of its collections and reports them on
the test halves. Read by the engines; nothing here needs a reindex but ``LEAD_CHARS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LEAD: Final = "lead"
"""The beginning of the body, ranked once more by itself: a newspaper says there what it is about."""

LEAD_CHARS: Final = 100
"""Folded characters of the body that are its beginning; a change needs a reindex."""


@dataclass(frozen=True, slots=True)
class FieldRanking:
    """BM25F's weight of a field and its length normalisation b."""

    weight: float
    b: float


@dataclass(frozen=True, slots=True)
class AnalysisRanking:
    """The weight of words or bigrams in the sum of both, and BM25's k1 for them."""

    weight: float
    k1: float


@dataclass(frozen=True, slots=True)
class TitleRanking:
    """What a term in the title adds by itself, by BM25 over titles alone; in the weight of its
    analysis.

    Within BM25F a title's weight is soon saturated; this tells an article about something from one
    that often names it.
    """

    weight: float
    b: float
    k1: float


def _analyses() -> dict[str, AnalysisRanking]:
    return {"words": AnalysisRanking(1.0, 1.2), "bigrams": AnalysisRanking(0.6, 1.2)}


def _fields() -> dict[str, FieldRanking]:
    return {
        "title": FieldRanking(6.0, 0.2),
        "kicker": FieldRanking(1.0, 0.4),
        "byline": FieldRanking(0.5, 0.4),
        LEAD: FieldRanking(2.0, 0.0),
        "body": FieldRanking(1.0, 0.4),
    }


@dataclass(frozen=True, slots=True)
class Ranking:
    """The parameters of one ranking.

    ``crossing`` is the weight of bigrams that cross from one word of the query to the next, in that
    of bigrams. Bare words are answered by best match where there are more than
    ``all_words_at_most`` of them or they end as a question does, or where fewer than ``relax_below``
    articles hold three or more words, or none holds two. What only an equivalent has (a synonym, a
    date written otherwise) weighs ``equivalents``: what was typed comes first; not tuned, no
    collection asks for it.
    """

    analyses: Mapping[str, AnalysisRanking] = field(default_factory=_analyses)
    fields: Mapping[str, FieldRanking] = field(default_factory=_fields)
    title: TitleRanking = TitleRanking(0.2, 0.8, 1.2)
    crossing: float = 0.6
    all_words_at_most: int = 4
    relax_below: int = 3
    equivalents: float = 0.8


RANKING: Final = Ranking()
"""What the product ranks by."""


@dataclass(frozen=True, slots=True)
class SimilarityRanking:
    """How an article is likened to others.

    Of its ``candidates`` most frequent terms those ``terms`` that tell most are searched for; a term
    in a field counts as often as ``fields`` says, and frequencies saturate by ``k1``. What reaches
    less than ``least`` of the article's own score is not like it.
    """

    candidates: int = 150
    terms: int = 25
    k1: float = 1.2
    least: float = 0.15
    fields: Mapping[str, int] = field(default_factory=lambda: {"title": 3, "body": 1})


SIMILARITY: Final = SimilarityRanking()
"""What more like this goes by."""
