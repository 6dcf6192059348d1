"""What the commands scripts/bench and scripts/bench-write share."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager

from benchmark.documents import SEED, Documents
from benchmark.sampling import SmallCorpusError
from searchsvc.errors import SearchsvcError


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

    Raises ArgumentTypeError for anything else.
    """
    if text == "all":
        return None
    match = re.fullmatch(r"([1-9]\d*)([km]?)", text.lower())
    if not match:
        raise ArgumentTypeError(f"{text!r} is no number of articles such as 10k, 1m or all")
    return int(match[1]) * {"k": 1_000, "m": 1_000_000, "": 1}[match[2]]


def say(text: str) -> None:
    """Tells how far things are."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Ends the command with a line for what the user can mend."""
    try:
        yield
    except (SearchsvcError, SmallCorpusError) as error:
        sys.exit(f"error: {error}")
