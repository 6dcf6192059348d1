"""METS: what describes an issue to the ALTO and PAGE files beside it.

Gives newspaper, date, and each file's page number as printed. Articles are still told apart on each
page by the segmenter. Source of the names: https://www.loc.gov/standards/mets/ and MODS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from lxml import etree

from searchsvc.errors import SourceError
from searchsvc.pages import Issue
from searchsvc.sources.markup import xml_root
from searchsvc.sources.model import Content

_HREF = "{http://www.w3.org/1999/xlink}href"
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Mets:
    """An issue; ``pages`` maps the names of files, without folders, to page numbers."""

    issue: Issue
    pages: Mapping[str, str] = field(default_factory=dict)


def described_issue(content: Content) -> Issue:
    """What a METS file beside a page says of it; empty where none names the page's file."""
    name = PurePosixPath(content.name).name
    for mets_file in content.mets_files():
        try:
            mets = read_mets(mets_file)
        except SourceError:  # it is a source itself and gets its own reject
            continue
        if name in mets.pages:
            issue = mets.issue
            return Issue(issue.newspaper, issue.date, mets.pages[name], issue.section)
    return Issue()


@lru_cache(maxsize=4)
def read_mets(content: bytes) -> Mets:
    """The issue that a METS file describes. Raises SourceError."""
    root = xml_root(content)
    files = {
        file.get("ID", ""): PurePosixPath(location.get(_HREF, "")).name
        for file in root.iter("{*}file")
        for location in file.findall("{*}FLocat")
    }
    pages = {name: "" for name in files.values() if name}
    for division in root.iter("{*}div"):
        label = division.get("ORDERLABEL") or ""
        if division.get("TYPE", "").upper() == "PAGE" and label:
            for pointer in division.iter("{*}fptr", "{*}area"):
                if name := files.get(pointer.get("FILEID", "")):
                    pages[name] = re.sub(r"^第|版$", "", label.strip())
    return Mets(Issue(newspaper=_newspaper(root), date=_day(root)), pages)


def _newspaper(root: etree._Element) -> str:
    titles = [(t.text or "").strip() for t in root.iter("{*}title")]
    named = next((title for title in titles if title), "")
    return named or re.split(r"[,，\s]", root.get("LABEL", "").strip())[0]


def _day(root: etree._Element) -> date | None:
    texts = [e.text or "" for e in root.iter("{*}dateIssued", "{*}date")]
    for text in (*texts, root.get("LABEL", "")):
        if found := _DAY.search(text):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                continue
    return None
