"""Bylines and datelines: who wrote, from where, for which agency.

Takes a line of text; gives people with roles, place and agency. Called by the segmenter and by
readers whose records hold bylines as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from searchsvc.articles import Person
from searchsvc.pages.characters import CUES

_ROLE_OF = {label: role for role, labels in CUES["roles"].items() for label in labels}
_LABELS = "|".join(sorted(map(re.escape, _ROLE_OF), key=len, reverse=True))
_MARKS = re.escape(CUES["byline_marks"])
_AGENCIES = "|".join(CUES["agencies"])

_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,10}·[\u4e00-\u9fff·]{1,15}")
_NO_NAMES = frozenset(
    ["报道", "報道", "本报", "本報", "文图", "图文", "综合", "整理", "编译", "特约"]
)
_LABEL_AT = re.compile(rf"(?:{_LABELS})")
_BETWEEN = re.compile(rf"[\s、，,;；/|｜()（）:：{_MARKS}]+")
_SENTENCE = re.compile("[。！？；]")
_NAMED_FIRST = re.compile(r"[\u4e00-\u9fff]{2,4}\s")
_CLOSING = re.compile(
    r"(?:摄影报道|攝影報道|综合报道|报道|報道|報導|摄影|攝影|摄|攝|供图|文/图|图/文|文并摄|编译|整理)$"
)
_PHOTOGRAPHED = re.compile("摄|攝|供图")
_CREDIT = re.compile(r"[（(]([^（）()]{2,24}(?:摄影报道|摄影|攝影|摄|攝|供图))[）)]\s*$")
_STARTS = re.compile(
    rf"^\s*(?:[{_MARKS}]\s*(?=\S)|[（(]?(?:本报|本報|特约|首席|实习|见习)?(?:记者|記者|通讯员|通訊員|实习生|见习生)\s*[:：]?\s*"
    rf"|(?:作者|摄影|攝影)(?:\s+|\s*[/:：|｜]\s*)|(?:撰文|文/图|文|图)\s*[/:：|｜]\s*)"
)
_DATELINE = re.compile(
    rf"^\s*(?:(?P<house>本报|本報)(?P<place>[\u4e00-\u9fff]{{0,6}}?)(?:[0-9]{{1,2}}月[0-9]{{1,2}}日)?[讯訊]"
    rf"|(?P<agency>{_AGENCIES})(?:客户端)?(?P<place2>[\u4e00-\u9fff]{{0,6}}?)"
    rf"(?:[0-9]{{1,2}}月[0-9]{{1,2}}日)?[电讯電訊]"
    rf"|(?P<house2>[\u4e00-\u9fff]{{2,8}}(?:客户端|融媒))讯)"
    rf"\s*(?P<people>[（(][^（）()]{{2,60}}[）)])?"
)


_WIRE_PHOTO = re.compile(rf"(?:{_AGENCIES}|视觉中国|人民视觉)发|资料(?:图片|照片|图)")
_SURNAMES = frozenset([*CUES["surnames"], *CUES["compound_surnames"].split()])
_SIGNED = re.compile(
    rf"[。！？”][（(]\s*(?:(?:{_LABELS}|来源|据)[\s:：/]*)?[\u4e00-\u9fff·\s、]{{2,16}}[）)]$"
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """The opening of a report: 本报聊城讯, 新华社北京7月3日电（记者 某某）."""

    place: str
    agency: str
    people: tuple[Person, ...]


def is_byline(text: str) -> bool:
    """Whether a line does nothing but name who wrote or photographed."""
    stripped = text.strip().strip("（）()")
    if len(stripped) > 60 or _SENTENCE.search(stripped) or "法律顾问" in stripped:
        return False
    if _WIRE_PHOTO.fullmatch(stripped):
        return True
    if _STARTS.match(text):
        return bool(byline_people(text))
    named = len(stripped) <= 24 and _NAMED_FIRST.match(stripped)
    return bool(named and _CLOSING.search(stripped))


def byline_people(text: str) -> tuple[Person, ...]:
    """The people of a byline, in order, with the role that stands before them (摄影: or after)."""
    people: list[Person] = []
    role = ""
    for piece in _BETWEEN.split(text):
        match = _LABEL_AT.match(piece)
        rest = piece
        if match:
            role, rest = _ROLE_OF[match.group()], piece[match.end() :]
            if role in ("photographer", "author") and not rest:
                people = _retitled(people, role)
                continue
        name = _CLOSING.sub("", rest)
        closing = rest[len(name) :]
        if _is_name(name):
            photographed = _PHOTOGRAPHED.search(closing)
            people.append(Person(name, role or ("photographer" if photographed else "")))
    return tuple(dict.fromkeys(people))


def dateline(text: str) -> Dateline | None:
    """The dateline that opens a paragraph, or None."""
    match = _DATELINE.match(text)
    if match is None:
        return None
    people = byline_people(match["people"]) if match["people"] else ()
    return Dateline(match["place"] or match["place2"] or "", match["agency"] or "", people)


def is_credited(text: str) -> bool:
    """Whether a text ends in a photographer's credit in brackets."""
    return text[-1:] in "）)" and bool(_CREDIT.search(text[-40:]))


def is_signed(text: str) -> bool:
    """Whether a text ends in the name of who wrote it, in brackets after its last sentence."""
    return bool(_SIGNED.search(text[-30:]))


def is_name(text: str) -> bool:
    """Whether a text looks like one person's name: a surname and one or two characters more."""
    if not 2 <= len(text) <= 4 or not _NAME.fullmatch(text):
        return False
    return (text[:2] in _SURNAMES and len(text) > 2) or (text[0] in _SURNAMES and len(text) < 4)


def caption_people(text: str) -> tuple[Person, ...]:
    """The photographers that a caption names at its end: ……合影。（王小满 摄）."""
    match = _CREDIT.search(text)
    return byline_people(match.group(1)) if match else ()


def _retitled(people: list[Person], role: str) -> list[Person]:
    """``张三 摄``: a label after the name belongs to the names before it that have none."""
    return [person if person.role else Person(person.name, role) for person in people]


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and text not in _NO_NAMES
