"""Where blocks begin on a page. Takes its text, gives the blocks with a role for every line.

Running text is cut by runs of headings and bylines between two bodies. Each run either opens an
article or stands inside one (a subhead, or a headline that the layout displaced into a sentence);
the cues are bylines, datelines, whether the sentence before is finished, the balance of quotation
marks, and lexical cohesion. Cohesion alone opens an article where nothing else marks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from searchsvc.pages.blocks import apart_block, article_block
from searchsvc.pages.bylines import dateline
from searchsvc.pages.classes import APART, classify
from searchsvc.pages.cohesion import Cohesion
from searchsvc.pages.issues import is_masthead, merged_issue, page_issue
from searchsvc.pages.lines import PageLines, text_lines
from searchsvc.pages.model import Page
from searchsvc.pages.units import Unit, open_quotes, page_units

# Least shares for text to go on with the article before it, read off the labelled development pages
# (quartiles of both classes lie well apart; 1,500 gaps).
SAME_TOPIC_AFTER_HEADING = 0.14
SAME_TOPIC_AFTER_WRAPPED_HEADING = 0.34  # there 66 of 72 headings open an article
SAME_TOPIC_AFTER_TEXT = 0.13
WINDOW = 3
MEMORY = 20
"""How many of an article's last paragraphs speak for its topic."""


@dataclass(slots=True)
class Draft:
    """An article in the making: its units in page order; ``head`` are those that open it."""

    units: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    displaced: list[int] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)


def segment_page(text: str) -> Page:
    """The blocks of a page of plain text. Any text gives a page; an empty one has no blocks."""
    return segment_lines(text_lines(text))


def segment_lines(lines: PageLines) -> Page:
    """The blocks of a page."""
    units = page_units(lines, is_masthead)
    classes = classify(units)
    blocks = [article_block(units, classes, draft) for draft in _Cutter(units, classes).drafts()]
    blocks += [apart_block(units, classes, group) for group in _apart_groups(units, classes)]
    blocks.sort(key=lambda block: block.first_line)
    return Page(tuple(blocks), merged_issue(lines.issue, page_issue(units)))


def _apart_groups(units: Sequence[Unit], classes: Sequence[str]) -> Iterator[list[int]]:
    """Neighbouring ad lines without a blank line between them are one ad; all else stands alone."""
    group: list[int] = []
    for n, name in enumerate(classes):
        goes_on = (
            group and name == "ad" == classes[n - 1] and group[-1] == n - 1 and not units[n].gap
        )
        if group and not goes_on:
            yield group
            group = []
        if name in APART:
            group.append(n)
    if group:
        yield group


class _Cutter:
    """Walks the running text of a page and decides for each run of headings."""

    def __init__(self, units: Sequence[Unit], classes: Sequence[str]) -> None:
        self._units = units
        self._classes = classes
        self._content = [n for n, name in enumerate(classes) if name not in APART]
        self._cohesion = Cohesion([unit.text for unit in units])

    def drafts(self) -> list[Draft]:
        """The articles, in page order."""
        drafts: list[Draft] = []
        place = 0
        while place < len(self._content):
            run = self._run(place)
            place += len(run)
            if place >= len(self._content):
                following: list[int] = []
            else:
                following = self._bodies(place)
            if not drafts or self._opens(drafts[-1], run, following):
                drafts.append(Draft(units=list(run), head=list(run)))
            else:
                if run and self._is_displaced(drafts[-1], run, following):
                    drafts[-1].displaced += run
                drafts[-1].units += run
            if following:
                drafts[-1].units.append(following[0])
                drafts[-1].bodies.append(following[0])
                place += 1
        return drafts

    def _run(self, place: int) -> list[int]:
        """The headings and bylines from ``place`` up to the next body."""
        run = []
        for n in self._content[place:]:
            if self._classes[n] == "body":
                break
            run.append(n)
        return run

    def _bodies(self, place: int) -> list[int]:
        """The body at ``place`` and those that follow, up to a byline."""
        bodies: list[int] = []
        for n in self._content[place : place + 3 * WINDOW]:
            if self._classes[n] == "byline" or len(bodies) == WINDOW:
                break
            if self._classes[n] == "body":
                if bodies and dateline(self._units[n].text):
                    break
                bodies.append(n)
        return bodies

    def _opens(self, draft: Draft, run: list[int], following: list[int]) -> bool:
        """Whether a run of headings (perhaps none) and the text after it open an article."""
        if not draft.bodies:
            return False
        bylines = [n for n in run if self._classes[n] == "byline"]
        if not following:
            return bool(run) and bool(bylines) and len(run) > len(bylines)
        if self._closes_quotation(draft, following):
            return False
        if bylines:
            return not self._is_closing_byline(run, bylines)
        if dateline(self._units[following[0]].text):
            return True
        share = self._cohesion.share(following, draft.bodies[-MEMORY:])
        if not run:
            return share < SAME_TOPIC_AFTER_TEXT and self._turns(draft, following)
        wrapped = any(len(self._units[n].lines) > 1 for n in (*run, *following))
        return share < (SAME_TOPIC_AFTER_WRAPPED_HEADING if wrapped else SAME_TOPIC_AFTER_HEADING)

    def _turns(self, draft: Draft, following: list[int]) -> bool:
        """Whether a paragraph after a finished one is nearer to what follows than to what was."""
        if not self._units[draft.bodies[-1]].is_finished or len(following) < 2:
            return False
        first, rest = following[:1], following[1:]
        return self._cohesion.share(first, rest) > self._cohesion.share(
            first, draft.bodies[-MEMORY:]
        )

    def _is_displaced(self, draft: Draft, run: list[int], following: list[int]) -> bool:
        """Whether a run inside an article stands in the middle of a sentence."""
        return bool(following and draft.bodies) and not self._units[draft.bodies[-1]].is_finished

    def _closes_quotation(self, draft: Draft, following: list[int]) -> bool:
        """Whether the text before leaves a quotation open that the text after closes."""
        before, after = self._units[draft.bodies[-1]].text, self._units[following[0]].text
        closing = min((p for mark in "”」』" if (p := after.find(mark)) >= 0), default=-1)
        opening = min((p for mark in "“「『" if (p := after.find(mark)) >= 0), default=len(after))
        return open_quotes(before) > 0 and 0 <= closing < opening

    def _is_closing_byline(self, run: list[int], bylines: list[int]) -> bool:
        """（记者 某某） alone after the text is that text's own byline."""
        return run == bylines and all(self._units[n].text.lstrip()[:1] in "（(" for n in bylines)
