"""Cues of what stands around a line: bylines near it, the text that it interrupts, repetitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from searchsvc.pages.text_cues import byline, dateline_opens, report_opens
from searchsvc.pages.units import open_quotes
from searchsvc.pages.view import Flags, Places, View, after, before, cue

_CHINESE_PAIR = re.compile("[\u4e00-\u9fff]{2}")
_MARKS = re.compile(r"[^\w]|[0-9_]")
_OPENING, _CLOSING = "“「『", "”」』"
_COUNTED = "0123456789年月日万亿个名人元岁.%多余"
MAX_HEADING_CHARS = 45
MIN_REPEATED_CHARS = 3


@cue
def after_byline(view: View) -> Flags:
    """The line before is a byline."""
    return before(byline(view), False)


@cue
def before_byline(view: View) -> Flags:
    """The next line is a byline."""
    return after(byline(view), False)


@cue
def byline_before_text(view: View) -> Flags:
    """A byline stands between this heading and the next running text."""
    is_byline = byline(view)
    later = np.cumsum(is_byline)
    last = np.minimum(view.next_running, len(view) - 1)
    return ~is_byline & ~view.running & (later[last] > later)


@cue
def running_text(view: View) -> Flags:
    """The line reads as running text."""
    return view.running


@cue
def after_running_text(view: View) -> Flags:
    """The line before reads as running text."""
    return before(view.running, False)


@cue
def before_running_text(view: View) -> Flags:
    """The next line reads as running text."""
    return after(view.running, False)


@cue
def after_sentence(view: View) -> Flags:
    """The line before ends as a sentence does."""
    return before(view.finished, True)


@cue
def text_before_finished(view: View) -> Flags:
    """The last running text before is finished."""
    finished = view.finished & view.where(lambda text: open_quotes(text) <= 0)
    return view.at(view.last_running, finished, False)


@cue
def text_before_breaks_off(view: View) -> Flags:
    """The last running text before breaks off inside a sentence."""
    return (view.last_running >= 0) & ~text_before_finished(view)


@cue
def no_text_before(view: View) -> Flags:
    """No running text before."""
    return view.last_running < 0


@cue
def dateline_follows(view: View) -> Flags:
    """A heading whose text begins with a dateline."""
    return ~view.running & view.at(view.next_running, dateline_opens(view), False)


@cue
def report_follows(view: View) -> Flags:
    """A heading whose text begins as a report does."""
    return ~view.running & view.at(view.next_running, report_opens(view), False)


@cue
def closes_quotation(view: View) -> Flags:
    """The running text before leaves a quotation open that the text from here on closes."""
    opened = view.of_units([open_quotes(unit.text) > 0 for unit in view.units])

    def closes(first: int, second: int) -> bool:
        if not opened[first]:
            return False
        after_text = view.texts[second]
        closing = min((p for mark in _CLOSING if (p := after_text.find(mark)) >= 0), default=-1)
        opening = min(
            (p for mark in _OPENING if (p := after_text.find(mark)) >= 0), default=len(after_text)
        )
        return 0 <= closing < opening

    return _where_around(view, closes)


@cue
def word_goes_on(view: View) -> Flags:
    """The characters on both sides of a break make a word that the page has elsewhere."""
    page = view.text

    def goes_on(first: int, second: int) -> bool:
        pair = view.texts[first][-1] + view.texts[second][0]
        return bool(_CHINESE_PAIR.match(pair)) and pair in page

    return _where_around(view, goes_on) & text_before_breaks_off(view)


@cue
def number_goes_on(view: View) -> Flags:
    """A number stands on both sides of a break, or is counted after it: 10 | 万元."""
    return text_before_breaks_off(view) & _where_around(
        view,
        lambda first, second: view.texts[first][-1].isdigit() and view.texts[second][0] in _COUNTED,
    )


@cue
def repeated_by_next(view: View) -> Flags:
    """A short line that the next one begins with, marks aside."""
    return _repeated_at(view, np.arange(len(view)) + 1) & (not view.wrapped)


@cue
def repeated_by_text(view: View) -> Flags:
    """A short line that the next running text begins with, marks aside, further down."""
    far = view.next_running > np.arange(len(view)) + 1
    return _repeated_at(view, view.next_running) & far


def _repeated_at(view: View, places: Places) -> Flags:
    found = np.zeros(len(view), np.bool_)
    short = (view.lengths < MAX_HEADING_CHARS) & (places < len(view))
    for n in np.flatnonzero(short).tolist():
        told = _MARKS.sub("", view.texts[n])
        if len(told) >= MIN_REPEATED_CHARS:
            found[n] = _MARKS.sub("", view.texts[places[n]][:80]).startswith(told)
    return found


def _where_around(view: View, holds: object) -> Flags:
    """The lines for whose text before and from here on ``holds(first, second)``."""
    found = np.zeros(len(view), np.bool_)
    for n, first, second in _around(view):
        found[n] = holds(first, second)  # type: ignore[operator]
    return found


def _around(view: View) -> Iterator[tuple[int, int, int]]:
    """(line, last running text before it, first from it on) of every line that has both."""
    both = (view.last_running >= 0) & (view.next_running < len(view))
    for n in np.flatnonzero(both).tolist():
        yield n, int(view.last_running[n]), int(view.next_running[n])
