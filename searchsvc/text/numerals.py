"""Chinese numerals and numbers: 三百六十 and 360.

Takes and gives text as folding leaves it (零 for 〇). Only numerals that are written as one writes
them are read: 三四 (three or four) and 五六十 are no numbers. Called by ``equivalents``.
"""

from __future__ import annotations

import re
from typing import Final

DIGITS: Final = "零一二三四五六七八九"
NUMERALS: Final = DIGITS + "两十百千万亿"
"""All characters of a numeral."""

MAX_NUMBER: Final = 10**12
"""Not itself a number that is read or written here."""

_UNITS = ((10**8, "亿"), (10**4, "万"))
_SMALL_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_TWO = re.compile("二(?=[百千万亿])")


def numeral(number: int) -> str:
    """The numeral of a number from 0 to below ``MAX_NUMBER``: 10 is 十, 2018 二千零一十八."""
    if number == 0:
        return "零"
    written = _written(number)
    return written.removeprefix("一") if written.startswith("一十") else written


def digit_by_digit(digits: str) -> str:
    """Every digit by itself, as years are written: 二零一八."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def other_numerals(number: int) -> tuple[str, ...]:
    """How else the numeral may be written: 两百, 两千."""
    written = numeral(number)
    other = _TWO.sub("两", written, count=1)
    return () if other == written else (other,)


def read_number(text: str) -> int | None:
    """The number that a numeral writes; None for what is no numeral, or written otherwise."""
    if not text or any(char not in NUMERALS for char in text):
        return None
    number = _value(text.replace("两", "二"))
    if number is None or number >= MAX_NUMBER:
        return None
    same = text in (numeral(number), _written(number), *other_numerals(number))
    return number if same else None


def read_digits(text: str) -> int | None:
    """The number of digits written one by one: 二零一八; None for anything else."""
    if not text or any(char not in DIGITS for char in text):
        return None
    return int("".join(str(DIGITS.index(char)) for char in text))


def _written(number: int) -> str:
    """The numeral with 一 before a leading 十; a gap is one 零."""
    for size, unit in _UNITS:
        high, low = divmod(number, size)
        if high:
            zero = "零" if low and low < size // 10 else ""
            return _written(high) + unit + zero + (_written(low) if low else "")
    written, gap = "", False
    for size, unit in _SMALL_UNITS:
        digit, number = divmod(number, size)
        if digit:
            written += ("零" if gap else "") + DIGITS[digit] + unit
            gap = False
        elif written:
            gap = True
    return written + ("零" if gap and number else "") + (DIGITS[number] if number else "")


def _value(text: str) -> int | None:
    for size, unit in _UNITS:
        high, found, low = text.partition(unit)
        if found:
            above = _value(high) if high else None
            below = _value(low.lstrip("零")) if low.strip("零") else 0
            if above is None or below is None or below >= size:
                return None
            return above * size + below
    total, digit = 0, 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS.index(char)
        else:
            size = next(size for size, unit in _SMALL_UNITS if unit == char)
            total += (digit or 1) * size
            digit = 0
    return total + digit
