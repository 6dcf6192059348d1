"""Cues that a line gives by its own text. Each takes the view of a page, gives a flag a line."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from searchsvc.pages.bylines import dateline, is_byline, is_credited, is_name, is_signed
from searchsvc.pages.characters import CUES
from searchsvc.pages.issues import MASTHEAD_CHARS, is_masthead, is_newspaper_name
from searchsvc.pages.view import Flags, Values, View, before, cue

_AD, _NOTICE, _IMPRINT = (re.compile("|".join(CUES[name])) for name in ("ad", "notice", "imprint"))
_REPORT = re.compile("|".join(CUES["opening"]))
_SPACED = re.compile(r"\S(?:\s+\S){2,}$")
_NOTICE_OPENING = re.compile(CUES["notice_opening"])
_NUMBERED = re.compile(
    r"[一二三四五六七八九十]{1,2}[、.．]|[0-9]{1,2}(?:[、．]|[. ](?![0-9]))|第[一二三四五六七八九十][^十0-9]|【|[●▶◆▲★]"
)
MAX_NAME_CHARS, MAX_SIGNATURE_CHARS, MAX_NEWSPAPER_CHARS = 4, 20, 30
MAX_BYLINE_CHARS = 60
MAX_AD_CHARS = 70
MAX_NOTICE_CHARS = 160
MAX_NUMBER_CHARS = 50


@cue
def always(view: View) -> Values:
    """Holds for every line."""
    return np.ones(len(view))


@cue
def byline(view: View) -> Flags:
    """Nothing but who wrote or photographed."""
    among = (view.unit_lengths <= MAX_BYLINE_CHARS) & ~view.in_units("stop")
    found = np.zeros(len(among), np.bool_)
    for n in np.flatnonzero(among).tolist():
        found[n] = is_byline(view.units[n].text)
    of_units = found[view.unit_of]
    if not view.wrapped:
        return of_units
    short = (view.lengths <= MAX_BYLINE_CHARS) & ~view.holds("stop")
    return of_units | view.where(is_byline, short & ~of_units)


@cue
def lone_name(view: View) -> Flags:
    """Nothing but a person's name: the author of what follows."""
    return view.where(is_name, view.lengths <= MAX_NAME_CHARS)


@cue
def ends_in_name(view: View) -> Flags:
    """A short line whose last word is a person's name: 县畜牧局 高级畜牧师 栾树德."""
    short = (view.lengths <= MAX_SIGNATURE_CHARS) & view.holds("space") & ~view.holds("mark")
    return view.where(lambda text: is_name(text.split()[-1]), short)


@cue
def signed(view: View) -> Flags:
    """The line ends in a name in brackets, after a sentence."""
    return view.where(is_signed, view.ends_with("closing_bracket"))


@cue
def bracketed_byline(view: View) -> Flags:
    """A byline in brackets, as at the end of a text."""
    return byline(view) & view.begins_with("opening_bracket")


@cue
def dateline_opens(view: View) -> Flags:
    """本报聊城讯, 新华社北京7月3日电."""
    return view.where(dateline, view.holds("wire"))


@cue
def report_opens(view: View) -> Flags:
    """Words that a report begins with: 近日, 7月24日, 记者从."""
    return view.where(_REPORT.match, view.begins_unit)


@cue
def masthead(view: View) -> Values:
    """Newspaper, date, page. Rare on labelled pages and hardly ever wrong, it counts threefold, as the
    penalty on large weights would keep it too low.
    """
    named = (view.lengths <= MASTHEAD_CHARS) & (view.holds("digit") | view.holds("page"))
    return 3.0 * view.where(is_masthead, named)


@cue
def newspaper_name(view: View) -> Flags:
    """The newspaper's name alone."""
    return view.where(is_newspaper_name, (view.lengths <= MAX_NEWSPAPER_CHARS) & ~view.running)


