"""How well pages were segmented: B-cubed (Bagga and Baldwin 1998) by characters, boundaries, roles.

Kicker and headline count as each other's equals, as do body and duplicate for the grouping only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from fitting.labelled import HEADS, LabelledPage

Found = dict[str, list[str]]


def score(pages: Sequence[tuple[LabelledPage, Found]]) -> dict[str, float]:
    """B-cubed F1, boundary F1, share of right roles, share of articles with exact headlines."""
    sums: Counter[str] = Counter()
    for page, found in pages:
        sums.update(_counted(page, {int(n): label for n, label in found.items()}))
    precision, recall = sums["precise"] / sums["weight"], sums["recalled"] / sums["weight"]
    return {
        "pages": len(pages),
        "b3_f1": round(2 * precision * recall / (precision + recall), 4),
        "boundary_f1": round(2 * sums["both"] / max(sums["mine"] + sums["gold"], 1), 4),
        "roles": round(sums["roles"] / sums["lines"], 4),
        "headlines": round(sums["exact"] / max(sums["headed"], 1), 4),
    }


def _counted(page: LabelledPage, found: dict[int, list[str]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    texts = page.text.split("\n")
    numbers = sorted(page.labels)
    weight = {n: len(texts[n - 1].strip()) for n in numbers}
    gold = {n: page.labels[n][0] for n in numbers}
    mine = {n: found[n][0] for n in numbers}
    by_pair = Counter[tuple[str, str]]()
    by_gold, by_mine = Counter[str](), Counter[str]()
    for n in numbers:
        by_pair[gold[n], mine[n]] += weight[n]
        by_gold[gold[n]] += weight[n]
        by_mine[mine[n]] += weight[n]
    for n in numbers:
        both = by_pair[gold[n], mine[n]]
        sums["precise"] += weight[n] * both / by_mine[mine[n]]  # type: ignore[assignment]
        sums["recalled"] += weight[n] * both / by_gold[gold[n]]  # type: ignore[assignment]
    sums["weight"] = sum(weight.values())
    gold_cuts = {b for a, b in pairwise(numbers) if gold[a] != gold[b]}
    my_cuts = {b for a, b in pairwise(numbers) if mine[a] != mine[b]}
    sums["both"], sums["mine"] = len(gold_cuts & my_cuts), len(my_cuts)
    sums["gold"] = len(gold_cuts)
    sums["lines"] = len(numbers)
    sums["roles"] = sum(_role(found[n][1]) == _role(page.labels[n][1]) for n in numbers)
    for block in set(gold.values()):
        wanted = {n for n in numbers if gold[n] == block and page.labels[n][1] in HEADS}
        if wanted:
            sums["headed"] += 1
            blocks = {mine[n] for n in wanted}
            heads = {n for n in numbers if mine[n] in blocks and found[n][1] in HEADS}
            sums["exact"] += len(blocks) == 1 and heads == wanted
    return sums


def _role(role: str) -> str:
    return "headline" if role in HEADS else role
