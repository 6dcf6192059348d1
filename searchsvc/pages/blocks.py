"""Pieces of text with their states to blocks: roles, headline, byline, people, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from searchsvc.articles import Paragraph, Person
from searchsvc.pages.bylines import byline_people, caption_people, dateline, is_credited
from searchsvc.pages.issues import is_masthead
from searchsvc.pages.model import Block
from searchsvc.pages.repetition import is_repeated
from searchsvc.pages.units import Unit, joined_text

_PHOTO_BYLINE = re.compile(r"摄|攝|图|圖")
_CAPTION = re.compile(r"\s*(?:图为|圖為|资料图|資料圖|图片|上图|下图|左图|右图|图①|图1)")
_MAX_PHOTO_PARAGRAPHS = 3
_OFFICIALS_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a part of one between two column breaks, or a heading, byline, ad line.

    ``state`` is that of its first line, in upper case; ``role`` the role of its lines.
    """

    unit: Unit
    state: str
    role: str

    @property
    def text(self) -> str:
        """The text without white space around it."""
        return self.unit.text.strip()


def apart_block(pieces: Sequence[Piece]) -> Block:
    """The block of an ad, notice, masthead or imprint."""
    kind = _apart_kind(pieces)
    people: tuple[Person, ...] = ()
    if kind in ("imprint", "notice"):
        people = tuple(p for piece in pieces for p in _officials(piece.text))
    lines = [line for piece in pieces for line in piece.unit.lines]
    return Block(
        id=f"{kind}{lines[0]}",
        kind=kind,
        roles={line: piece.role for piece in pieces for line in piece.unit.lines},
        people=people,
        paragraphs=tuple(Paragraph(p.text, "text", p.unit.lines) for p in pieces),
    )


def article_block(pieces: Sequence[Piece]) -> Block:
    """The block of an article or photo item."""
    roles = _roles(pieces)
    bodies = [p for p, role in zip(pieces, roles, strict=True) if role in ("body", "caption")]
    bylines = [piece for piece in pieces if piece.role == "byline"]
    byline = " ".join(piece.text for piece in bylines)
    headline = _text(pieces, roles, "headline")
    opening = dateline(bodies[0].text) if bodies else None
    people = [person for piece in bylines for person in byline_people(piece.text)]
    people += opening.people if opening else ()
    people += [person for piece in bodies for person in caption_people(piece.text)]
    first_line = pieces[0].unit.lines[0]
    return Block(
        id=f"article{first_line}",
        kind="photo" if _is_photo(headline, byline, bodies) else "article",
        roles={line: role for p, role in zip(pieces, roles, strict=True) for line in p.unit.lines},
        headline=headline,
        kicker=_text(pieces, roles, "kicker"),
        subtitle=_text(pieces, roles, "subtitle"),
        byline=byline,
        people=tuple(dict.fromkeys(people)),
        place=opening.place if opening else "",
        agency=opening.agency if opening else "",
        paragraphs=_paragraphs(pieces, roles),
        truncated=bool(bodies) and not bodies[-1].unit.is_finished,
    )


def _apart_kind(pieces: Sequence[Piece]) -> str:
    """A footer that begins with a notice and goes on as an imprint is an imprint."""
    if is_masthead(pieces[0].text):
        return "masthead"
    roles = {piece.role for piece in pieces}
    return "imprint" if "imprint" in roles else pieces[0].role


def _is_photo(headline: str, byline: str, bodies: Sequence[Piece]) -> bool:
    if len(bodies) == 1 and _PHOTO_BYLINE.search(byline):
        return True
    if headline or not bodies or len(bodies) > _MAX_PHOTO_PARAGRAPHS:
        return False
    return bool(byline) or (len(bodies) == 1 and is_credited(bodies[0].text))


def _roles(pieces: Sequence[Piece]) -> list[str]:
    """The role of each piece; which headings are kickers, which texts are repeated or captions."""
    heading_roles = _heading_roles(
        [n for n, p in enumerate(pieces) if p.role == "headline"], pieces
    )
    roles = []
    texts: list[str] = []
    for n, piece in enumerate(pieces):
        role = heading_roles.get(n, piece.role)
        if role == "body":
            if is_repeated(piece.text, texts):
                role = "duplicate"
            elif heading_roles and is_credited(piece.text) and _CAPTION.match(piece.text):
                role = "caption"
            texts.append(piece.text)
        roles.append(role)
    return roles


def _heading_roles(headings: Sequence[int], pieces: Sequence[Piece]) -> dict[int, str]:
    """The last heading is the headline, those before it kickers; a dash opens a subtitle.

    A headline set in two lines that stand together counts as one.
    """
    titles = [n for n in headings if not re.match(r"[—－-]{2}", pieces[n].text)]
    roles = {n: "subtitle" for n in headings if n not in titles}
    for n in titles:
        roles[n] = "kicker"
    if titles:
        last = pieces[titles[-1]]
        roles[titles[-1]] = "headline"
        if len(titles) > 1 and last.unit.gap == 0 and not _ends_kicker(pieces[titles[-2]].text):
            roles[titles[-2]] = "headline"
    return roles


def _ends_kicker(text: str) -> bool:
    return text.endswith(("—", "：", ":")) or len(text) <= 8 or bool(re.search(r"\s", text))


def _text(pieces: Sequence[Piece], roles: Sequence[str], role: str) -> str:
    return " ".join(p.text for p, given in zip(pieces, roles, strict=True) if given == role)


def _paragraphs(pieces: Sequence[Piece], roles: Sequence[str]) -> tuple[Paragraph, ...]:
    """Paragraphs and subheads in reading order; a subhead inside a sentence comes after it."""
    groups: list[tuple[str, list[Piece]]] = []
    last_text: list[Piece] | None = None
    for piece, role in zip(pieces, roles, strict=True):
        if role in ("body", "caption"):
            if last_text is not None and role == "body" and _goes_on(last_text[-1], piece):
                last_text.append(piece)
            else:
                last_text = [piece]
                groups.append(("caption" if role == "caption" else "text", last_text))
        elif role == "subhead":
            groups.append(("subhead", [piece]))
    return tuple(
        Paragraph(
            joined_text(piece.text for piece in group),
            role,
            tuple(line for piece in group for line in piece.unit.lines),
        )
        for role, group in groups
    )


def _goes_on(before: Piece, piece: Piece) -> bool:
    """Whether a text goes on with the paragraph before it: it was taken for that, or the one before
    breaks off and this one has no indent.
    """
    return piece.state == "BC" or not (before.unit.is_finished or piece.unit.indented)


def _officials(text: str) -> tuple[Person, ...]:
    """The people of an imprint or notice who have a role there (责任编辑 刘田, 律师李亚强)."""
    text = re.sub(r"[^。]{0,80}[\u4e00-\u9fff]{2,12}律师事务所", " ", text[:_OFFICIALS_CHARS])
    return tuple(p for p in byline_people(text.rstrip("。")) if p.role in ("editor", "adviser"))
