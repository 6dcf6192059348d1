"""Dates inside a text, resolved against the date of its issue.

Takes paragraphs and what is known of the issue's date; gives every mention with its value in EDTF
(ISO 8601-2): ``2018-07-24``, ``2018-06``, ``2018-09-28/2018-09-30``, ``../2018-06-30`` (until),
``2017-02/..`` (since). A mention that cannot be resolved (日前, 近日) is left out; nothing is
guessed. The grammar of mentions is ``date_grammar``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from searchsvc.articles import DateMention
from searchsvc.pages.date_grammar import FULL_DATE, MENTION, number
from searchsvc.pages.intervals import (
    Interval,
    day,
    decade,
    month,
    part_of_month,
    part_of_year,
    year,
)

_FUTURE = re.compile(r"将|拟|定于|预计|计划|明年|届时|截止|启动报名|起至")
_SENTENCE_END = re.compile(r"[。！？!?]")
_RELATIVE_YEAR = {"今": 0, "本": 0, "去": -1, "前": -2, "明": 1, "后": 2}
_RELATIVE_MONTH = {"本": 0, "这个": 0, "上": -1, "上个": -1, "下": 1, "下个": 1}
_RELATIVE_DAY = {"昨": -1, "前": -2, "今": 0, "明": 1, "后": 2}
_SPAN_AHEAD_DAYS = 31
"""A day without year that would lie further ahead of the issue is last year's, unless the sentence
speaks of the future.
"""


@dataclass(frozen=True, slots=True)
class Reference:
    """What dates are resolved against: the issue's date where ``exact``, else a day of which only
    the year is sure to be the issue's.
    """

    day: date
    exact: bool


@dataclass(slots=True)
class _Context:
    """What was mentioned before: 当日 and 同年 point back to it."""

    day: date | None = None
    day_sentence: tuple[int, int] = (-1, -1)
    year: int | None = None
    year_sentence: tuple[int, int] = (-1, -1)


def page_reference(
    issued: date | None, texts: Sequence[str], path_year: int | None
) -> Reference | None:
    """The issue's date, else the year of the latest full date that the page tells as past, else the
    year in its path; None where nothing tells.
    """
    if issued:
        return Reference(issued, exact=True)
    told = [
        found.first
        for text in texts
        for match in FULL_DATE.finditer(text)
        if (found := _day(int(match[1]), int(match[2]), int(match[3]))) and found.first
        if not _FUTURE.search(_sentence(text, match))
    ]
    if told:
        return Reference(max(told), exact=False)
    return Reference(date(path_year, 7, 1), exact=False) if path_year else None


def date_mentions(texts: Sequence[str], reference: Reference | None) -> tuple[DateMention, ...]:
    """The dates that paragraphs mention, in order, each with the place of its paragraph."""
    context = _Context()
    mentions = []
    for paragraph, text in enumerate(texts):
        for match in MENTION.finditer(text):
            sentence = (paragraph, len(_SENTENCE_END.findall(text, 0, match.start())))
            found = _resolved(match, text, reference, context, sentence)
            if found is None:
                continue
            _remember(context, match, found, sentence)
            value = _bounded(match, found).value
            mentions.append(DateMention(match.group().strip(), value, paragraph))
    return tuple(mentions)


def _part(match: re.Match[str], name: str) -> str:
    """A part of a month or day, whether its year is given or not; empty where it is not there."""
    return match[name] or match[f"bare_{name}"] or ""


def _resolved(
    match: re.Match[str],
    text: str,
    reference: Reference | None,
    context: _Context,
    sentence: tuple[int, int],
) -> Interval | None:
    """The interval of a mention, bounds such as 截至 aside."""
    if match["decade"]:
        return _decade(match, reference)
    if match["back"]:
        return _pointed_back(match["back"], context)
    if match["relative_day"]:
        return _relative_day(match["relative_day"], reference)
    if match["relative_month"]:
        return _relative_month(match, reference)
    if match["lone_day"]:
        return _lone_day(match, text, context, reference, sentence)
    known = _year(match, reference, context)
    if _part(match, "month") and known is None:
        if match["year"] or match["relative_year"] or match["same_year"]:
            return None
        known = _year_of_month(match, text, reference, context, sentence)
    return _of_year(match, known) if known is not None else None


def _of_year(match: re.Match[str], known: int) -> Interval | None:
    """The interval of a mention whose year is known."""
    if match["era"]:
        return year(known)
    if _part(match, "month") and _part(match, "day"):
        return _days(match, known)
    if _part(match, "month"):
        return _months(match, known)
    if match["season"]:
        return part_of_year(known, match["season"])
    if match["year2"]:
        last = number(match["year2"])
        return year(known).until(year(last)) if last > known else None
    return year(known)


def _days(match: re.Match[str], known: int) -> Interval | None:
    month_number = number(_part(match, "month"))
    first = _day(known, month_number, number(_part(match, "day")))
    if first is None or not _part(match, "day2"):
        return first
    second = number(_part(match, "month2") or str(month_number))
    last = _day(known + (second < month_number), second, number(_part(match, "day2")))
    return _span(first, last)


def _months(match: re.Match[str], known: int) -> Interval | None:
    first = number(_part(match, "month"))
    if not 1 <= first <= 12:
        return None
    if _part(match, "month3"):
        last = number(_part(match, "month3"))
        return month(known, first).until(month(known, last)) if first < last <= 12 else None
    return part_of_month(known, first, _part(match, "third"))


def _year(match: re.Match[str], reference: Reference | None, context: _Context) -> int | None:
    if match["era"]:
        return 1911 + number(match["era"])
    if match["year"]:
        return number(match["year"])
    if match["same_year"]:
        return context.year
    if match["relative_year"] and reference:
        return reference.day.year + _RELATIVE_YEAR[match["relative_year"][0]]
    return None


def _year_of_month(
    match: re.Match[str],
    text: str,
    reference: Reference | None,
    context: _Context,
    sentence: tuple[int, int],
) -> int | None:
    """The year of a month or day that is given without one."""
    if reference is None and context.year_sentence != sentence:
        return None
    if context.year is not None and (reference is None or context.year != reference.day.year):
        if context.year_sentence == sentence:
            return context.year
        if context.year_sentence[0] == sentence[0]:
            return None  # a story of another year: whose month this is, no rule can say
    if reference is None:
        return None
    month_number = number(_part(match, "month"))
    if not reference.exact or not 1 <= month_number <= 12:
        return reference.day.year
    known = reference.day.year
    first = _day(known, month_number, number(_part(match, "day") or "1"))
    if first is None or first.first is None or first.last is None:
        return known
    if _FUTURE.search(_sentence(text, match)):
        behind = (reference.day - first.last).days
        return known + 1 if behind > 365 - 4 * _SPAN_AHEAD_DAYS else known
    return known - 1 if (first.first - reference.day).days > _SPAN_AHEAD_DAYS else known


def _pointed_back(word: str, context: _Context) -> Interval | None:
    """当日, 次日: the day mentioned before, or the one after it."""
    if context.day is None:
        return None
    told = context.day + timedelta(days=1) if word[0] in "次翌" else context.day
    return Interval(told, told, "day")


def _relative_day(word: str, reference: Reference | None) -> Interval | None:
    if reference is None or not reference.exact:
        return None
    told = reference.day + timedelta(days=_RELATIVE_DAY[word[0]])
    return Interval(told, told, "day")


def _relative_month(match: re.Match[str], reference: Reference | None) -> Interval | None:
    if reference is None or not reference.exact:
        return None
    shift = _RELATIVE_MONTH[match["relative_month"]]
    index = reference.day.year * 12 + reference.day.month - 1 + shift
    known, which = index // 12, index % 12 + 1
    if not match["month_day"]:
        return part_of_month(known, which, match["month_third"] or "")
    first = _day(known, which, number(match["month_day"]))
    if first is None or not match["month_day2"]:
        return first
    last = _day(known, which, number(match["month_day2"]))
    return _span(first, last)


def _lone_day(
    match: re.Match[str],
    text: str,
    context: _Context,
    reference: Reference | None,
    sentence: tuple[int, int],
) -> Interval | None:
    """27日: of the month that the sentence names, else the last such day before an exact issue, the
    next one where the sentence speaks of the future; else of the month that was mentioned last.
    """
    which = number(match["lone_day"])
    anchor = context.day
    if reference and reference.exact and (anchor is None or context.day_sentence != sentence):
        anchor = reference.day
        if which > anchor.day and not _FUTURE.search(_sentence(text, match)):
            anchor = anchor.replace(day=1) - timedelta(days=1)
    if anchor is None:
        return None
    first = _day(anchor.year, anchor.month, which)
    if first is None or not match["lone_day2"]:
        return first
    last = _day(anchor.year, anchor.month, number(match["lone_day2"]))
    return _span(first, last)


def _decade(match: re.Match[str], reference: Reference | None) -> Interval | None:
    century = match["century"]
    if century == "上":
        if reference is None:
            return None
        first = (reference.day.year // 100 - 1) * 100
    else:
        first = (number(century) - 1) * 100
    tens = number(match["decade"])
    return decade(first + tens) if tens % 10 == 0 and tens < 100 else None


def _span(first: Interval, last: Interval | None) -> Interval | None:
    """From one day to a later one; None where the second is no later day."""
    if last is None or first.first is None or last.last is None or last.last <= first.first:
        return None
    return first.until(last)


def _day(known: int, month_number: int, day_number: int) -> Interval | None:
    try:
        return day(date(known, month_number, day_number))
    except ValueError:
        return None


def _bounded(match: re.Match[str], found: Interval) -> Interval:
    """截至X is open at its beginning, X以来 at its end; 截至 a month means its last day."""
    if match["until"]:
        return replace(found, first=None, precision="day")
    if match["since"]:
        return replace(found, last=None)
    return found


def _remember(
    context: _Context, match: re.Match[str], found: Interval, sentence: tuple[int, int]
) -> None:
    if found.precision == "day":
        context.day = found.first if found.first == found.last else None
        context.day_sentence = sentence
    if found.first and (match["year"] or match["relative_year"] or match["era"]):
        context.year, context.year_sentence = found.first.year, sentence


def _sentence(text: str, match: re.Match[str]) -> str:
    """The sentence around a mention."""
    ends = [end.end() for end in _SENTENCE_END.finditer(text)]
    first = max((end for end in ends if end <= match.start()), default=0)
    last = min((end for end in ends if end >= match.end()), default=len(text))
    return text[first:last]
