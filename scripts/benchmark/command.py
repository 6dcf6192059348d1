"""What the commands scripts/bench and scripts/bench-write share."""

from __future__ import annotations

import sys

from benchmark.documents import SEED, Documents


def describe(documents: Documents) -> str:
    """What the documents are, in a line."""
    if documents.recombined:
        return (
            f"{len(documents):,} articles, recombined from the {documents.articles:,} of the corpus: "
            f"title, date and length of one, each paragraph from anywhere (seed {SEED})"
        )
    return f"{len(documents):,} of the corpus's {documents.articles:,} articles, evenly spaced"


def read_size(text: str) -> int | None:
    """A number of articles such as ``74542``, ``10k`` or ``1m``; None for ``all``.

    Raises ValueError for anything else.
    """
    if text == "all":
        return None
    unit = {"k": 1_000, "m": 1_000_000}.get(text[-1].lower(), 1)
    size = int(text.rstrip("kKmM")) * unit
    if size < 1:
        raise ValueError(text)
    return size


def say(text: str) -> None:
    """Tells how far things are."""
    print(text, file=sys.stderr, flush=True)
