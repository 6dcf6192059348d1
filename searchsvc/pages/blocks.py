"""Groups of units to blocks: roles, headline, byline, people, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from searchsvc.articles import Paragraph, Person
from searchsvc.pages.bylines import byline_people, caption_people, dateline
from searchsvc.pages.model import Block
from searchsvc.pages.paragraphs import is_repeated, joined
from searchsvc.pages.units import Unit

_APART_ROLE = {"masthead": "imprint", "imprint": "imprint", "notice": "notice", "ad": "ad"}
_PHOTO_BYLINE = re.compile(r"摄|图")
_MAX_PHOTO_PARAGRAPHS = 3


class Group(Protocol):
    """The units of an article as the segmenter found them."""

    units: list[int]
    head: list[int]
    displaced: list[int]
    bodies: list[int]


def apart_block(units: Sequence[Unit], classes: Sequence[str], group: Sequence[int]) -> Block:
    """The block of an ad, notice, masthead or imprint."""
    kind = classes[group[0]]
    lines = [line for n in group for line in units[n].lines]
    paragraphs = tuple(Paragraph(units[n].text.strip(), "text", units[n].lines) for n in group)
    people: tuple[Person, ...] = ()
    if kind in ("imprint", "notice"):
        people = tuple(p for n in group for p in _officials(units[n].text))
    return Block(
        id=f"{kind}{lines[0]}",
        kind=kind,
        roles=dict.fromkeys(lines, _APART_ROLE[kind]),
        people=people,
        paragraphs=paragraphs,
    )


def article_block(units: Sequence[Unit], classes: Sequence[str], group: Group) -> Block:
    """The block of an article or photo item."""
    headings = [n for n in group.head if classes[n] == "heading"]
    if not headings:
        headings = [n for n in group.displaced if classes[n] == "heading"]
    bylines = [n for n in group.units if classes[n] == "byline"]
    roles = _heading_roles(units, headings)
    repeated: set[int] = set()
    texts: list[str] = []
    for n in group.bodies:
        if is_repeated(units[n].text.strip(), texts):
            repeated.add(n)
        texts.append(units[n].text.strip())
    for n in group.units:
        if n in bylines:
            roles[n] = "byline"
        elif n in repeated:
            roles[n] = "duplicate"
        elif n in group.bodies:
            roles[n] = "body"
        else:
            roles.setdefault(n, "subhead")
    bodies = [n for n in group.bodies if n not in repeated]
    return _article(units, group.units, roles, bodies, bylines)


def _article(
    units: Sequence[Unit],
    members: Sequence[int],
    roles: dict[int, str],
    bodies: Sequence[int],
    bylines: Sequence[int],
) -> Block:
    opening = dateline(units[bodies[0]].text) if bodies else None
    byline = " ".join(units[n].text.strip() for n in bylines)
    people = [p for n in bylines for p in byline_people(units[n].text)]
    people += opening.people if opening else ()
    people += [p for n in bodies for p in caption_people(units[n].text)]
    headline = _texts(units, roles, "headline")
    first_line = units[members[0]].lines[0]
    is_photo = not headline and len(bodies) <= _MAX_PHOTO_PARAGRAPHS and bool(bylines)
    is_photo = is_photo or (bool(_PHOTO_BYLINE.search(byline)) and len(bodies) == 1)
    return Block(
        id=f"article{first_line}",
        kind="photo" if is_photo else "article",
        roles={line: roles[n] for n in members for line in units[n].lines},
        headline=headline,
        kicker=_texts(units, roles, "kicker"),
        subtitle=_texts(units, roles, "subtitle"),
        byline=byline,
        people=tuple(dict.fromkeys(people)),
        place=opening.place if opening else "",
        agency=opening.agency if opening else "",
        paragraphs=_paragraphs(units, members, roles, bodies),
        truncated=bool(bodies) and not units[bodies[-1]].is_finished,
    )


def _heading_roles(units: Sequence[Unit], headings: Sequence[int]) -> dict[int, str]:
    """The last heading is the headline, those before it kickers; a dash opens a subtitle.

    A headline set in two lines that stand together counts as one.
    """
    titles = [n for n in headings if not re.match(r"\s*[—－-]{2}", units[n].text)]
    roles = {n: "subtitle" for n in headings if n not in titles}
    for n in titles:
        roles[n] = "kicker"
    if titles:
        roles[titles[-1]] = "headline"
        if len(titles) > 1 and units[titles[-1]].gap == 0 and not _ends_kicker(units[titles[-2]]):
            roles[titles[-2]] = "headline"
    return roles


def _ends_kicker(unit: Unit) -> bool:
    text = unit.text.strip()
    return text.endswith(("—", "：", ":")) or len(text) <= 8 or bool(re.search(r"\s", text))


def _texts(units: Sequence[Unit], roles: dict[int, str], role: str) -> str:
    return " ".join(units[n].text.strip() for n in sorted(roles) if roles[n] == role)


def _paragraphs(
    units: Sequence[Unit], members: Sequence[int], roles: dict[int, str], bodies: Sequence[int]
) -> tuple[Paragraph, ...]:
    """Paragraphs and subheads in reading order; a subhead inside a sentence comes after it."""
    paragraphs = [Paragraph(text, "text", lines) for text, lines in joined(units, bodies)]
    subheads = [
        Paragraph(units[n].text.strip(), "subhead", units[n].lines)
        for n in members
        if roles[n] == "subhead"
    ]
    return tuple(sorted([*paragraphs, *subheads], key=lambda p: p.lines[0]))


def _officials(text: str) -> tuple[Person, ...]:
    """The people of an imprint or notice who have a role there (责任编辑 刘田, 律师李亚强)."""
    text = re.sub(r"[^。]*?([\u4e00-\u9fff]{2,12}律师事务所)", " ", text)
    return tuple(p for p in byline_people(text.rstrip("。")) if p.role in ("editor", "adviser"))
