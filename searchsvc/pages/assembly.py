"""Blocks of a page to articles, with what the page and its path say of the issue."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import PurePosixPath

from searchsvc.articles import READING_KINDS, Article, Source
from searchsvc.pages.citations import cited_standards, cited_titles
from searchsvc.pages.dates import Reference, date_mentions, page_reference
from searchsvc.pages.issues import merged_issue, path_issue
from searchsvc.pages.lines import PageLines, fractions
from searchsvc.pages.model import Block, Issue, Page

_TITLE_CHARS = 40
_YEAR_IN_PATH = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


def page_articles(page: Page, name: str, lines: PageLines | None = None) -> list[Article]:
    """The articles of a page that lies at ``name``, in page order; all kinds of blocks.

    ``lines`` are those the page was segmented from; with them articles tell where on the page they
    stand. Ids are made of the name and the block's first line, so that they stay the same as long
    as the page does.
    """
    issue = merged_issue(page.issue, path_issue(name))
    reference = _reference(page, issue, name)
    stem = str(PurePosixPath(name).with_suffix("")).replace("/", "~")
    prefix = re.sub(r"[\x00-\x20\x7f/?#%\\]", "_", stem)[-150:]
    ranges = _ranges(page)
    return [
        _article(
            block,
            issue,
            reference,
            f"{prefix}-{block.first_line}",
            _source(block, name, ranges[block.id], lines),
        )
        for block in page.blocks
    ]


def _source(
    block: Block, name: str, ranges: tuple[tuple[int, int], ...], lines: PageLines | None
) -> Source:
    if lines is None:
        return Source(name, ranges)
    boxes = fractions(lines, sorted(block.roles))
    return Source(
        name,
        ranges,
        len(lines.lines),
        tuple((box.left, box.top, box.right, box.bottom) for box in boxes),
    )


def _reference(page: Page, issue: Issue, name: str) -> Reference | None:
    texts = [p.text for block in page.blocks for p in block.paragraphs]
    year = _YEAR_IN_PATH.search(name)
    return page_reference(issue.date, texts, int(year.group()) if year else None)


def _article(
    block: Block, issue: Issue, reference: Reference | None, article_id: str, source: Source
) -> Article:
    texts = [paragraph.text for paragraph in block.paragraphs]
    headed = [block.kicker, block.headline, block.subtitle, *texts]
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
        dates=date_mentions(texts, reference) if block.kind in READING_KINDS else (),
        documents=cited_titles(headed),
        standards=cited_standards(headed),
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
