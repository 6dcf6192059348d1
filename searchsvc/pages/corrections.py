"""What people said against the segmenter: splits, merges, roles, kinds, titles and other fields.

Corrections name lines, so they hold whatever a later version of the segmenter makes of the page.
They are applied in their order: those that move lines before blocks are made, fields afterwards.
``sources.corrections`` keeps them in a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final

from searchsvc.articles import KINDS
from searchsvc.errors import RecordError
from searchsvc.pages.bylines import byline_people
from searchsvc.pages.model import Block, Issue, Page
from searchsvc.pages.states import ROLE_OF

ACTIONS: Final = ("split", "merge", "role", "set", "undo")
BLOCK_FIELDS: Final = ("title", "kicker", "subtitle", "byline", "place", "agency", "kind")
ISSUE_FIELDS: Final = ("newspaper", "date", "page", "section")
ROLES: Final = ("headline", "kicker", "byline", "subhead", "body", "ad", "notice", "imprint")

_FIRST: Final = {"headline": "HB", "byline": "YB", "body": "BB", "subhead": "HB", "ad": "AB",
                 "notice": "NB", "imprint": "IB"}  # fmt: skip
_FURTHER: Final = {"headline": "HC", "byline": "Y", "body": "BF", "subhead": "S", "ad": "AC",
                   "notice": "NC", "imprint": "IC"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that a person changed.

    ``split``: a block begins at ``line``. ``merge``: the block of ``line`` belongs to that of
    ``into``. ``role``: what ``line`` is, as ``value``. ``set``: ``field`` of the block of ``line`` (of
    the whole page for those in ISSUE_FIELDS) is ``value``. ``undo``: the last correction still in
    force does not count. ``at`` and ``by`` tell when and by whom.
    """

    action: str
    line: int = 0
    into: int = 0
    field: str = ""
    value: str = ""
    at: str = ""
    by: str = ""

    def to_record(self) -> dict[str, Any]:
        """The correction as a JSON object, without what it leaves open."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name))}

    @classmethod
    def from_record(cls, record: object) -> Correction:
        """A correction from a JSON object. Raises RecordError for one that says nothing valid."""
        if not isinstance(record, Mapping):
            raise RecordError("record.not_object", found=type(record).__name__)
        names = {f.name for f in fields(cls)}
        if not record.keys() <= names or record.get("action") not in ACTIONS:
            raise _invalid("action", record.get("action"), " | ".join(ACTIONS))
        for name in names & record.keys():
            expected = int if name in ("line", "into") else str
            if not isinstance(record[name], expected) or isinstance(record[name], bool):
                raise _invalid(name, record[name], expected.__name__)
        correction = cls(**record)
        _check(correction)
        return correction


def in_force(corrections: Sequence[Correction]) -> list[Correction]:
    """The corrections that no later ``undo`` took back."""
    kept: list[Correction] = []
    for correction in corrections:
        if correction.action != "undo":
            kept.append(correction)
        elif kept:
            kept.pop()
    return kept


def corrected_groups(
    numbers: Sequence[int],
    states: list[str],
    groups: list[list[int]],
    corrections: Sequence[Correction],
) -> list[list[int]]:
    """The groups of lines as people want them; ``states`` changes with them.

    ``numbers`` are the line numbers of the places that groups hold. Raises RecordError for a line
    that the page does not have.
    """
    places = {number: place for place, number in enumerate(numbers)}
    for correction in corrections:
        if correction.action in ("split", "merge", "role"):
            place = _place(places, correction.line)
            if correction.action == "split":
                groups = _split(groups, states, place)
            elif correction.action == "merge":
                groups = _merged(groups, states, place, _place(places, correction.into))
            else:
                role = "headline" if correction.value == "kicker" else correction.value
                opens = any(group[0] == place for group in groups)
                states[place] = (_FIRST if opens else _FURTHER)[role]
        elif correction.field == "kind" and correction.value in ("ad", "notice", "imprint"):
            _mark(groups, states, _place(places, correction.line), correction.value)
    return groups


def corrected_page(page: Page, corrections: Sequence[Correction]) -> Page:
    """The page with the fields that people set."""
    blocks, issue = list(page.blocks), page.issue
    for correction in corrections:
        if correction.action != "set":
            continue
        if correction.field in ISSUE_FIELDS:
            issue = _set_issue(issue, correction)
            continue
        for n, block in enumerate(blocks):
            if correction.line in block.roles:
                blocks[n] = _set_block(block, correction)
    return Page(tuple(blocks), issue)


def _set_block(block: Block, correction: Correction) -> Block:
    if correction.field == "byline":
        people = byline_people(correction.value)
        return replace(block, byline=correction.value, people=people)
    name = "headline" if correction.field == "title" else correction.field
    changed: dict[str, Any] = {name: correction.value}
    return replace(block, **changed)


def _set_issue(issue: Issue, correction: Correction) -> Issue:
    if correction.field == "date":
        return replace(issue, date=date.fromisoformat(correction.value))
    changed: dict[str, Any] = {correction.field: correction.value}
    return replace(issue, **changed)


def _split(groups: list[list[int]], states: list[str], place: int) -> list[list[int]]:
    divided: list[list[int]] = []
    for group in groups:
        if place not in group or group[0] == place:
            divided.append(group)
            continue
        at = group.index(place)
        states[place] = _FIRST[ROLE_OF[states[place]]]
        divided += [group[:at], group[at:]]
    return divided


def _merged(groups: list[list[int]], states: list[str], place: int, into: int) -> list[list[int]]:
    moved = next(group for group in groups if place in group)
    kept = next(group for group in groups if into in group)
    if moved is kept:
        return groups
    whole = sorted([*kept, *moved])
    for n in (kept[0], moved[0]):
        if n != whole[0]:
            states[n] = _FURTHER[ROLE_OF[states[n]]]
    if whole[0] == moved[0]:
        states[whole[0]] = _FIRST[ROLE_OF[states[whole[0]]]]
    others = [group for group in groups if group is not moved and group is not kept]
    return sorted([*others, whole])


def _mark(groups: Sequence[Sequence[int]], states: list[str], place: int, kind: str) -> None:
    group = next(group for group in groups if place in group)
    for n in group:
        states[n] = (_FIRST if n == group[0] else _FURTHER)[kind]


def _place(places: Mapping[int, int], line: int) -> int:
    if line not in places:
        raise _invalid("line", line, "the number of a line that is not blank")
    return places[line]


def _check(correction: Correction) -> None:
    if correction.action == "role" and correction.value not in ROLES:
        raise _invalid("value", correction.value, " | ".join(ROLES))
    if correction.action == "merge" and correction.into < 1:
        raise _invalid("into", correction.into, "a line of the block that it belongs to")
    if correction.action != "set":
        return
    if correction.field not in (*BLOCK_FIELDS, *ISSUE_FIELDS):
        raise _invalid("field", correction.field, " | ".join((*BLOCK_FIELDS, *ISSUE_FIELDS)))
    if correction.field == "kind" and correction.value not in KINDS:
        raise _invalid("kind", correction.value, " | ".join(KINDS))
    if correction.field == "date":
        try:
            date.fromisoformat(correction.value)
        except ValueError:
            raise _invalid("date", correction.value, "YYYY-MM-DD") from None


def _invalid(field: str, value: object, expected: str) -> RecordError:
    return RecordError("record.invalid", field=field, value=repr(value)[:80], expected=expected)
