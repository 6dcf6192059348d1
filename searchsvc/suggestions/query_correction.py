"""Did you mean: a query as typed to the query that was meant.

Takes the query's text and a way to count what the archive contains; gives the query with its slips
mended, everything else as it was typed. Called by the service.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from searchsvc.query import FIELD_NAMES, Lexeme, lexemes
from searchsvc.suggestions.completion import Completer
from searchsvc.suggestions.correction import Corrector, Edge, Refusal
from searchsvc.suggestions.edits import ANY_CHARACTER
from searchsvc.suggestions.entries import entry_key, is_han
from searchsvc.text import fold

Occurrences = Callable[[str], int]
"""In how many articles a folded text stands, whatever the words are."""

TIMES_AS_FREQUENT: Final = 50
"""What stands in the archive is offered a correction only where that stands in so many times as many
articles: archives have slips, too."""
MAX_TRIES: Final = 6
MAX_DOUBTFUL_CHARS: Final = 8
"""A run no longer than this that stands nowhere in the archive is doubtful as a whole."""
LEAST_LETTERS: Final = 4
"""Shorter Latin words are not corrected."""

_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,}|[a-z]{2,}")


class QueryCorrector:
    """Mends queries."""

    def __init__(self, corrector: Corrector, completer: Completer) -> None:
        self._corrector = corrector
        self._completer = completer

    def meant(self, query: str, occurrences: Occurrences) -> str | None:
        """The query that was probably meant; None where this one is as good."""
        pieces: list[tuple[int, int, str]] = []
        for lexeme in lexemes(query, FIELD_NAMES):
            if lexeme.kind in ("word", "phrase") and not re.search(r"[*?＊？]", lexeme.text):
                pieces += self._mended(lexeme, query, occurrences)
        if not pieces:
            return None
        mended, position = [], 0
        for start, end, text in pieces:
            mended += [query[position:start], text]
            position = end
        return "".join([*mended, query[position:]])

    def _mended(
        self, lexeme: Lexeme, query: str, occurrences: Occurrences
    ) -> list[tuple[int, int, str]]:
        """Half-open ranges of the query and what to put there."""
        first = query.index(lexeme.text, lexeme.position)
        folded = fold(lexeme.text)
        standing = [n for n, char in enumerate(folded.text) if char != " "]
        text = "".join(folded.text[n] for n in standing)
        found = []
        for run in _RUN.finditer(text):
            for start, end, word in self._run(run[0], occurrences):
                low, high = run.start() + start, run.start() + end
                place = folded.original(standing[low], standing[high - 1] + 1)
                found.append((first + place[0], first + place[1], self._corrector.printed(word)))
        return found

    def _run(self, run: str, occurrences: Occurrences) -> list[tuple[int, int, str]]:
        if not is_han(run):
            return self._latin(run, occurrences)
        standing = occurrences(run)
        if standing and len(run) > MAX_DOUBTFUL_CHARS:
            return []
        doubtful = not standing and len(run) <= MAX_DOUBTFUL_CHARS
        refused: set[Refusal] = set()
        lattice = self._corrector.lattice(run, doubtful=doubtful)
        for _ in range(MAX_TRIES):
            slips = lattice.slips(refused)
            wrong = [slip for slip in slips if not _is_better(slip, occurrences)]
            if not wrong:
                return [(slip.start, slip.end, slip.word) for slip in slips]
            refused |= {(slip.typed, slip.word) for slip in wrong}
        return []

    def _latin(self, run: str, occurrences: Occurrences) -> list[tuple[int, int, str]]:
        """Characters for pinyin, else the Latin word with its slip mended."""
        if len(run) < LEAST_LETTERS or occurrences(run):
            return []
        if (word := self._completer.spelt(run)) is not None:
            return [(0, len(run), entry_key(word))]
        return [(slip.start, slip.end, slip.word) for slip in self._corrector.lattice(run).slips()]


def _is_better(slip: Edge, occurrences: Occurrences) -> bool:
    """Whether the archive bears a correction out."""
    typed = occurrences(slip.typed or "")
    if not typed:
        return occurrences(slip.word) > 0
    certain = slip.slip_cost < ANY_CHARACTER and len(slip.word) > 2
    return certain and occurrences(slip.word) >= TIMES_AS_FREQUENT * typed
