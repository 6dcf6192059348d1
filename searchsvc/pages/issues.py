"""The issue that a page belongs to: newspaper, date, page and section.

Read from masthead lines, then from the newspaper's own notices, then from the file's path; a date
is never guessed from what articles tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from searchsvc.pages.model import Issue
from searchsvc.pages.units import Unit

_DATE = re.compile(
    r"(?P<y>(?:19|20)[0-9]{2})\s*[年./-]\s*(?P<m>[0-9]{1,2})\s*[月./-]\s*(?P<d>[0-9]{1,2})\s*日?"
)
_COMPACT_DATE = re.compile(
    r"(?<![0-9])(?P<y>(?:19|20)[0-9]{2})(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?![0-9])"
)
_PAGE = re.compile(
    r"第\s*(?P<number>[A-Z]?[0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*版|(?<![0-9A-Za-z])(?P<code>[A-Z][0-9]{1,3})(?![0-9A-Za-z])|(?<![0-9])(?P<short>[0-9]{1,2})\s*版"
)
_NEWSPAPER = re.compile(
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff·]{1,10}(?:日报|晚报|时报|晨报|早报|周报|县报|新报|商报|都市报|导报|快报|报|新闻|时讯|通讯|周刊)(?![\u4e00-\u9fff])"
)
_QUOTED_NEWSPAPER = re.compile(
    r"《(?P<name>[\u4e00-\u9fff·]{2,12}(?:报|新闻))》(?:法律顾问|编辑部|社)"
)
_WEEKDAY = re.compile(r"(?:星期|周)[一二三四五六日天]")
_LUNAR = re.compile(r"农历\S*")
_NOISE = re.compile(r"责任编辑|责编|电话|主编|校对|今日\s*[0-9]+\s*版|总第\S*期|新闻热线")
_COUNTED = re.compile("[0-9版]")
_SENTENCE = re.compile("[。，；！？]")
MASTHEAD_CHARS = 80
_HEAD_UNITS = 3
"""Where a newspaper's name stands alone, it is that of the page only at its head."""


def is_masthead(text: str) -> bool:
    """Whether a line names the issue: a full date beside a page, weekday or newspaper, or a page
    beside a newspaper, and nothing that reads as a sentence.
    """
    if len(text) > MASTHEAD_CHARS or not _COUNTED.search(text) or _SENTENCE.search(text):
        return False
    dated, paged = _DATE.search(text), _PAGE.search(text)
    named = _NEWSPAPER.search(text)
    if dated:
        return bool(paged or _WEEKDAY.search(text) or named)
    return bool(paged and (named or _WEEKDAY.search(text) or _is_bare_page(text, paged)))


def is_newspaper_name(text: str) -> bool:
    """Whether a line is a newspaper's name and nothing else, its name in Latin letters aside."""
    named = _NEWSPAPER.match(text)
    return bool(named) and not re.search(r"[^A-Za-z\s]", text[named.end() :])  # type: ignore[union-attr]


def _is_bare_page(text: str, paged: re.Match[str]) -> bool:
    """Whether a line holds a page, set off by space, and at most a section."""
    around = text[paged.start() - 1 : paged.start()] + text[paged.end() : paged.end() + 1]
    rest = text[: paged.start()] + text[paged.end() :]
    return "版" in paged.group() and not around.strip() and len(re.sub(r"\s", "", rest)) <= 6


def page_issue(units: Sequence[Unit]) -> Issue:
    """What the page itself says."""
    issue = Issue()
    for unit in units[:_HEAD_UNITS]:
        if is_newspaper_name(unit.text):
            issue = _filled(issue, Issue(unit.text))
    for unit in units:
        if is_masthead(unit.text):
            issue = _filled(issue, masthead_issue(unit.text))
        elif not issue.newspaper and (quoted := _QUOTED_NEWSPAPER.search(unit.text)):
            issue = replace(issue, newspaper=quoted["name"])
    return issue


def masthead_issue(text: str) -> Issue:
    """What one masthead line says; the section is what remains."""
    dated, paged = _DATE.search(text), _PAGE.search(text)
    day = _day(dated)
    rest = _WEEKDAY.sub(" ", _LUNAR.sub(" ", _DATE.sub(" ", text)))
    named = _NEWSPAPER.search(rest)
    newspaper = named.group() if named else ""
    page = ""
    if paged:
        page = paged["number"] or paged["code"] or paged["short"]
        rest = _PAGE.sub(" ", rest)
    rest = rest.replace(newspaper, " ") if newspaper else rest
    words = [
        w for w in re.split(r"[\s|｜/·—:：\-]+", rest) if re.fullmatch(r"[\u4e00-\u9fff]{2,6}", w)
    ]
    section = next((w for w in words if not _NOISE.search(w)), "")
    return Issue(newspaper, day, page, section.removesuffix("版") if len(section) > 2 else section)


def path_issue(name: str) -> Issue:
    """What a path such as ``澜江日报/2018-07-31/A03.txt`` or ``临江日报_20180731_03.txt`` says."""
    path = PurePosixPath(name)
    issue = Issue()
    for part in (*path.parts[:-1], path.stem):
        found = _DATE.search(part) or _COMPACT_DATE.search(part)
        rest = part.replace(found.group(), " ") if found else part
        newspaper = _NEWSPAPER.search(rest)
        page = re.search(r"(?<![0-9A-Za-z])[A-Z]?[0-9]{1,3}(?![0-9A-Za-z])", rest)
        issue = _filled(
            issue,
            Issue(
                newspaper.group() if newspaper else "", _day(found), page.group() if page else ""
            ),
        )
    return issue


def merged_issue(first: Issue, second: Issue) -> Issue:
    """``first``, with what it lacks taken from ``second``."""
    return _filled(first, second)


def _filled(issue: Issue, other: Issue) -> Issue:
    return Issue(
        issue.newspaper or other.newspaper,
        issue.date or other.date,
        issue.page or other.page,
        issue.section or other.section,
    )


def _day(match: re.Match[str] | None) -> date | None:
    if match is None:
        return None
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None
