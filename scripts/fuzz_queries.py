"""Generated query strings against parser and application: none may fail, none may take too long.

A third are made by the grammar of the language, a third of any characters of Unicode and of marks that
mean something, a third by damaging queries made of the archive's own headlines. All hang on the seed:
two processes with different seeds divide the work. Tells on the error stream how far it is; SIGINT and
SIGTERM end it early, with the counts so far.
"""

from __future__ import annotations

import argparse
import heapq
import logging
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from searchsvc.errors import QueryError
from searchsvc.query import parse_query
from searchsvc.results import FACETS, FILTERS, SORTS, SearchRequest
from searchsvc.schema import FIELD_BY_NAME
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.web import create_app

MARKS = (
    "\"“”「」『』《》()（）[]【】*?？:：^~-—+&|!！/\\,，.。;；<>'`#%\u3000 \t\n\0\u200b\ufeff\ud7ff"
)
WORDS = (
    "的", "一", "中国", "北京", "大桥", "供水", "2018", "二〇一八年", "７月３０日", "臺灣", "ＡＢＣ", "GB/T 7714-2015",
    "and", "AND", "OR", "NOT", "TO", "或", "且", "非", "100", "3.5%", "①", "㎡", "é", "ß", "ﬁ", "𠮷", "👨‍👩‍👧",
)  # fmt: skip
FIELDS = (*FIELD_BY_NAME, "nothing", "标题", "日期")
GRACE_S = 1.0
"""A search may end so much after its time: the longest step between two looks at the clock, on a busy machine."""
TOLD_EVERY_S = 30.0
"""Between two words on how far it is."""
SLOW = 10
"""The slowest that are kept and shown."""


class Generator:
    """Query strings without end; ``texts`` are what the third kind is cut out of."""

    def __init__(self, seed: int, texts: list[str]) -> None:
        self._random = random.Random(seed)
        self._texts = texts or list(WORDS)

    def __iter__(self) -> Iterator[str]:
        kinds = (lambda: self._by_grammar(0), self._noise, self._damaged)
        while True:
            yield self._random.choice(kinds)()[:1_000]

    def request(self, query: str) -> str:
        """A path with this query and with parameters, most of them right."""
        chosen = self._random
        pairs = [("q", query)]
        for name, values in (
            ("sort", SORTS), ("page", ("1", "2", "37", "1000", "0", "x")),
            ("per_page", ("1", "10", "100", "101")), ("facets", (*FACETS, ",".join(FACETS))),
            ("filter", tuple(f"{f}:{chosen.choice(WORDS)}" for f in FILTERS)),
            ("date_from", ("2013", "2012-07", "2012-07-31", "20")), ("date_to", ("2015", "2012-12")),
            ("explain", ("true",)), ("fold", ("reprints",)), ("histogram", ("year", "month", "day")),
            ("literal", ("true",)), ("highlight", ("false",)), ("lang", ("zh", "en")),
        ):  # fmt: skip
            if chosen.random() < 0.15:
                pairs.append((name, chosen.choice(values)))
        if chosen.random() < 0.1:
            pairs = [pair for pair in pairs if pair[0] in ("q", "filter", "date_from", "literal")]
            path = chosen.choice(("/api/trends", "/api/concordance"))
        elif chosen.random() < 0.1:
            path, pairs = "/api/suggest", pairs[:1]
        else:
            path = chosen.choice(("/api/search", "/api/search", "/"))
        return f"{path}?{urlencode(pairs, errors='surrogatepass')}"

    def _by_grammar(self, depth: int) -> str:
        chosen = self._random
        if depth > chosen.choice((2, 3, 6, 60)) or chosen.random() < 0.35:
            return self._leaf()
        match chosen.randrange(8):
            case 0 | 1:
                return chosen.choice((" AND ", " ", " OR ", "　", " 或 ")).join(
                    self._by_grammar(depth + 1) for _ in range(chosen.choice((2, 3, 9)))
                )
            case 2:
                return chosen.choice(("NOT ", "-", "非 ")) + self._by_grammar(depth + 1)
            case 3 | 4:
                opening, closing = chosen.choice(("()", "（）"))
                return opening + self._by_grammar(depth + 1) + closing
            case 5:
                return chosen.choice(FIELDS) + chosen.choice(":：") + self._by_grammar(depth + 1)
            case 6:
                return self._leaf() + chosen.choice(
                    ("~3", "~1000", "^2", "^0", "~x", "^-1", "~99999")
                )
            case _:
                return self._leaf()

    def _leaf(self) -> str:
        chosen = self._random
        text = chosen.choice(WORDS) if chosen.random() < 0.4 else self._piece()
        match chosen.randrange(7):
            case 0:
                return f'"{text}"'
            case 1:
                return f'"{text} {self._piece()}"~{chosen.randrange(12)}'
            case 2:
                place = chosen.randrange(len(text) + 1)
                return text[:place] + chosen.choice("*?") + text[place:]
            case 3:
                return f"date:[{chosen.choice(('2012', '2012-07', '*', 'x'))} TO {chosen.choice(('2013', '2012-08-31', '*'))}]"
            case _:
                return text

    def _noise(self) -> str:
        chosen = self._random
        length = chosen.choice((1, 3, 10, 40, 200, 1_000))
        ranges = ((0x20, 0x7F), (0x4E00, 0x9FFF), (0x3000, 0x30FF), (0xFF00, 0xFFEF), (0, 0x10FFFF))
        pieces = []
        for _ in range(length):
            if chosen.random() < 0.3:
                pieces.append(chosen.choice(MARKS))
            elif chosen.random() < 0.2:
                pieces.append(chosen.choice(WORDS))
            else:
                code = chosen.randint(*chosen.choice(ranges))
                pieces.append(chr(code) if not 0xD800 <= code < 0xE000 else "�")
        return "".join(pieces)

    def _damaged(self) -> str:
        chosen = self._random
        text = list(" ".join(self._piece() for _ in range(chosen.choice((1, 2, 5, 60)))))
        for _ in range(chosen.randrange(6)):
            place = chosen.randrange(len(text) + 1)
            match chosen.randrange(4):
                case 0:
                    text[place:place] = chosen.choice(MARKS)
                case 1:
                    del text[place : place + 1]
                case 2:
                    text[place:place] = list(chosen.choice(WORDS))
                case _:
                    text[place : place + 1] *= chosen.choice((2, 50))
        return "".join(text)

    def _piece(self) -> str:
        text = self._random.choice(self._texts)
        start = self._random.randrange(len(text))
        return text[start : start + self._random.choice((1, 2, 4, 8, 30))]


