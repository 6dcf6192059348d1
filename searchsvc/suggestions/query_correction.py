"""Did you mean: a query as typed to the query that was meant.

Takes the query's text and a way to count what the archive contains; gives the query with its slips
mended, everything else as it was typed. Called by the service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from searchsvc.query import FIELD_NAMES, Lexeme, lexemes
from searchsvc.suggestions.completion import Completer
from searchsvc.suggestions.correction import Corrector, Edge, Refusal, is_certain
from searchsvc.suggestions.entries import entry_key, is_han
from searchsvc.text import Folded, fold

Occurrences = Callable[[Sequence[str]], Sequence[int]]
"""In how many articles each of these folded texts stands, whatever the words are."""

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

    def meant(self, query: str, occurrences: Occurrences, shown: Sequence[str] = ()) -> str | None:
        """The query that was probably meant; None where this one is as good.

        ``shown`` are texts of the archive, as printed: what stands in them need not be counted.
        """
        counts = _Counts(occurrences)
        runs = [
            run
            for lexeme in lexemes(query, FIELD_NAMES)
            if lexeme.kind in ("word", "phrase") and not re.search(r"[*?＊？]", lexeme.text)
            for run in _runs(lexeme, query)
            if is_han(run.text) or len(run.text) >= LEAST_LETTERS
        ]
        standing = {
            run.text for run in runs if is_han(run.text) and any(run.text in text for text in shown)
        }
        counts.ask(run.text for run in runs if run.text not in standing)
        mended, position = [], 0
        for run in runs:
            stands = run.text in standing or counts[run.text] > 0
            for low, high, word in self._run(run.text, counts, stands=stands):
                start, end = run.place(low, high)
                mended += [query[position:start], self._corrector.printed(word)]
                position = end
        return "".join([*mended, query[position:]]) if mended else None

    def _run(self, run: str, counts: _Counts, *, stands: bool) -> list[tuple[int, int, str]]:
        """Half-open ranges of a run and the words to put there; ``stands``: in the archive, as it is."""
        if not is_han(run):
            return [] if stands else self._latin(run)
        if stands and len(run) > MAX_DOUBTFUL_CHARS:
            return []
        doubtful = not stands and len(run) <= MAX_DOUBTFUL_CHARS
        refused: set[Refusal] = set()
        # Of a run that stands there, all parts do.
        lattice = self._corrector.lattice(run, doubtful=doubtful, certain=stands)
        for _ in range(MAX_TRIES):
            slips = lattice.slips(refused)
            counts.ask(text for slip in slips for text in (slip.typed or "", slip.word))
            wrong = [slip for slip in slips if not _is_better(slip, counts)]
            if not wrong:
                return [(slip.start, slip.end, slip.word) for slip in slips]
            refused |= {(slip.typed, slip.word) for slip in wrong}
        return []

    def _latin(self, run: str) -> list[tuple[int, int, str]]:
        """Characters for pinyin, else the Latin word with its slip mended."""
        if (word := self._completer.spelt(run)) is not None:
            return [(0, len(run), entry_key(word))]
        return [(slip.start, slip.end, slip.word) for slip in self._corrector.lattice(run).slips()]


class _Counts:
    """In how many articles texts stand; each is asked for once, and several together."""

    def __init__(self, occurrences: Occurrences) -> None:
        self._occurrences = occurrences
        self._known: dict[str, int] = {}

    def ask(self, texts: Iterable[str]) -> None:
        """Gets to know the counts of texts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= zip(new, self._occurrences(new), strict=True)

    def __getitem__(self, text: str) -> int:
        return self._known[text]


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters of one script in a query, folded and compact, and where they stand.

    ``standing`` are the places of the characters of the lexeme that are not spaces, ``before`` how many of
    those come before the run, ``first`` the lexeme's place in the query.
    """

    text: str
    folded: Folded
    standing: list[int]
    before: int
    first: int

    def place(self, low: int, high: int) -> tuple[int, int]:
        """The half-open range of the query where characters ``low:high`` of the run stand."""
        start = self.standing[self.before + low]
        end = self.standing[self.before + high - 1] + 1
        original = self.folded.original(start, end)
        return self.first + original[0], self.first + original[1]


def _runs(lexeme: Lexeme, query: str) -> list[_Run]:
    first = query.index(lexeme.text, lexeme.position)
    folded = fold(lexeme.text)
    standing = [n for n, char in enumerate(folded.text) if char != " "]
    text = "".join(folded.text[n] for n in standing)
    return [_Run(run[0], folded, standing, run.start(), first) for run in _RUN.finditer(text)]


def _is_better(slip: Edge, counts: _Counts) -> bool:
    """Whether the archive bears a correction out."""
    typed = counts[slip.typed or ""]
    if not typed:
        return counts[slip.word] > 0
    return is_certain(slip) and counts[slip.word] >= TIMES_AS_FREQUENT * typed
