"""Cues that a line gives by its own text. Each takes the view of a page, gives a flag a line."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from searchsvc.pages.bylines import CUES, dateline, is_byline, is_credited
from searchsvc.pages.issues import is_masthead
from searchsvc.pages.units import is_balanced
from searchsvc.pages.view import Flags, Values, View, cue

_AD, _NOTICE, _IMPRINT = (re.compile("|".join(CUES[name])) for name in ("ad", "notice", "imprint"))
_OPENING = re.compile("|".join(CUES["opening"]))
_SENTENCE_MARK = re.compile("[。；！]")
_ANY_MARK = re.compile("[，。；：、！？]")
_SPACED = re.compile(r"\S(?:\s+\S){2,}$")
MAX_BYLINE_CHARS = 60
MAX_AD_CHARS = 70
MAX_NOTICE_CHARS = 160
MAX_MASTHEAD_CHARS = 80


@cue
def always(view: View) -> Values:
    """Holds for every line."""
    return np.ones(len(view))


@cue
def byline(view: View) -> Flags:
    """Nothing but who wrote or photographed."""
    return view.of_units([is_byline(unit.text) for unit in view.units]) | view.where_short(
        is_byline, MAX_BYLINE_CHARS
    )


@cue
def bracketed_byline(view: View) -> Flags:
    """A byline in brackets, as at the end of a text."""
    return byline(view) & view.where(lambda text: text[:1] in "（(")


@cue
def dateline_opens(view: View) -> Flags:
    """本报聊城讯, 新华社北京7月3日电."""
    return view.where(dateline)


@cue
def report_opens(view: View) -> Flags:
    """Words that a report begins with: 近日, 7月24日, 记者从."""
    return view.where(_OPENING.match) & view.begins_unit


@cue
def masthead(view: View) -> Values:
    """Newspaper, date, page. Rare on labelled pages and hardly ever wrong, it counts threefold, as the
    penalty on large weights would keep it too low.
    """
    return 3.0 * view.where_short(is_masthead, MAX_MASTHEAD_CHARS)


@cue
def ad_words(view: View) -> Flags:
    """Prices, hotlines, slogans with a space between all characters."""
    return view.where_short(lambda text: "。" not in text and _AD.search(text), MAX_AD_CHARS)


@cue
def notice_words(view: View) -> Flags:
    """遗失声明, 扫描二维码, 法律顾问."""
    return view.where_short(_NOTICE.search, MAX_NOTICE_CHARS)


@cue
def imprint_words(view: View) -> Flags:
    """责任编辑, 邮发代号, 印刷."""
    return view.where_short(
        lambda text: text[-1] != "。" and _IMPRINT.search(text), MAX_NOTICE_CHARS
    )


@cue
def sentence_ends(view: View) -> Flags:
    """The line ends as a sentence does."""
    return view.finished


@cue
def credited(view: View) -> Flags:
    """The line ends in a photographer's credit."""
    return view.where(is_credited)


@cue
def after_credited(view: View) -> Flags:
    """The line before ends in a photographer's credit."""
    return np.concatenate([[False], credited(view)[:-1]])


@cue
def sentence_inside(view: View) -> Flags:
    """A whole line that holds the end of a sentence."""
    return _whole(view, _SENTENCE_MARK.search)


@cue
def comma_inside(view: View) -> Flags:
    """A whole line with a comma."""
    return _whole(view, lambda text: "，" in text or "、" in text)


@cue
def unbalanced(view: View) -> Flags:
    """A whole line whose brackets or quotation marks do not close."""
    return _whole(view, lambda text: not is_balanced(text))


@cue
def unpunctuated(view: View) -> Flags:
    """A whole line without any mark."""
    return _whole(view, lambda text: not _ANY_MARK.search(text[:100]))


@cue
def spaced_out(view: View) -> Flags:
    """A space after every character: 圆 您 住 房 梦."""
    return view.where_short(_SPACED.match, MAX_AD_CHARS)


@cue
def ends_in_dash(view: View) -> Flags:
    """A kicker that leads to its headline."""
    return view.where(lambda text: text[-1] in "—：:")


@cue
def begins_with_dash(view: View) -> Flags:
    """A subtitle: ——记……."""
    return view.where(lambda text: text[0] in "—－-")


@cue
def begins_with_quote(view: View) -> Flags:
    """The line begins with a quotation."""
    return view.where(lambda text: text[0] in "“「『")


@cue
def begins_inside_sentence(view: View) -> Flags:
    """A first character that no sentence begins with."""
    return view.where(lambda text: text[0] in "的了和与及，、。；：）”」》等们着%")


@cue
def bracketed(view: View) -> Flags:
    """The whole line stands in brackets."""
    return view.where(lambda text: text[0] in "（(" and text[-1] in "）)")


@cue
def many_digits(view: View) -> Flags:
    """A short line with a number of six digits and more: a telephone, a price."""
    return view.where_short(lambda text: sum(map(str.isdigit, text)) >= 6, 50)


def length_between(low: int, high: int) -> Callable[[View], Flags]:
    """A whole line of so many characters, both ends included."""

    def between(view: View) -> Flags:
        return (view.lengths >= low) & (view.lengths <= high) & (not view.wrapped)

    between.__name__ = f"length_{low}"
    return cue(between)


def _whole(view: View, holds: Callable[[str], object]) -> Flags:
    """Where a page gives a paragraph to a line; a wrapped line says nothing by itself."""
    return np.zeros(len(view), np.bool_) if view.wrapped else view.where(holds)