class Slowest:
    """The slowest of many, with their times."""

    def __init__(self) -> None:
        self._kept: list[tuple[float, str]] = []

    def add(self, seconds: float, what: str) -> None:
        """Takes one into account."""
        if len(self._kept) < SLOW:
            heapq.heappush(self._kept, (seconds, what))
        elif seconds > self._kept[0][0]:
            heapq.heapreplace(self._kept, (seconds, what))

    @property
    def longest_s(self) -> float:
        """The time of the slowest."""
        return max(self._kept)[0] if self._kept else 0.0

    def show(self) -> None:
        """Prints them, slowest first."""
        for seconds, what in sorted(self._kept, reverse=True):
            print(f"  {seconds * 1_000:8.1f} ms  {what[:150]!r}")


def until_stopped(number: int, what: str, stopped: threading.Event) -> Iterator[None]:
    """So many turns, or as many as there are before the stop; says now and then how far it is."""
    told = started = time.monotonic()
    for count in range(number):
        if stopped.is_set():
            return
        if (now := time.monotonic()) - told >= TOLD_EVERY_S:
            told, rate = now, count / (now - started)
            print(f"{what}: {count:,} of {number:,}, {rate:,.0f}/s", file=sys.stderr, flush=True)
        yield


def fuzz_parser(generator: Generator, number: int, limit_s: float, stopped: threading.Event) -> int:
    """Parses so many; how many failed otherwise than by QueryError, or took longer than the limit."""
    asked, failed, read, slowest = 0, 0, 0, Slowest()
    for _, query in zip(until_stopped(number, "parser", stopped), generator, strict=False):
        asked += 1
        started = time.process_time()
        try:
            parse_query(query)
            read += 1
        except QueryError as error:
            if not 0 <= error.position <= len(query):
                failed += 1
                print(f"position {error.position} of {query!r}")
        except Exception as error:  # what is looked for
            failed += 1
            print(f"{type(error).__name__}: {error}: {query!r}")
        slowest.add(time.process_time() - started, query)
    failed += slowest.longest_s > limit_s
    print(
        f"parser: {asked:,} of {number:,} queries, {read:,} of them queries indeed, {failed} failures"
    )
    slowest.show()
    return failed


def fuzz_application(
    generator: Generator, settings: Settings, number: int, stopped: threading.Event
) -> int:
    """Asks so many of the application; how many were answered by 500 or after their time."""
    app = create_app(settings)
    logging.getLogger("searchsvc").setLevel(logging.CRITICAL)
    client = app.test_client()
    statuses: Counter[str] = Counter()
    asked, failed, slowest = 0, 0, Slowest()
    for _, query in zip(until_stopped(number, "application", stopped), generator, strict=False):
        asked += 1
        path = generator.request(query)
        started = time.monotonic()
        answer = client.get(path)
        taken = time.monotonic() - started
        slowest.add(taken, path)
        code = (answer.get_json(silent=True) or {}).get("code", "") if answer.is_json else ""
        statuses[f"{answer.status_code} {code}".strip()] += 1
        if answer.status_code >= 500 or taken > settings.max_query_s + GRACE_S:
            failed += 1
            print(f"{answer.status_code} after {taken:.1f} s: {query!r} {path}", flush=True)
    print(f"application: {asked:,} of {number:,} requests, {failed} failures")
    for status, count in statuses.most_common(12):
        print(f"  {count:8,}  {status}")
    slowest.show()
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path, help="folder of an index")
    parser.add_argument("--queries", type=int, default=1_000_000, help="through the parser")
    parser.add_argument("--requests", type=int, default=100_000, help="through the application")
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    settings = Settings(index_dir=given.index)
    service = open_service(settings)
    _, hits = service.walk(SearchRequest("", highlight=False))
    texts = [hit.article.title for _, hit in zip(range(3_000), hits, strict=False)]
    service.close()
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    print(f"seed {seed}", flush=True)
    generator = Generator(seed, [text for text in texts if text])
    failed = fuzz_parser(generator, given.queries, settings.max_query_s, stopped)
    failed += fuzz_application(generator, settings, given.requests, stopped)
    return 1 if failed or stopped.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())
