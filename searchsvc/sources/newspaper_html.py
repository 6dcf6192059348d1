"""Articles of digital newspapers, as their publishing systems write HTML: one article a file.

Two families, told by what they hold. The one of Founder: a comment ``<!--enpproperty <title>…
<author>… <date>… <nodename>… /enpproperty-->`` (also ``founder-title`` and so on) and the text in
``<founder-content>`` or between ``<!--enpcontent-->`` comments. The older one, mostly GBK: nested
tables, the headline in a cell of class ``font01``, kicker and subtitle in ``font02``, the text in
``#ozoom``. Later pages of both use ``#ozoom`` with h1 to h4. What neither tells of the issue is read
from the page's line such as 第A02版：民生, and from a path such as ``html/2020-05/06/content_7.htm``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from searchsvc.articles import Article
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import Issue
from searchsvc.pages.bylines import byline_people, caption_people, dateline
from searchsvc.pages.issues import masthead_issue, merged_issue, path_issue
from searchsvc.sources.model import Content, Items, Reject

_PROPERTY = re.compile(r"<(?:founder-)?([a-z]+)>(.*?)</(?:founder-)?\1>", re.I | re.S)
_DAY = re.compile(r"((?:19|20)[0-9]{2})[-年/.]?([01]?[0-9])[-月/.]?([0-3]?[0-9])")
_PAGE_LINE = re.compile(r"第?\s*[A-Z]?[0-9]{1,3}\s*版[\s:：|·]{0,3}[\u4e00-\u9fff]{0,8}")
_BLOCKS = frozenset(
    ("p", "div", "br", "tr", "td", "th", "table", "li", "ul", "center", "h1", "h2", "h3", "h4",
     "blockquote", "section", "founder-content"),
)  # fmt: skip
_SILENT = frozenset(("script", "style", "noscript", "iframe", "object", "select", "form"))


def newspaper_article(root: etree._Element, content: Content) -> Items:
    """The article of a page of a digital newspaper. Raises SourceError where it holds none."""
    body = _content(root)
    properties = _properties(root)
    if body is None:
        raise SourceError("source.no_article")
    paragraphs = list(_paragraphs(body))
    title = properties.get("title") or _first(root, "font01", ("founder-title",), ("h1", "h3"))
    if not title and not paragraphs:
        raise SourceError("source.empty")
    issue = _issue(root, properties, content.name)
    byline = properties.get("author") or _first(root, "", ("founder-author",), ("h4",))
    opening = dateline(paragraphs[0]) if paragraphs else None
    people = [*byline_people(byline), *(opening.people if opening else ())]
    people += [person for text in paragraphs for person in caption_people(text)]
    record: dict[str, Any] = {
        "id": _article_id(content.name),
        "title": title or paragraphs[0][:40],
        "kicker": properties.get("introtitle") or _second(root, title, before=True),
        "subtitle": properties.get("subtitle") or _second(root, title, before=False),
        "byline": byline,
        "people": [{"name": p.name, "role": p.role} for p in dict.fromkeys(people)],
        "place": opening.place if opening else "",
        "agency": opening.agency if opening else "",
        "newspaper": issue.newspaper,
        "date": issue.date.isoformat() if issue.date else None,
        "page": issue.page,
        "section": issue.section,
        "flags": [] if title else ["generated_title"],
        "body": [{"text": text, "lines": [number]} for number, text in enumerate(paragraphs, 1)],
        "source": {"path": content.name, "lines": [[1, max(1, len(paragraphs))]]},
    }
    try:
        yield Article.from_record(record)
    except RecordError as error:
        yield Reject(content.name, None, error)


def _content(root: etree._Element) -> etree._Element | None:
    """The element that holds the text."""
    for path in (".//founder-content", './/*[@id="ozoom"]', './/*[@id="zoom"]'):
        found = root.find(path)
        if found is not None:
            return found
    for comment in root.iter(etree.Comment):
        if (comment.text or "").strip().lower() == "enpcontent":
            return comment.getparent()
    return None


def _properties(root: etree._Element) -> dict[str, str]:
    """What the comment of Founder's system says, tags stripped."""
    for comment in root.iter(etree.Comment):
        text = comment.text or ""
        if "enpproperty" in text:
            return {
                name.lower(): value
                for name, inner in _PROPERTY.findall(text)
                if (value := _clean(html.unescape(re.sub(r"<[^>]+>", " ", inner))))
            }
    return {}


