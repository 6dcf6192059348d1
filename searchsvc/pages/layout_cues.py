"""Cues of how lines stand on the page: gaps, indents, filled lines, its beginning and end."""

from __future__ import annotations

import numpy as np

from searchsvc.pages.text_cues import byline
from searchsvc.pages.view import Flags, Places, View, after, before, cue

MAX_HEADING_LINES = 5


@cue
def no_gap_before(view: View) -> Flags:
    """The line stands right below the one before."""
    return np.equal(view.gaps, 0)


@cue
def gap_before(view: View) -> Flags:
    """A wider gap before the line than the page's lines mostly have."""
    return view.gaps > view.usual_gap


@cue
def wide_gap_before(view: View) -> Flags:
    """A gap before the line wider than usual and than one blank line."""
    return view.gaps > max(view.usual_gap, 1.0)


@cue
def no_gap_after(view: View) -> Flags:
    """The next line stands right below."""
    return np.equal(after(view.gaps, 3), 0)


@cue
def wide_gap_after(view: View) -> Flags:
    """A gap after the line wider than usual and than one blank line."""
    return after(view.gaps, 3) > max(view.usual_gap, 1.0)


@cue
def first_on_page(view: View) -> Flags:
    """Nothing stands before."""
    return np.equal(np.arange(len(view)), 0)


@cue
def after_all_text(view: View) -> Flags:
    """No running text and no byline comes after."""
    told = np.flatnonzero(view.running | byline(view))
    return np.greater(np.arange(len(view)), told[-1] if len(told) else -1)


@cue
def indented(view: View) -> Flags:
    """White space at the beginning, on a page that indents its paragraphs."""
    return view.indented & view.indents_paragraphs


@cue
def flush(view: View) -> Flags:
    """No white space at the beginning, on a wrapped page that indents its paragraphs."""
    return ~view.indented & view.indents_paragraphs & view.wrapped


@cue
def after_full_line(view: View) -> Flags:
    """The line before is filled (wrapped pages)."""
    return _widths_before(view) >= view.measure - 1 if view.wrapped else _none(view)


@cue
def after_short_line(view: View) -> Flags:
    """The line before is not filled (wrapped pages)."""
    return _widths_before(view) < view.measure - 2 if view.wrapped else _none(view)


@cue
def short_line(view: View) -> Flags:
    """The line is not filled (wrapped pages)."""
    return view.lengths < view.measure - 2 if view.wrapped else _none(view)


@cue
def runs_on(view: View) -> Flags:
    """A flush line after a filled one (wrapped pages)."""
    return after_full_line(view) & ~view.indented


@cue
def runs_on_after_sentence(view: View) -> Flags:
    """A flush line after a filled one that ends a sentence (wrapped pages)."""
    return runs_on(view) & before(view.finished, True)


@cue
def flush_heading(view: View) -> Flags:
    """The first of few flush lines between a sentence's end and an indented line, without any mark
    of a sentence: a heading of a wrapped page.
    """
    return np.equal(_flush_headings(view), 1)


@cue
def in_flush_heading(view: View) -> Flags:
    """A further line of such a heading."""
    return np.equal(_flush_headings(view), 2)


@cue
def _flush_headings(view: View) -> Places:
    """1 for the first line of a flush heading, 2 for its others, 0 for the rest."""
    found = np.zeros(len(view), np.int64)
    if not (view.wrapped and view.indents_paragraphs):
        return found
    openings = np.flatnonzero(~view.indented & before(view.finished, True))
    indents = np.append(np.flatnonzero(view.indented), len(view))
    ends = indents[np.searchsorted(indents, openings)]
    told = view.holds("stop")
    for first, end in zip(openings.tolist(), ends.tolist(), strict=True):
        if (
            end < len(view)
            and end - first <= MAX_HEADING_LINES
            and not view.finished[end - 1]
            and not told[first:end].any()
            and not found[first]
        ):
            found[first] = 1
            found[first + 1 : end] = 2
    return found


def _widths_before(view: View) -> Places:
    return before(view.lengths + 2 * view.indented, view.measure)


def _none(view: View) -> Flags:
    return np.zeros(len(view), np.bool_)
