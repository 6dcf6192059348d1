"""Holds quoted phrases against a scan of all texts; see scripts/check-phrases.

Takes articles and a number of queries; gives how many phrases found exactly the articles that a
substring search in the folded texts finds, as typed and turned into the other scripts.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path

import opencc

from searchsvc.analysis import Analyzer, compact
from searchsvc.articles import Article
from searchsvc.engines.contract import Engine
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine
from searchsvc.equivalents import Equivalents
from searchsvc.processes import ordered_map
from searchsvc.query import Phrase, parse_query
from searchsvc.schema import TEXT_FIELDS
from searchsvc.sources import find_sources, read_source
from searchsvc.text import fold_text

SEED = 20261125
MAX_CHARS = 12
SCRIPTS = ("s2t", "s2tw", "s2hk")
"""OpenCC's ways into traditional script: its own standard, Taiwan's and Hong Kong's characters."""

_ARTICLE_END = "\x00"
_MARKS = ("“”", "「」", "『』", '""')


class Scan:
    """The folded texts of articles as one string, in which a search walks from hit to hit.

    A paragraph ends with a line end, an article with a character that no folded text holds.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._ids = list(texts)
        self._text = _ARTICLE_END.join(texts.values()) + _ARTICLE_END
        sizes = (len(text) + 1 for text in texts.values())
        self._ends = list(accumulate(sizes))

    def ids(self, wanted: str) -> set[str]:
        """The articles whose text contains this one."""
        found = set()
        place = self._text.find(wanted)
        while place >= 0:
            number = bisect_right(self._ends, place)
            found.add(self._ids[number])
            place = self._text.find(wanted, self._ends[number])
        return found


def build(articles: Sequence[Article], folder: Path) -> tuple[Engine, dict[str, str]]:
    """An engine over the articles, and the folded text of each, a line a paragraph, by id."""
    writer = create_writer(folder)
    for documents in ordered_map(DocumentMaker, (), articles):
        writer.add(documents)
    writer.commit()
    return open_engine(folder, Analyzer()), {a.id: _folded(a) for a in articles}


def _folded(article: Article) -> str:
    pieces = [piece for field in TEXT_FIELDS for piece in field.pieces(article)]
    return "\n".join(compact(fold_text(p)).replace("\n", "\r") for p in pieces)


def substrings(articles: Sequence[Article], count: int, seed: int = SEED) -> Iterator[str]:
    """Random substrings of titles and paragraphs, of 1 to 12 characters, each with some text."""
    rng = random.Random(seed)
    while count:
        article = rng.choice(articles)
        text = rng.choice([article.title, *(p.text for p in article.body)])
        if rng.random() < 0.25:
            text = _around_mixed(rng, text)
        start = rng.randrange(max(1, len(text)))
        piece = text[start : start + rng.randint(1, MAX_CHARS)]
        if compact(fold_text(piece)) and _mark(piece):
            count -= 1
            yield piece


def _around_mixed(rng: random.Random, text: str) -> str:
    """A window around a Latin letter, a digit or a punctuation mark; the text where it has none."""
    places = [i for i, c in enumerate(text) if c.isascii() or not c.isalnum()]
    place = rng.choice(places) if places else 0
    return text[max(0, place - MAX_CHARS // 2) : place + MAX_CHARS // 2] if places else text


def _mark(piece: str) -> str | None:
    """Quotation marks that the piece itself does not hold."""
    return next((m for m in _MARKS if m[0] not in piece and m[1] not in piece), None)


def differences(engine: Engine, scan: Scan, pieces: Iterable[str]) -> list[str]:
    """The phrases, in whatever script, that found other articles than the scan.

    As typed, a phrase finds the articles that hold its text. In another script it also has the
    spellings that the service adds where scripts differ by more than characters (傢俱, 家具): then it
    finds the articles that hold any of these, and the phrase's own are among them.
    """
    wrong = []
    equivalents = Equivalents(Analyzer())
    for piece in pieces:
        own = scan.ids(compact(fold_text(piece)))
        for spelling in dict.fromkeys([piece, *(_converter(s).convert(piece) for s in SCRIPTS)]):
            opening, closing = _mark(spelling) or _MARKS[0]
            tree = parse_query(f"{opening}{spelling}{closing}")
            expected = own
            if spelling != piece:
                tree, _ = equivalents.expand(tree)
                others = tree.spellings if isinstance(tree, Phrase) else ()
                texts = (compact(fold_text(spelling)), *others)
                expected = set().union(*map(scan.ids, texts))
            found = engine.ids(tree)
            if len(found) != len(expected) or set(found) != expected or not own <= expected:
                wrong.append(spelling)
    return wrong


_CONVERTERS: dict[str, opencc.OpenCC] = {}


def _converter(script: str) -> opencc.OpenCC:
    if script not in _CONVERTERS:
        _CONVERTERS[script] = opencc.OpenCC(script)
    return _CONVERTERS[script]


def main() -> None:
    """Checks and prints; the exit code is 1 where a phrase differs."""
    parser = argparse.ArgumentParser(prog="scripts/check-phrases", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--articles", type=int, default=None, help="only the first so many")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    items = (i for f in find_sources(given.paths) for i in read_source(f, int))
    articles = list(islice((i for i in items if isinstance(i, Article)), given.articles))
    with tempfile.TemporaryDirectory() as folder:
        engine, texts = build(articles, Path(folder))
        wrong = differences(engine, Scan(texts), substrings(articles, given.queries, given.seed))
        engine.close()
    print(f"{len(articles):,} articles, {given.queries:,} substrings, each in up to four spellings")
    print(f"{len(wrong)} found other articles than the scan" + "".join(f"\n  {w}" for w in wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