def _paragraphs(body: etree._Element) -> Iterator[str]:
    """The texts between the ends of blocks, nested tables included, in document order."""
    pending: list[str] = []
    for text, ends in _pieces(body):
        if ends and (done := _clean("".join(pending))):
            yield done
        if ends:
            pending = []
        pending.append(text)
    if done := _clean("".join(pending)):
        yield done


def _pieces(body: etree._Element) -> Iterator[tuple[str, bool]]:
    """(text, whether a block ends before it); without recursion, since trees may be deep."""
    for event, element in etree.iterwalk(body, events=("start", "end", "comment")):
        name = element.tag.lower() if isinstance(element.tag, str) else ""
        block = name in _BLOCKS
        if event == "start":
            silent = name in _SILENT or any(
                isinstance(a.tag, str) and a.tag.lower() in _SILENT for a in element.iterancestors()
            )
            yield "" if silent or not name else element.text or "", block
        elif element is not body:
            yield element.tail or "", block and event == "end"


def _first(root: etree._Element, cell_class: str, *names: tuple[str, ...]) -> str:
    """The text of the first element of this class, or else of these names, that has any."""
    for element in root.iter(etree.Element) if cell_class else ():
        named = cell_class in element.get("class", "").split()
        if named and (text := _clean(" ".join(element.itertext()))):
            return text
    for group in names:
        for element in root.iter(*group):
            if text := _clean(" ".join(element.itertext())):
                return text
    return ""


def _second(root: etree._Element, title: str, *, before: bool) -> str:
    """The kicker or subtitle of a table page: the cell before or after the headline's."""
    cells = [
        (name, _clean(" ".join(cell.itertext())))
        for cell in root.iter("td", "span", "h1", "h2", "h3")
        for name in cell.get("class", "").split() or [str(cell.tag)]
        if name in ("font01", "font02", "h1", "h2", "h3")
    ]
    place = next((n for n, (_, text) in enumerate(cells) if text == title), None)
    if place is None:
        return ""
    beside = cells[:place] if before else cells[place + 1 :]
    names = ("font02", "h3") if before else ("font02", "h2")
    return next((text for name, text in beside if name in names and text), "")


def _issue(root: etree._Element, properties: dict[str, str], name: str) -> Issue:
    """The issue, from the comment, then from the page's own words, then from the path."""
    title = _clean("".join(e.text or "" for e in root.iter("title")))
    words = _clean(" ".join(_visible(root)))[:20_000]
    node = properties.get("nodename", "")
    found = _PAGE_LINE.search(node) or _PAGE_LINE.search(words)
    page = masthead_issue(found.group()) if found else Issue(section=node if len(node) < 9 else "")
    if re.fullmatch(r"[A-Z]?[0-9]{1,3}", node):
        page = Issue(page=node)
    day = _day(properties.get("date", "")) or _path_day(name) or _day(words)
    named = re.search(r"《([\u4e00-\u9fff·]{2,10}(?:报|新闻))》", words)
    newspaper = masthead_issue(title).newspaper or path_issue(name).newspaper
    newspaper = newspaper or (named[1] if named else "")
    return merged_issue(Issue(newspaper, day), merged_issue(page, path_issue(_folders(name))))


def _visible(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        if str(element.tag).lower() not in _SILENT:
            yield element.text or ""
        yield element.tail or ""


def _folders(name: str) -> str:
    """The path without the file's own name, whose numbers are those of articles, not of pages."""
    return f"{PurePosixPath(name).parent}/content"


def _path_day(name: str) -> date | None:
    found = re.search(r"((?:19|20)[0-9]{2})[-/]?([01][0-9])[-/]([0-3][0-9])(?=/)", name)
    return _day("-".join(found.groups())) if found else None


def _day(text: str) -> date | None:
    found = _DAY.search(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _article_id(name: str) -> str:
    stem = str(PurePosixPath(name).with_suffix("")).replace("/", "~")
    return re.sub(r"[\x00-\x20\x7f/?#%\\]", "_", stem)[-190:]


def _clean(text: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", " ", text).strip()
