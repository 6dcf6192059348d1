"""Where blocks begin on a page, and what each line is. Takes its lines, gives the blocks.

``view`` prepares the lines, ``evidence`` asks every cue, ``labelling`` finds the best path of states
through all lines at once; here the path is cut into blocks and each line's state becomes a piece of
its block. ``explanation`` tells why.
"""

from __future__ import annotations

from collections.abc import Sequence

from searchsvc.pages.blocks import Piece, apart_block, article_block
from searchsvc.pages.continuations import joined_groups
from searchsvc.pages.corrections import (
    Correction,
    corrected_groups,
    corrected_page,
    in_force,
)
from searchsvc.pages.evidence import Evidence, evidence
from searchsvc.pages.issues import merged_issue, page_issue
from searchsvc.pages.labelling import MODEL, state_names
from searchsvc.pages.lines import PageLines, text_lines
from searchsvc.pages.model import Block, Page
from searchsvc.pages.states import OPENING, ROLE_OF
from searchsvc.pages.units import Unit, joined_text
from searchsvc.pages.view import View, page_view


def segment_page(text: str) -> Page:
    """The blocks of a page of plain text. Any text gives a page; an empty one has no blocks."""
    return segment_lines(text_lines(text))


def segment_lines(lines: PageLines, corrections: Sequence[Correction] = ()) -> Page:
    """The blocks of a page, as people corrected them.

    Raises RecordError for a correction that names a line that the page does not have.
    """
    view = page_view(lines)
    if not len(view):
        return Page((), lines.issue)
    states = page_states(evidence(view))
    groups: list[list[int]] = []
    for n, state in enumerate(states):
        if state in OPENING:
            groups.append([])
        groups[-1].append(n)
    groups = joined_groups(view, states, groups)
    valid = in_force(corrections)
    groups = corrected_groups(view.numbers, states, groups, valid)
    blocks = [_block(view, states, group) for group in groups]
    page = Page(tuple(blocks), merged_issue(lines.issue, page_issue(view.units)))
    return corrected_page(page, valid)


def page_states(found: Evidence) -> list[str]:
    """The state of every line."""
    return state_names(MODEL.path(found))


def _block(view: View, states: list[str], group: list[int]) -> Block:
    pieces = _pieces(view, states, group)
    if ROLE_OF[states[group[0]]] in ("ad", "notice", "imprint"):
        return apart_block(pieces)
    return article_block(pieces)


def _pieces(view: View, states: list[str], group: list[int]) -> list[Piece]:
    """The lines of a block, those of one paragraph or wrapped heading together."""
    if not view.wrapped:
        return [Piece(view.units[n], states[n].upper(), ROLE_OF[states[n]]) for n in group]
    runs: list[list[int]] = []
    for n in group:
        if runs and _goes_on(view, states, runs[-1][-1], n):
            runs[-1].append(n)
        else:
            runs.append([n])
    return [
        Piece(_unit(view, run), states[run[0]].upper(), ROLE_OF[states[run[0]]]) for run in runs
    ]


def _goes_on(view: View, states: list[str], first: int, second: int) -> bool:
    """Whether a line of a wrapped page goes on with the piece of the line before it: text that was
    broken by the page's line length, or a heading, byline, ad that was.
    """
    if ROLE_OF[states[first]] != ROLE_OF[states[second]]:
        return False
    if states[second].upper() == "BC":
        return True
    filled = view.lengths[first] + 2 * view.indented[first] >= view.measure - 2
    return bool(filled) and ROLE_OF[states[second]] != "body" and not view.indented[second]


def _unit(view: View, run: list[int]) -> Unit:
    return Unit(
        joined_text(view.texts[n] for n in run),
        tuple(view.numbers[n] for n in run),
        int(view.gaps[run[0]]),
        bool(view.indented[run[0]]),
    )