@cue
def ad_words(view: View) -> Flags:
    """Prices, hotlines, slogans with a space between all characters."""
    return view.where(_AD.search, (view.lengths <= MAX_AD_CHARS) & ~view.holds("period"))


@cue
def notice_words(view: View) -> Flags:
    """遗失声明, 扫描二维码, 法律顾问."""
    return view.where(_NOTICE.search, (view.lengths <= MAX_NOTICE_CHARS) & view.holds("notice"))


@cue
def notice_opens(view: View) -> Flags:
    """The heading of a notice: 遗失声明, 停水通知."""
    return view.where(_NOTICE_OPENING.match, view.holds("notice"))


@cue
def imprint_words(view: View) -> Flags:
    """责任编辑, 邮发代号, 印刷."""
    short = (view.lengths <= MAX_NOTICE_CHARS) & ~view.ends_with("period")
    return view.where(_IMPRINT.search, short & view.holds("imprint"))


@cue
def sentence_ends(view: View) -> Flags:
    """The line ends as a sentence does."""
    return view.finished


@cue
def credited(view: View) -> Flags:
    """The line ends in a photographer's credit."""
    return view.where(is_credited, view.ends_with("closing_bracket"))


@cue
def after_credited(view: View) -> Flags:
    """The line before ends in a photographer's credit."""
    return before(credited(view), False)


@cue
def sentence_inside(view: View) -> Flags:
    """A whole line that holds the end of a sentence."""
    return _whole(view, view.holds("stop"))


@cue
def comma_inside(view: View) -> Flags:
    """A whole line with a comma."""
    return _whole(view, view.holds("listing"))


@cue
def unbalanced(view: View) -> Flags:
    """A whole line whose brackets or quotation marks do not close."""
    return _whole(view, np.any(view.open_pairs, axis=1))


@cue
def unpunctuated(view: View) -> Flags:
    """A whole line without any mark."""
    return _whole(view, ~view.holds("mark"))


@cue
def spaced_out(view: View) -> Flags:
    """A space after every character: 圆 您 住 房 梦."""
    return view.where(_SPACED.match, (view.lengths <= MAX_AD_CHARS) & view.holds("space"))


@cue
def ends_in_dash(view: View) -> Flags:
    """A kicker that leads to its headline."""
    return view.ends_with("leading")


@cue
def begins_with_dash(view: View) -> Flags:
    """A subtitle: ——记……."""
    return view.begins_with("dash")


@cue
def begins_with_quote(view: View) -> Flags:
    """The line begins with a quotation."""
    return view.begins_with("opening_quote")


@cue
def begins_inside_sentence(view: View) -> Flags:
    """A first character that no sentence begins with."""
    return view.begins_with("inside")


@cue
def bracketed(view: View) -> Flags:
    """The whole line stands in brackets."""
    return view.begins_with("opening_bracket") & view.ends_with("closing_bracket")


@cue
def numbered(view: View) -> Flags:
    """A short line that begins with a number or a bullet: 一、…, 01 …, 【…】."""
    return view.where(_NUMBERED.match, view.lengths <= MAX_NUMBER_CHARS)


@cue
def many_digits(view: View) -> Flags:
    """A short line with a number of six digits and more: a telephone, a price."""
    short = (view.lengths <= MAX_NUMBER_CHARS) & view.holds("digit")
    return view.where(lambda text: sum(map(str.isdigit, text)) >= 6, short)


def length_between(low: int, high: int) -> Callable[[View], Flags]:
    """A whole line of so many characters, both ends included."""

    def between(view: View) -> Flags:
        return _whole(view, (view.lengths >= low) & (view.lengths <= high))

    between.__name__ = f"length_{low}"
    return cue(between)


def _whole(view: View, found: Flags) -> Flags:
    """Where a page gives a paragraph to a line; a wrapped line says nothing by itself."""
    return np.zeros(len(view), np.bool_) if view.wrapped else found
