"""Looks for ranking parameters on a training half: one at a time, round after round.

Takes an index of the product and queries; gives the ranking with the best MRR@10 and prints what it
was compared with. Nothing is written: ``searchsvc.ranking`` is edited by hand, after several
collections agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from relevance.collection import Query
from relevance.product import Product
from searchsvc.ranking import RANKING, Ranking

ROUNDS = 2


def tune(folder: Path, queries: Sequence[Query]) -> Ranking:
    """The best ranking found."""
    best, best_mean = RANKING, _mean(folder, RANKING, queries)
    print(f"  {best_mean:.4f} as it is")
    for _ in range(ROUNDS):
        before = best
        for what, candidate in _neighbours(before):
            mean = _mean(folder, candidate, queries)
            print(f"  {mean:.4f} {what}")
            if mean > best_mean:
                best, best_mean = candidate, mean
        if best is before:
            break
    print(f"  {best_mean:.4f} {best}")
    return best


def _mean(folder: Path, ranking: Ranking, queries: Sequence[Query]) -> float:
    return float(Product.over(folder, ranking).scores(queries)[:, 0].mean())


def _neighbours(ranking: Ranking) -> Iterator[tuple[str, Ranking]]:
    for name, analysis in ranking.analyses.items():
        for factor in (0.7, 1.4):
            for part in ("weight", "k1"):
                other = replace(analysis, **{part: getattr(analysis, part) * factor})
                analyses = {**ranking.analyses, name: other}
                yield f"{name} {other}", replace(ranking, analyses=analyses)
    for name, field in ranking.fields.items():
        for changed in (
            replace(field, weight=field.weight * 0.7),
            replace(field, weight=field.weight * 1.4),
            replace(field, b=max(0.0, field.b - 0.15)),
            replace(field, b=min(1.0, field.b + 0.15)),
        ):
            yield f"{name} {changed}", replace(ranking, fields={**ranking.fields, name: changed})
    for factor in (0.6, 1.6):
        for part in ("weight", "k1"):
            title = replace(ranking.title, **{part: getattr(ranking.title, part) * factor})
            yield f"title {title}", replace(ranking, title=title)
        crossing = ranking.crossing * factor
        yield f"crossing {crossing}", replace(ranking, crossing=crossing)
    for most in (0, 2, 4, 6, 100):
        yield f"all_words_at_most {most}", replace(ranking, all_words_at_most=most)
    for least in (1, 3, 10):
        yield f"relax_below {least}", replace(ranking, relax_below=least)
