"""Did you mean: a text with slips to the text that was meant, against the archive's own vocabulary.

Takes a run of folded characters, gives corrections. The run is cut into words so that the words and
the slips are together most probable: a noisy channel over a lattice, whose edges are words of the
vocabulary, single characters, and words that are a slip away from what stands there. Called by
``query_correction``.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, product
from math import inf, log
from typing import Final

from searchsvc.suggestions.characters import Characters
from searchsvc.suggestions.edits import ANY_CHARACTER, least_cost, slip_cost
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
CERTAIN_CHARS: Final = 3
"""A shorter word is never offered for what stands in the archive."""
MAX_READINGS: Final = 8
ROUNDING: Final = 1e-6
"""Costs nearer than this may be equal."""


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


def is_certain(slip: Edge) -> bool:
    """Whether a correction may be offered for what stands in the archive, too.

    One that holds what was typed never may: it cannot stand in more articles.
    """
    is_held = (slip.typed or "") in slip.word
    return slip.slip_cost < ANY_CHARACTER and len(slip.word) >= CERTAIN_CHARS and not is_held


class Lattice:
    """What a run of ``size`` characters may have meant: what stands there, and slips."""

    def __init__(self, size: int, standing: list[Edge], slips: list[Edge]) -> None:
        self._size = size
        self._standing = standing
        self._slips = slips

    def slips(self, refused: Container[Refusal] = ()) -> list[Edge]:
        """The slips of the most probable reading, in order, without those that were ``refused``."""
        offered = [slip for slip in self._slips if (slip.typed, slip.word) not in refused]
        path = _best_path(self._size, [*self._standing, *offered])
        return [edge for edge in path if edge.typed is not None]


class Corrector:
    """Corrects runs. ``is_word`` says whether a general dictionary knows a word."""

    def __init__(
        self, vocabulary: Vocabulary, characters: Characters, is_word: Callable[[str], bool]
    ) -> None:
        self._vocabulary = vocabulary
        self._characters = characters
        self._is_word = is_word
        self._total = max(2, vocabulary.word_total)

    def lattice(self, run: str, *, doubtful: bool = False, certain: bool = False) -> Lattice:
        """All that a run may have meant.

        Unless it is ``doubtful`` as a whole, only its unknown and rare words are looked at for slips.
        ``certain``: only for slips that are (``is_certain``).
        """
        run = run[:MAX_RUN_CHARS]
        standing = self._standing(run)
        as_typed = _best_path(len(run), standing)
        suspected = set(range(len(run))) if doubtful else self._suspected(as_typed)
        if not suspected:
            return Lattice(len(run), standing, [])
        known = {(edge.start, edge.end) for edge in standing if edge.cost <= self._cost(RARE)}
        possible = self._possible(run, suspected, known, certain=certain)
        cheap = _worth(possible, standing, len(run), sum(edge.cost for edge in as_typed))
        slips = self._slips(cheap)
        return Lattice(len(run), standing, [s for s in slips if not certain or is_certain(s)])

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

    def _possible(
        self, run: str, suspected: set[int], known: set[tuple[int, int]], *, certain: bool
    ) -> Iterator[Edge]:
        """Edges for words that may be a slip away from what stands there, at their least cost."""
        pieces = {
            (start, end): run[start:end]
            for start, end in _windows(len(run), MAX_DELETION_CHARS + 1)
            if end - start > 1
            and (start, end) not in known
            and not suspected.isdisjoint(range(start, end))
        }
        near = self._near(
            set(pieces.values()),
            key_chars=1 if len(run) == 2 and not certain else 2,
            word_chars=CERTAIN_CHARS if certain else 2,
        )
        for (start, end), piece in pieces.items():
            for word, count in near.get(piece, {}).items():
                least = least_cost(piece, word)
                if least < inf:
                    edge = Edge(start, end, word, self._cost(count) + least, piece, least)
                    if not certain or is_certain(edge):
                        yield edge

    def _slips(self, possible: Iterable[Edge]) -> Iterator[Edge]:
        """Those that are a slip away, at their cost."""
        for edge in possible:
            cost = slip_cost(edge.typed or "", edge.word, self._characters)
            if cost is not None:
                yield replace(edge, cost=edge.cost - edge.slip_cost + cost, slip_cost=cost)

    def _near(
        self, pieces: Iterable[str], *, key_chars: int, word_chars: int
    ) -> dict[str, dict[str, int]]:
        """For each piece the words that share a deletion key or a sound with it, and their counts.

        Not by shorter keys than ``key_chars``, nor by the sound of shorter words than ``word_chars``.
        """
        by_deletion = [
            (key, piece)
            for piece in pieces
            for key in (piece, *deletions(piece))
            if len(key) >= key_chars
        ]
        by_sound = [
            (sound, piece)
            for piece in pieces
            if word_chars <= len(piece) <= MAX_DELETION_CHARS
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


def _worth(
    possible: Iterable[Edge], standing: Iterable[Edge], size: int, as_typed: float
) -> list[Edge]:
    """The possible edges through which a path may be cheaper than what was typed.

    Shortest ways from both ends over edges at their least cost bound that of every path.
    """
    possible = list(possible)
    edges = sorted((*standing, *possible), key=lambda edge: edge.end)
    before = [0.0] + [inf] * size
    for edge in edges:
        before[edge.end] = min(before[edge.end], before[edge.start] + edge.cost)
    behind = [inf] * size + [0.0]
    for edge in sorted(edges, key=lambda edge: -edge.start):
        behind[edge.start] = min(behind[edge.start], edge.cost + behind[edge.end])
    limit = as_typed + ROUNDING
    return [e for e in possible if before[e.start] + e.cost + behind[e.end] <= limit]


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
