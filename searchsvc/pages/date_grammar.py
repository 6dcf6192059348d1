"""How Chinese newspapers write dates, as one expression with named parts. Read by ``dates``."""

from __future__ import annotations

import re

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}

_YEAR = r"(?:1[5-9]|20)[0-9]{2}|[一二][〇○零一二三四五六七八九]{3}"
_MONTH = r"1[0-2]|0?[1-9]"
_DAY = r"3[01]|[12][0-9]|0?[1-9]"
_CHINESE_MONTH = r"十[一二]?|[一二三四五六七八九]"
_CHINESE_DAY = r"[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_TO = r"\s?(?:至|到|[-—－～~]{1,2})\s?"
_THIRD = "上旬|中旬|下旬|初|底|末"
_SEASON = "上半年|下半年|前三季度|第?[一二三四]季度|[初底末](?!次)"

MENTION = re.compile(
    rf"""
    (?=[0-9截上二十当同次翌昨前明后今本这下去民一])
    (?P<until>截至|截止到?)?\s?
    (?:
      (?P<century>上|20|19|二十|十九)世纪(?P<decade>[1-9]0|[一二三四五六七八九]十)年代
    | (?P<back>当[日天晚]|同日|[次翌]日)(?!往返|办结|返回|完成|达)
    | (?P<relative_day>昨[日天晚夜]|前天|明[日天]|后天|今[日天](?=[上下]午|凌晨|中午|早|晚|起))
    | (?P<relative_month>本|这个|上个?|下个?)月(?![球亮饼台票经季])
      (?: (?P<month_day>{_DAY})(?:日?{_TO}(?P<month_day2>{_DAY}))?[日号]
        | (?P<month_third>{_THIRD}) )?
    | (?: (?<![0-9.距近约达有今])(?P<year>{_YEAR})(?:\s?年?{_TO}(?P<year2>{_YEAR}))?\s?年(?!多|来的?历|历史|前)
        | (?P<relative_year>[今去前明后]年)
        | (?P<same_year>同年)
        | 民国(?P<era>{_CHINESE_DAY}|[1-9][0-9]?)年 )
      \s?(?: (?P<season>{_SEASON})
           | (?P<month>{_MONTH}|{_CHINESE_MONTH})
             (?: {_TO}(?P<month3>{_MONTH})\s?月
               | \s?月份?(?: \s?(?P<day>{_DAY}|{_CHINESE_DAY})
                           (?:[日号]?{_TO}(?:(?P<month2>{_MONTH})月)?(?P<day2>{_DAY}))?[日号]
                         | (?P<third>{_THIRD}) )? ) )?
    | (?<![0-9.每第])(?P<bare_month>{_MONTH})
      (?: {_TO}(?P<bare_month3>{_MONTH})\s?月份?
        | \s?月份?(?![龄大球])(?: \s?(?P<bare_day>{_DAY})
                    (?:[日号]?{_TO}(?:(?P<bare_month2>{_MONTH})月)?(?P<bare_day2>{_DAY}))?[日号]
                  | (?P<bare_third>{_THIRD}) )? )
    | (?<![0-9.月每第-])(?P<lone_day>{_DAY})(?:日?{_TO}(?P<lone_day2>{_DAY}))?日(?![内后前均游龄报元间])
    )
    (?P<since>以来|以來|至今|起(?=[，,。、至]|$))?
    """,
    re.VERBOSE,
)
"""Every mention; whether it means a day on a calendar is for ``dates`` to say."""

FULL_DATE = re.compile(
    r"((?:19|20)[0-9]{2})(?<![0-9]{5})\s?年\s?([0-9]{1,2})\s?月\s?([0-9]{1,2})\s?日"
)
"""A day with its year, in Arabic numerals."""


def number(text: str) -> int:
    """The number of Arabic or Chinese numerals: 24, 二十四, 二〇一八."""
    if text.isascii():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[c]) for c in text))
