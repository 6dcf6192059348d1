"""What a segmented page is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from searchsvc.articles import Paragraph, Person

LINE_ROLES: Final = (
    "headline", "kicker", "subtitle", "byline", "subhead", "body", "duplicate", "caption",
    "ad", "notice", "imprint",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """What the page says of the issue it belongs to; empty or None where it says nothing."""

    newspaper: str = ""
    date: date | None = None
    page: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One article, photo item, ad, notice, masthead or imprint.

    ``roles`` maps its 1-based lines to one of ``LINE_ROLES``. ``paragraphs`` are joined across
    column breaks, duplicates left out. ``truncated`` says that the last one breaks off.
    """

    id: str
    kind: str
    roles: dict[int, str]
    headline: str = ""
    kicker: str = ""
    subtitle: str = ""
    byline: str = ""
    people: tuple[Person, ...] = ()
    place: str = ""
    agency: str = ""
    paragraphs: tuple[Paragraph, ...] = ()
    truncated: bool = False

    @property
    def first_line(self) -> int:
        """The block's first line on the page."""
        return min(self.roles)


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of a page in the order of their first lines; every non-blank line is in one."""

    blocks: tuple[Block, ...]
    issue: Issue


def line_labels(page: Page) -> dict[str, list[str]]:
    """``{"<line>": [block id, role]}`` for every non-blank line; a subtitle counts as headline."""
    labels = {
        line: [block.id, "headline" if role == "subtitle" else role]
        for block in page.blocks
        for line, role in block.roles.items()
    }
    return {str(line): labels[line] for line in sorted(labels)}
