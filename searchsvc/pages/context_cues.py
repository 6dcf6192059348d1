"""Cues of what stands around a line: bylines near it, the text that it interrupts, repetitions."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from searchsvc.pages.text_cues import byline, credited, dateline_opens, report_opens, signed
from searchsvc.pages.view import Flags, Places, Values, View, after, before, cue

_CHINESE_PAIR = re.compile("[\u4e00-\u9fff]{2}")
_MARKS = re.compile(r"[^\w]|[0-9_]")
_QUOTE = re.compile("[“「『”」』]")
_CLOSING = "”」』"
MAX_HEADING_CHARS = 45
MIN_REPEATED_CHARS = 3
MIN_PARALLEL_CHARS = 4
USUAL_CHARS = 900
"""Of running text, to one byline or dateline."""


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
    finished = view.finished & (view.open_quotes <= 0)
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
def text_before_signed(view: View) -> Flags:
    """The last running text before ends in who wrote or photographed it."""
    return view.at(view.last_running, signed(view) | credited(view), False)


@cue
def after_heading(view: View) -> Flags:
    """The line before is a heading without a byline in it."""
    return before(~view.running & ~byline(view), False)


@cue
def parallel_heading(view: View) -> Flags:
    """A heading as long as one of the headings next to it, with text between: subheads are."""
    found = np.zeros(len(view), np.bool_)
    heads = np.flatnonzero(~view.running & ~byline(view) & (view.lengths >= MIN_PARALLEL_CHARS))
    if not view.wrapped:
        for step in (1, 2):
            first, second = heads[:-step], heads[step:]
            same = np.equal(view.lengths[first], view.lengths[second]) & (second - first > step)
            found[first[same]] = found[second[same]] = True
    return found


@cue
def lacks_usual_byline(view: View) -> Values:
    """How usual bylines and datelines are on the page, for a heading whose text has neither."""
    told = np.count_nonzero(byline(view) | dateline_opens(view))
    usual = told * USUAL_CHARS / max(int(view.lengths[view.running].sum()), USUAL_CHARS)
    heading = ~view.running & ~byline(view) & (view.next_running < len(view))
    return (heading & ~byline_before_text(view) & ~dateline_follows(view)) * min(usual, 1.0)


@cue
def closes_quotation(view: View) -> Flags:
    """The running text before leaves a quotation open that the text from here on closes."""
    opened = np.add.reduceat(view.open_quotes, view.unit_starts) > 0
    among = view.at(view.last_running, opened[view.unit_of], False)
    return _where_around(view, lambda _, text: _closes(text), among)


@cue
def word_goes_on(view: View) -> Flags:
    """The characters on both sides of a break make a word that the page has elsewhere."""
    page = view.text

    def goes_on(first: str, second: str) -> bool:
        pair = first[-1] + second[0]
        return bool(_CHINESE_PAIR.match(pair)) and pair in page

    return _where_around(view, goes_on, text_before_breaks_off(view))


@cue
def number_goes_on(view: View) -> Flags:
    """A number stands on both sides of a break, or is counted after it: 10 | 万元."""
    number = view.at(view.last_running, view.ends_with("digit"), False)
    counted = view.at(view.next_running, view.begins_with("counted"), False)
    return text_before_breaks_off(view) & number & counted


@cue
def repeated_by_next(view: View) -> Flags:
    """A short line that the next one begins with, marks aside."""
    if view.wrapped:
        return np.zeros(len(view), np.bool_)
    return _repeated_at(view, np.arange(len(view)) + 1)


@cue
def repeated_by_text(view: View) -> Flags:
    """A short line that the next running text begins with, marks aside, further down."""
    far = view.next_running > np.arange(len(view)) + 1
    return _repeated_at(view, view.next_running) & far


def _repeated_at(view: View, places: Places) -> Flags:
    words = view.first_words
    among = (view.lengths < MAX_HEADING_CHARS) & np.equal(words, view.at(places, words, 0))
    among &= places < len(view)
    found = np.zeros(len(view), np.bool_)
    for n in np.flatnonzero(among).tolist():
        told = _MARKS.sub("", view.texts[n])
        if len(told) >= MIN_REPEATED_CHARS:
            found[n] = _MARKS.sub("", view.texts[places[n]][:80]).startswith(told)
    return found


def _where_around(view: View, holds: Callable[[str, str], bool], among: Flags) -> Flags:
    """The lines ``among`` for whose last running text before, and first from here on, it holds."""
    found = np.zeros(len(view), np.bool_)
    both = among & (view.last_running >= 0) & (view.next_running < len(view))
    for n in np.flatnonzero(both).tolist():
        found[n] = holds(view.texts[view.last_running[n]], view.texts[view.next_running[n]])
    return found


def _closes(text: str) -> bool:
    """Whether a quotation is closed before any is opened."""
    mark = _QUOTE.search(text)
    return mark is not None and mark.group() in _CLOSING
