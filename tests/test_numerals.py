"""Numerals: what is written is read, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.numerals import (
    MAX_NUMBER,
    NUMERALS,
    digit_by_digit,
    numeral,
    other_numerals,
    read_digits,
    read_number,
)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (18, "十八"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (360, "三百六十"),
        (2018, "二千零一十八"),
        (10_000, "一万"),
        (10_010, "一万零一十"),
        (123_456, "十二万三千四百五十六"),
        (100_200_300, "一亿零二十万零三百"),
        (15 * 10**8, "十五亿"),
    ],
)
def test_a_number_is_written(number, written):
    assert numeral(number) == written
    assert read_number(written) == number


@given(st.integers(0, MAX_NUMBER - 1))
def test_every_way_to_write_a_number_is_read(number):
    for written in (numeral(number), *other_numerals(number)):
        assert read_number(written) == number
    assert read_digits(digit_by_digit(str(number))) == number


@pytest.mark.parametrize(
    "text", ["", "三四", "五六十", "四五个", "万一", "零零", "百万千", "十十", "一零", "廿", "12"]
)
def test_what_is_no_numeral_is_not_read(text):
    assert read_number(text) is None


@given(st.text(NUMERALS, max_size=8))
def test_any_text_is_read_as_it_would_be_written_or_not_at_all(text):
    number = read_number(text)
    if number is not None:
        assert numeral(number).lstrip("一") == text.replace("两", "二").lstrip("一")
