"""Flips bytes of index files: ``verify`` finds each, and no answer comes from one."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faults.harness import Tally
from faults.scenarios import scenarios, settings_of, sharing_analyzer
from searchsvc import verification
from searchsvc.errors import SearchsvcError
from searchsvc.generations import CURRENT, current_generation
from searchsvc.results import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

QUERIES = (
    "老街",
    "古桥 修缮",
    '"供水改造"',
    "*",
    "newspaper:临江日报",
    "date:[2020-05-01 TO 2020-05-09]",
    "桥*",
    "工期",
)


def flip_bytes(touched: int, rng: random.Random, tally: Tally, verified: int | None = None) -> None:
    """Flips bytes of an index with adds and deletes, one at a time.

    ``touched`` of them, spread over all files, are asked for by searches; so many, or ``verified``,
    are held against ``verify``.
    """
    chosen = {scenario.name: scenario for scenario in scenarios()}["add that merges"]
    deleting = {scenario.name: scenario for scenario in scenarios()}["delete"]
    with sharing_analyzer(), tempfile.TemporaryDirectory() as name:
        work = Path(name)
        chosen.prepare(work)
        deleting.run(work)
        settings = settings_of(work)
        right = list(answers(settings))
        assert not any(isinstance(answer, SearchsvcError) for answer in right), right
        folder = current_generation(settings.index_dir)
        files = [settings.index_dir / CURRENT, *verification.files_of(folder)]
        for number in range(touched):
            path = files[number % len(files)]
            content = path.read_bytes()
            place, flip = (
                rng.randrange(len(content)),
                rng.choice((1, 2, 4, 8, 16, 32, 64, 128, 255)),
            )
            altered = bytearray(content)
            altered[place] ^= flip
            path.write_bytes(altered)
            where = f"{path.name}, byte {place} of {len(content)}, ^{flip}"
            found = _differing(settings, right)
            tally.add("flipped byte touched", found and f"{where}: {found}")
            if verified is None or number < verified:
                found = None if _verify_finds(settings) else f"{where}: verify finds nothing"
                tally.add("flipped byte verified", found)
            path.write_bytes(content)


def answers(settings: Settings) -> Iterator[Any]:
    """What searches, suggestions and statistics answer; an error in the place of an answer."""
    service: SearchService | None = None
    try:
        service = SearchService(settings)
        service.refresh()
    except SearchsvcError as error:
        yield error
        return
    for query in QUERIES:
        yield _answer(service, query)
    for typed in ("老", "gu"):
        try:
            yield service.suggest(typed, 9).entries
        except SearchsvcError as error:
            yield error
    try:
        stats = service.stats()
        yield stats["articles"], stats["kinds"], stats["newspapers"], stats["rejects"]
    except SearchsvcError as error:
        yield error


def _answer(service: SearchService, query: str) -> Any:
    try:
        request = SearchRequest(query, per_page=50, facets=("kind", "newspaper"), fold="reprints")
        page = service.search(request)
        hits = [
            (
                hit.article.to_record(),
                hit.score,
                hit.highlights,
                hit.reprints and hit.reprints.count,
            )
            for hit in page.hits
        ]
    except SearchsvcError as error:
        return error
    return page.total, hits, page.facets, page.suggestion


def _differing(settings: Settings, right: list[Any]) -> str | None:
    try:
        for number, (found, wanted) in enumerate(zip(answers(settings), right, strict=False)):
            if not isinstance(found, SearchsvcError) and found != wanted:
                return f"answer {number} is another: {found!r}"[:300]
    except Exception as error:  # an error without a name is a finding, too
        return f"raised {error!r}"
    return None


def _verify_finds(settings: Settings) -> bool:
    try:
        return any(state.problems for state in verification.verify(settings))
    except SearchsvcError:
        return True
