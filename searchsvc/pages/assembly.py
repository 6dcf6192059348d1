"""Blocks of a page to articles, with what the page and its path say of the issue."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import PurePosixPath

from searchsvc.articles import Article, Source
from searchsvc.pages.issues import merged_issue, path_issue
from searchsvc.pages.model import Block, Issue, Page

_TITLE_CHARS = 40


def page_articles(page: Page, name: str) -> list[Article]:
    """The articles of a page that lies at ``name``, in page order; all kinds of blocks.

    Ids are made of the name and the block's first line, so that they stay the same as long as the
    page does.
    """
    issue = merged_issue(page.issue, path_issue(name))
    stem = str(PurePosixPath(name).with_suffix("")).replace("/", "~")
    prefix = re.sub(r"[\x00-\x20\x7f/?#%\\]", "_", stem)[-150:]
    ranges = _ranges(page)
    return [
        _article(block, issue, f"{prefix}-{block.first_line}", Source(name, ranges[block.id]))
        for block in page.blocks
    ]


def _article(block: Block, issue: Issue, article_id: str, source: Source) -> Article:
    flags = []
    if block.truncated:
        flags.append("truncated")
    if not block.headline:
        flags.append("generated_title")
    return Article(
        id=article_id,
        title=block.headline or _generated_title(block),
        body=block.paragraphs,
        kind=block.kind,
        kicker=block.kicker,
        subtitle=block.subtitle,
        byline=block.byline,
        people=block.people,
        place=block.place,
        agency=block.agency,
        newspaper=issue.newspaper,
        date=issue.date,
        page=issue.page,
        section=issue.section,
        flags=tuple(flags),
        source=source,
    )


def _generated_title(block: Block) -> str:
    """The first sentence of the text, cut where it is long."""
    text = next((p.text for p in block.paragraphs), block.kicker or block.byline)
    sentence = re.split(r"(?<=[。！？])", text, maxsplit=1)[0].rstrip("。")
    return sentence if len(sentence) <= _TITLE_CHARS else sentence[:_TITLE_CHARS] + "…"


def _ranges(page: Page) -> dict[str, tuple[tuple[int, int], ...]]:
    """For each block its lines as ranges, broken where a line of another block stands."""
    standing = sorted((line, block.id) for block in page.blocks for line in block.roles)
    ranges: dict[str, tuple[tuple[int, int], ...]] = {}
    for block_id, run in groupby(standing, key=lambda item: item[1]):
        lines = [line for line, _ in run]
        ranges[block_id] = (*ranges.get(block_id, ()), (lines[0], lines[-1]))
    return ranges
