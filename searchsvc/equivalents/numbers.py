"""Numbers and dates in a query, and how else they are written.

Takes folded text, gives places in it with the other spellings: 2018年7月, 2018-07 and 二〇一八年七月;
360度, 360° and 三百六十度; 第3次 and 第三次; 50% and 百分之五十. A number without a measure after it is
left alone, and so is one below ten but in dates and ordinals: 一 and 三 are parts of too many words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from searchsvc.equivalents.place import Place
from searchsvc.text.numerals import (
    DIGITS,
    MAX_NUMBER,
    digit_by_digit,
    numeral,
    other_numerals,
    read_digits,
    read_number,
)

_YEAR = rf"(?:1[5-9]|20)[0-9]{{2}}|[一二][{DIGITS}]{{3}}"
_MONTH = "0?[1-9]|1[0-2]|十[一二]?|[一二三四五六七八九]"
_DAY = "0?[1-9]|[12][0-9]|3[01]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_NUMERAL = "[零一二两三四五六七八九十百千万亿]"
_MEASURES = (
    "年月日号度°届次个名人位条米公里元万亿岁周世点时分秒级层楼期章版集路吨斤克亩平户家所座件项种场天"
    "倍枚辆艘架台部本篇首幅张只头匹株棵支块片套组队批类门县市省镇乡村区国站强大"
)
"""What may follow a number that is one: a measure, or the first character of one."""

_DATE = re.compile(
    rf"(?<![0-9])(?P<year>{_YEAR})年(?:(?P<month>{_MONTH})月(?:(?P<day>{_DAY})[日号])?)?"
    rf"|(?<![0-9a-z./-])(?P<year2>(?:1[5-9]|20)[0-9]{{2}})(?P<between>[-/.])(?P<month2>0?[1-9]|1[0-2])"
    rf"(?:(?P=between)(?P<day2>0?[1-9]|[12][0-9]|3[01]))?(?![0-9a-z./-])"
    rf"|(?<![0-9{DIGITS}十])(?P<month3>{_MONTH})月(?P<day3>{_DAY})[日号]"
)
_PERCENT = re.compile(rf"(?<![0-9.])(?P<digits>[0-9]{{1,12}})%|百分之(?P<numeral>{_NUMERAL}+)")
_NUMBER = re.compile(
    rf"(?P<ordinal>第)?"
    rf"(?:(?<![0-9.])(?P<digits>(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,12}})[万亿]?)|(?P<numeral>{_NUMERAL}+))"
    rf"(?P<measure>[{_MEASURES}])"
)
_SIZES = {"万": 10**4, "亿": 10**8}
_LEAST = 10
"""Smaller numbers are left alone but in dates and ordinals."""
_NOT_MEASURED = (
    "十分",
    "千万",
    "百万",
    "万万",
    "百度",
    "万家",
    "百家",
    "千家",
    "千里",
    "万里",
    "百年",
)
"""Words that only look like a numeral with its measure."""


def number_places(folded: str) -> Iterator[Place]:
    """The numbers and dates of a folded text, in order; they do not overlap."""
    position = 0
    while position < len(folded):
        found = [
            (match.start(), order, match, written)
            for order, (expression, write) in enumerate(_KINDS)
            for match, written in _first(expression, write, folded, position)
        ]
        if not found:
            return
        _, _, match, written = min(found, key=lambda one: one[:2])
        texts = tuple(dict.fromkeys(text for text in written if text != match[0]))
        if texts:
            yield Place(match.start(), match.end(), texts)
        position = match.end()


def _first(
    expression: re.Pattern[str], write: object, folded: str, position: int
) -> Iterator[tuple[re.Match[str], list[str]]]:
    for match in expression.finditer(folded, position):
        written = list(write(match))  # type: ignore[operator]
        if written:
            yield match, written
            return


def _date_texts(match: re.Match[str]) -> Iterator[str]:
    year, month, day = (
        _number(match[name] or match[name + "2"] or (match[name + "3"] if name != "year" else None))
        for name in ("year", "month", "day")
    )
    if month is None:
        yield from (f"{year}年", f"{digit_by_digit(str(year))}年")
        return
    if day is None:
        yield f"{year}年{month}月"
        yield f"{year}年{month:02}月"
        yield f"{digit_by_digit(str(year))}年{numeral(month)}月"
        yield from (f"{year}{between}{month:02}" for between in "-/.")
        yield from (f"{year}{between}{month}" for between in "-/.")
        return
    if not _is_day(year or 2000, month, day):  # a leap year allows every day
        return
    written = numeral(month), numeral(day)
    named = f"{year}年" if year else ""
    named_otherwise = f"{digit_by_digit(str(year))}年" if year else ""
    for unit in "日号":
        yield f"{named}{month}月{day}{unit}"
        yield f"{named}{month:02}月{day:02}{unit}"
        yield f"{named_otherwise}{written[0]}月{written[1]}{unit}"
    if year:
        yield from (f"{year}{between}{month:02}{between}{day:02}" for between in "-/.")
        yield from (f"{year}{between}{month}{between}{day}" for between in "-/.")


def _percent_texts(match: re.Match[str]) -> Iterator[str]:
    number = int(match["digits"]) if match["digits"] else read_number(match["numeral"])
    if number is not None and number < MAX_NUMBER:
        yield f"{number}%"
        yield from (f"百分之{written}" for written in (numeral(number), *other_numerals(number)))


def _number_texts(match: re.Match[str]) -> Iterator[str]:
    text, measure = match[0], match["measure"]
    ordinal = match["ordinal"] or ""
    if match["digits"]:
        digits = match["digits"].replace(",", "")
        number: int | None = int(digits.rstrip("万亿")) * _SIZES.get(digits[-1], 1)
    else:
        number = read_number(match["numeral"])
        if text in _NOT_MEASURED or (number in (100, 1_000, 10_000) and len(match["numeral"]) == 1):
            return
    if number is None or number >= MAX_NUMBER or (number < _LEAST and not ordinal):
        return
    if measure == "年" and len(str(number)) == 4:  # a year, which dates are for
        return
    numbers = [str(number), numeral(number), *other_numerals(number)]
    if number >= 1_000:
        numbers.append(f"{number:,}")
    numbers += [f"{number // n}{unit}" for unit, n in _SIZES.items() if number and number % n == 0]
    unit = "度" if measure == "°" else measure
    yield from (f"{ordinal}{written}{unit}" for written in numbers)
    if unit == "度":
        yield f"{number}°"


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii():
        return int(text)
    return read_digits(text) if len(text) == 4 else read_number(text)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_KINDS = ((_DATE, _date_texts), (_PERCENT, _percent_texts), (_NUMBER, _number_texts))


def at_its_edges(text: str) -> tuple[str, str]:
    """The characters that must not stand before and after a text, so that a number in it is whole.

    2010年 is not 10年, nor is 二十年 十年.
    """
    return _more_of(text[:1]), _more_of(text[-1:])


def _more_of(edge: str) -> str:
    kinds: Iterable[str] = ("0123456789", "零一二两三四五六七八九十百千万亿")
    return next((kind for kind in kinds if edge and edge in kind), "")
