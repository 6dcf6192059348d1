"""Documents already cut into words, read from one file by every engine's process.

``corpus.prepare`` writes the file; ``Documents`` reads any article of it by number, without keeping
any. Only the standard library is used: Xapian's process runs in the system's Python.

The file has two kinds of lines, fields separated by tabs, words by spaces::

    paragraph:  text  words
    article:    day  first paragraph  paragraphs  title  words of the title

``<name>.paragraphs`` and ``<name>.articles`` hold them, ``<name>.paragraphs.offsets`` and
``<name>.articles.offsets`` where each line starts, as 64-bit numbers in native byte order, with the
end of the last line as one more.
"""

from __future__ import annotations

import os
import random
from array import array
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

SEED = 20261125
"""Of recombination: the articles of a size beyond the corpus are always the same."""


class Document(NamedTuple):
    """An article as the engines get it.

    ``day`` is the proleptic Gregorian ordinal of its date, 0 for none. ``title`` and ``body`` are
    the text as printed, the paragraphs of the body a line each.
    """

    number: int
    day: int
    title: str
    body: str
    title_words: list[str]
    body_words: list[str]

    @property
    def year(self) -> int:
        """The year of its date, 0 for none."""
        return year_of(self.day)


def year_of(day: int) -> int:
    """The year of a day, 0 for none."""
    return date.fromordinal(day).year if day else 0


class _Lines:
    """A file of lines, each read by its number."""

    def __init__(self, path: Path) -> None:
        offsets = path.with_name(path.name + ".offsets")
        self._offsets: array[int] = array("Q")
        self._offsets.frombytes(offsets.read_bytes())
        self._file = os.open(path, os.O_RDONLY)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def fields(self, number: int) -> list[str]:
        """The fields of a line."""
        start, end = self._offsets[number], self._offsets[number + 1]
        return os.pread(self._file, end - start - 1, start).decode().split("\t")


class Documents:
    """``size`` documents of a corpus of ``self.articles`` articles.

    Up to the corpus's size they are articles of it, evenly spaced. Beyond, each takes title, date
    and number of paragraphs from one random article and every paragraph from anywhere in the
    corpus, so that lengths and the frequencies of words keep their shape; words that stand together
    in a paragraph still do, no new words come.
    """

    def __init__(self, path: Path, size: int | None = None) -> None:
        """Raises FileNotFoundError where ``corpus.prepare`` has not been; None takes all."""
        self._articles = _Lines(path.with_name(path.name + ".articles"))
        self._paragraphs = _Lines(path.with_name(path.name + ".paragraphs"))
        self.articles = len(self._articles)
        self.size = self.articles if size is None else size
        self.recombined = self.size > self.articles

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Document]:
        return (self[number] for number in range(self.size))

    def __getitem__(self, number: int) -> Document:
        """The document of this number, the same at every call."""
        rng = random.Random(f"{SEED}:{number}") if self.recombined else None
        chosen = rng.randrange(self.articles) if rng else number * self.articles // self.size
        day, first, count, title, title_words = self._articles.fields(chosen)
        paragraphs = range(int(first), int(first) + int(count))
        numbers = [rng.randrange(len(self._paragraphs)) for _ in paragraphs] if rng else paragraphs
        pieces = [self._paragraphs.fields(n) for n in numbers]
        return Document(
            number,
            int(day),
            title,
            "\n".join([text for text, _ in pieces]),
            title_words.split(),
            " ".join([words for _, words in pieces]).split(),
        )
