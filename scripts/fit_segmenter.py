"""Fit the segmenter's weights on labelled pages, and say how well they do on pages left out.

usage: fit-segmenter [--pages FOLDER] [--folds N] [--iterations N] [--penalty X] [--write]

Without --write nothing is changed: N-fold cross-validation by page, scores by collection. With it
the weights are fitted on all pages and written to searchsvc/pages/weights.json. FOLDER holds
labelled pages (*.gold.json, *.jsonl); the pages of the sample archive and those in
scripts/fitting/pages are always used. Twins of
pages and recombined articles never cross folds.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from fitting import field, twins
from fitting.labelled import (
    LabelledPage,
    is_wrapped,
    labelled_lines,
    shared_pages,
    shipped_pages,
    written_pages,
)
from fitting.scores import score

from searchsvc.pages import line_labels, segment_page, segmenter
from searchsvc.pages.evidence import evidence
from searchsvc.pages.labelling import read_model
from searchsvc.pages.lines import text_lines
from searchsvc.pages.states import ALLOWED, KINDS, MAY_BEGIN, PLACE, STATES
from searchsvc.pages.view import page_view

PROJECT = Path(__file__).parents[1]
WEIGHTS = PROJECT / "searchsvc/pages/weights.json"
IMPORTANCE = {
    "page": 6.0, "sample": 4.0, "written": 4.0, "composed": 1.5, "wrapped": 1.5,
    "sample recombined": 1.0,
}  # fmt: skip
"""How much a page of a collection counts: real and hand-made pages more than composed ones."""
BY_HAND = ("page", "sample", "written")
TWIN_IMPORTANCE = 0.6
RECOMBINED_A_FOLD = 60
SEED = 7


def main() -> None:
    """Read the arguments, cross-validate or write."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--iterations", type=int, default=120)
    parser.add_argument("--penalty", type=float, default=1.0)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    pages = shipped_pages(PROJECT / "tests/data/sample_gold.json") + written_pages()
    if arguments.pages:
        pages += shared_pages(arguments.pages)
    Random(SEED).shuffle(pages)
    folds = [pages[n :: arguments.folds] for n in range(arguments.folds)]
    grown = [_grown(fold, Random(SEED + n)) for n, fold in enumerate(folds)]
    sequences = [[_sequence(page) for page in fold if _is_possible(page)] for fold in grown]
    if arguments.write:
        weights = field.fit(
            [s for fold in sequences for s in fold], arguments.penalty, arguments.iterations
        )
        WEIGHTS.write_text(_written(weights), encoding="utf-8")
        return
    cross_validate(grown, sequences, arguments)


def cross_validate(
    grown: Sequence[Sequence[LabelledPage]],
    sequences: Sequence[Sequence[field.PageSequence]],
    arguments: argparse.Namespace,
) -> None:
    """Say how well pages do that the fit did not see: by collection, and the hand-made ones each."""
    seen: dict[str, list[tuple[LabelledPage, dict[str, list[str]]]]] = defaultdict(list)
    for n, fold in enumerate(grown):
        others = [s for m, other in enumerate(sequences) if m != n for s in other]
        weights = field.fit(others, arguments.penalty, arguments.iterations)
        segmenter.MODEL = read_model(json.loads(_written(weights)))
        for page in fold:
            seen[page.source].append((page, line_labels(segment_page(page.text))))
    for source in sorted(seen):
        print(f"{source:26} {score(seen[source])}")
    by_hand = [pair for source in BY_HAND for pair in seen[source]]
    print(f"{'all made by hand':26} {score(by_hand)}")
    for page, found in by_hand:
        print(f"    {page.name:22} {score([(page, found)])}")


def _grown(pages: Sequence[LabelledPage], random: Random) -> list[LabelledPage]:
    """The pages with their twins and recombinations."""
    return [*pages, *_twins(pages, random)]


def _twins(pages: Sequence[LabelledPage], random: Random) -> Iterator[LabelledPage]:
    whole: dict[str, list[LabelledPage]] = defaultdict(list)
    for page in pages:
        if is_wrapped(page):
            twin = twins.unwrapped(page, random)
            whole[page.source].append(twin)
            yield twin
        else:
            yield twins.even(page, random)
            yield twins.wrapped(page, random)
            if page.source != "composed":
                whole["sample"].append(page)
    for source in ("sample", "wrapped"):
        for n in range(RECOMBINED_A_FOLD if whole[source] else 0):
            page = twins.recombined(whole[source], random, f"{source} {n}")
            page = replace(page, source=f"{source} recombined")
            yield page
            if source == "sample":
                yield twins.wrapped(page, random)


def _is_possible(page: LabelledPage) -> bool:
    """Whether the states may follow each other so; a page with odd labels is named and left out."""
    places = [PLACE[line.state] for line in labelled_lines(page)]
    possible = MAY_BEGIN[places[0]] and all(ALLOWED[a, b] for a, b in pairwise(places))
    if not possible:
        print(f"left out, its labels contradict the states: {page.source} {page.name}")
    return bool(possible)


def _sequence(page: LabelledPage) -> field.PageSequence:
    return field.PageSequence(
        evidence(page_view(text_lines(page.text))).values,
        np.array([PLACE[line.state] for line in labelled_lines(page)]),
        IMPORTANCE.get(page.source, TWIN_IMPORTANCE),
    )


def _written(weights: field.Weights) -> str:
    names = evidence(page_view(text_lines("一行"))).names
    cues = {
        name: {kind: round(float(w), 3) for kind, w in zip(KINDS, row, strict=True)}
        for name, row in zip(names, weights.cues, strict=True)
    }
    transitions = {
        state: {
            following: round(float(weights.transitions[PLACE[state], PLACE[following]]), 3)
            for following in STATES
            if ALLOWED[PLACE[state], PLACE[following]]
        }
        for state in STATES
    }
    parts = [
        f'"{title}": {{\n'
        + ",\n".join(f'  "{name}": {json.dumps(row)}' for name, row in rows.items())
        + "\n}"
        for title, rows in (("cues", cues), ("transitions", transitions))
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
