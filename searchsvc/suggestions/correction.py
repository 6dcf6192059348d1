"""Did you mean: a text with slips to the text that was meant, against the archive's own vocabulary.

Takes a run of folded characters, gives corrections. The run is cut into words so that the words and
the slips are together most probable: a noisy channel over a lattice, whose edges are words of the
vocabulary, single characters, and words that are a slip away from what stands there. Called by
``query_correction``.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from math import log
from typing import Final

from searchsvc.suggestions.characters import Characters
from searchsvc.suggestions.edits import slip_cost
from searchsvc.suggestions.entries import is_han
from searchsvc.suggestions.keys import MAX_DELETION_CHARS, MAX_LATIN_CHARS, deletions
from searchsvc.suggestions.pronunciation_keys import confusable
from searchsvc.suggestions.vocabulary import Vocabulary

MAX_RUN_CHARS: Final = 64
"""What stands further on in a run is not corrected."""
RARE: Final = 3
"""A word that fewer articles have is looked at for slips."""
COMMON_SHARE: Final = 0.02
"""A single character that is a word in this share of all is no sign of a slip."""
UNSEEN: Final = 0.1
"""Articles that a character is counted in that is in none."""
MAX_READINGS: Final = 8


Refusal = tuple[str | None, str]
"""What was typed and a correction of it that the archive does not bear out."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A word over ``start:end`` of a run; ``typed`` is None where it is what stands there.

    ``cost`` includes ``slip_cost``.
    """

    start: int
    end: int
    word: str
    cost: float
    typed: str | None = None
    slip_cost: float = 0.0


class Corrector:
    """Corrects runs. ``is_word`` says whether a general dictionary knows a word."""

    def __init__(
        self, vocabulary: Vocabulary, characters: Characters, is_word: Callable[[str], bool]
    ) -> None:
        self._vocabulary = vocabulary
        self._characters = characters
        self._is_word = is_word
        self._total = max(2, vocabulary.word_total)

    def corrections(
        self, run: str, refused: Container[Refusal] = (), *, doubtful: bool = False
    ) -> list[Edge]:
        """The slips of the most probable reading, in order, without those that were ``refused``.

        Unless a run is ``doubtful`` as a whole, only its unknown and rare words are looked at.
        """
        run = run[:MAX_RUN_CHARS]
        standing = self._standing(run)
        suspected = (
            set(range(len(run))) if doubtful else self._suspected(_best_path(len(run), standing))
        )
        if not suspected:
            return []
        known = {(edge.start, edge.end) for edge in standing if edge.cost <= self._cost(RARE)}
        slips = [
            slip
            for slip in self._slips(run, suspected, known)
            if (slip.typed, slip.word) not in refused
        ]
        return [
            edge for edge in _best_path(len(run), [*standing, *slips]) if edge.typed is not None
        ]

    def printed(self, word: str) -> str:
        """A correction as the archive prints it."""
        return self._vocabulary.printed(word)

    def _standing(self, run: str) -> list[Edge]:
        """Edges for what stands in the run: words, and every single character."""
        windows = list(_windows(len(run), MAX_DELETION_CHARS if is_han(run) else MAX_LATIN_CHARS))
        counts = self._vocabulary.counts([run[start:end] for start, end in windows])
        edges = []
        for (start, end), count in zip(windows, counts, strict=True):
            piece = run[start:end]
            if end - start > 1 and not count and is_han(piece) and self._is_word(piece):
                count = RARE
            if count or end == start + 1:
                edges.append(Edge(start, end, piece, self._cost(max(count, UNSEEN))))
        return edges

    def _suspected(self, path: list[Edge]) -> set[int]:
        """The places whose words are unknown or rare."""
        rare, common = self._cost(RARE - 1), -log(COMMON_SHARE)
        return {
            place
            for edge in path
            if edge.cost >= rare or (edge.end == edge.start + 1 and edge.cost > common)
            for place in range(edge.start, edge.end)
        }

    def _slips(self, run: str, suspected: set[int], known: set[tuple[int, int]]) -> Iterator[Edge]:
        """Edges for words that are a slip away from what stands there."""
        pieces = {
            (start, end): run[start:end]
            for start, end in _windows(len(run), MAX_DELETION_CHARS + 1)
            if end - start > 1
            and (start, end) not in known
            and not suspected.isdisjoint(range(start, end))
        }
        near = self._near({piece: len(run) for piece in pieces.values()})
        for (start, end), piece in pieces.items():
            for word, count in near.get(piece, {}).items():
                cost = slip_cost(piece, word, self._characters)
                if cost is not None:
                    yield Edge(start, end, word, self._cost(count) + cost, piece, cost)

    def _near(self, pieces: dict[str, int]) -> dict[str, dict[str, int]]:
        """For each piece the words that share a deletion key or a sound with it, and their counts."""
        by_deletion = [
            (key, piece)
            for piece, run_chars in pieces.items()
            for key in (piece, *deletions(piece))
            if len(key) > 1 or run_chars == 2
        ]
        by_sound = [
            (sound, piece)
            for piece in pieces
            if len(piece) <= MAX_DELETION_CHARS
            for sound in self._sounds(piece)
        ]
        near: dict[str, dict[str, int]] = {}
        for keys, found in (
            (by_deletion, self._vocabulary.nearly([key for key, _ in by_deletion])),
            (by_sound, self._vocabulary.equal_sound([sound for sound, _ in by_sound])),
        ):
            for number, word, count in found:
                words = near.setdefault(keys[number][1], {})
                words[word] = max(count, words.get(word, 0))
        return near

    def _sounds(self, piece: str) -> Iterator[str]:
        options = [self._characters.readings(char) for char in piece]
        if all(options):
            for spoken in islice(product(*options), MAX_READINGS):
                yield confusable("".join(spoken))

    def _cost(self, count: float) -> float:
        return log(self._total / count)


def _windows(size: int, longest: int) -> Iterator[tuple[int, int]]:
    for start in range(size):
        for end in range(start + 1, min(start + longest, size) + 1):
            yield start, end


def _best_path(size: int, edges: Iterable[Edge]) -> list[Edge]:
    """The cheapest edges that cover ``0:size`` (Viterbi)."""
    ending: list[list[Edge]] = [[] for _ in range(size + 1)]
    for edge in edges:
        ending[edge.end].append(edge)
    costs = [0.0] + [float("inf")] * size
    best: list[Edge | None] = [None] * (size + 1)
    for end in range(1, size + 1):
        for edge in ending[end]:
            cost = costs[edge.start] + edge.cost
            if cost < costs[end]:
                costs[end], best[end] = cost, edge
    path: list[Edge] = []
    place = size
    while place and (edge_here := best[place]) is not None:
        path.append(edge_here)
        place = edge_here.start
    return path[::-1]
