"""Bibliographic references to an article: GB/T 7714 of 2015 and of 2025, BibTeX, RIS, one plain line.

GB/T 7714 gives an article of a newspaper as 责任者. 题名[N]. 报纸名, 年-月-日(版次). Its edition of
2025, in force since 2026-07-01, takes full-width punctuation. One that is read online is [N/OL] with
its address; the date of access stands before it in the edition of 2015 only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import rispy
from pybtex.database import BibliographyData, Entry, Person
from rispy.writer import RisWriter

from searchsvc.articles import Article

MAX_NAMED = 3
"""GB/T 7714 names three authors at most and then says 等."""

_AUTHORS = ("author", "reporter", "correspondent")
_BRACES = str.maketrans("{}", "()")


def gbt7714_2015(article: Article, accessed: date) -> str:
    """The reference by GB/T 7714—2015; ``accessed`` counts for articles with an address only."""
    online = f"[{accessed.isoformat()}]" if article.url else ""
    return _gbt7714(article, ", ", "({})", online)


def gbt7714_2025(article: Article, accessed: date) -> str:
    """The reference by GB/T 7714—2025, which gives no date of access for a newspaper."""
    del accessed
    return _gbt7714(article, "，", "（{}）", "")


def bibtex(article: Article, accessed: date) -> str:
    """A BibTeX entry; braces in the text become parentheses, as BibTeX counts them."""
    fields = {
        "title": f"{{{article.title.translate(_BRACES)}}}" if article.title else "",
        "journal": article.newspaper.translate(_BRACES),
        "entrysubtype": "newspaper",
        "date": _iso(article.date),
        "year": str(article.date.year) if article.date else "",
        "pages": article.page.translate(_BRACES),
        "url": article.url.translate(_BRACES),
        "urldate": _iso(accessed) if article.url else "",
        "langid": "chinese",
    }
    authors = [Person(last=f"{{{name.translate(_BRACES)}}}") for name in _authors(article)]
    entry = Entry(
        "article",
        fields={name: value for name, value in fields.items() if value},
        persons={"author": authors} if authors else {},
    )
    text: str = BibliographyData({_key(article): entry}).to_string("bibtex")
    return text


def ris(article: Article, accessed: date) -> str:
    """An RIS record of the type NEWS."""
    day = article.date
    record = {
        "type_of_reference": "NEWS",
        "authors": _authors(article),
        "title": article.title,
        "secondary_title": article.newspaper,
        "year": str(day.year) if day else "",
        "date": day.strftime("%Y/%m/%d/") if day else "",
        "access_date": accessed.strftime("%Y/%m/%d/") if article.url else "",
        "start_page": article.page,
        "section": article.section,
        "language": "zh",
        "urls": [article.url] if article.url else [],
        "id": article.id,
    }
    text: str = rispy.dumps(
        [{name: value for name, value in record.items() if value}], implementation=_Writer
    )
    return text.lstrip()


def plain(article: Article, accessed: date) -> str:
    """One line for a note: newspaper, date, page, title and authors, the address where it has one."""
    del accessed
    authors = " ".join(_authors(article))
    parts = (
        f"《{article.newspaper}》" if article.newspaper else "",
        _iso(article.date), article.page, article.title, authors, article.url,
    )  # fmt: skip
    return " ".join(part for part in parts if part) or article.id


STYLES: dict[str, Callable[[Article, date], str]] = {
    "gbt7714-2015": gbt7714_2015,
    "gbt7714-2025": gbt7714_2025,
    "bibtex": bibtex,
    "ris": ris,
    "plain": plain,
}
"""Every style by its name: a function of the article and the date of access."""


def _gbt7714(article: Article, comma: str, brackets: str, accessed: str) -> str:
    authors = _authors(article)
    named = comma.join([*authors[:MAX_NAMED], *(["等"] if len(authors) > MAX_NAMED else [])])
    mark = "[N/OL]" if article.url else "[N]"
    issue = comma.join(part for part in (article.newspaper, _iso(article.date)) if part)
    page = brackets.format(article.page) if article.page else ""
    parts = (named, f"{article.title}{mark}", f"{issue}{page}{accessed}", article.url)
    return " ".join(f"{part}." for part in parts if part)


def _authors(article: Article) -> list[str]:
    """Who wrote it, in the byline's order; of a photo item who took it, where no writer is named."""
    for roles in (_AUTHORS, ("photographer",), ("",)):
        names = list(dict.fromkeys(p.name for p in article.people if p.role in roles))
        if names:
            return names
    return []


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _key(article: Article) -> str:
    """The article's id as a key: letters, digits, ``-``, ``.`` and ``:`` of it."""
    return "".join(c if c.isalnum() or c in "-.:" else "-" for c in article.id)


class _Writer(RisWriter):  # type: ignore[misc]
    """Writes records without rispy's own line of numbers before each."""

    def set_header(self, count: int) -> str:
        return ""
