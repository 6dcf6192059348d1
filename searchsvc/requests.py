"""Search parameters as text to a ``SearchRequest``: one reading for JSON, web page and terminal.

Takes (name, value) pairs as a query string has them. A parameter that cannot be used is an error
that names it; nothing is ignored in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import date
from difflib import get_close_matches
from typing import Any

from searchsvc import messages
from searchsvc.articles import Article
from searchsvc.errors import CallerError
from searchsvc.query.dates import date_span
from searchsvc.results import FACETS, FILTERS, FOLDS, SORTS, Notice, SearchRequest
from searchsvc.settings import Settings
from searchsvc.timeline import INTERVALS

PARAMETERS = (
    "q", "page", "per_page", "sort", "filter", "date_from", "date_to", "cursor", "facets",
    "highlight", "fields", "explain", "fold", "histogram", "literal",
)  # fmt: skip
SUGGEST_PARAMETERS = ("q", "limit")
EXPLAIN_PARAMETERS = ("q", "literal")
SIMILAR_PARAMETERS = ("limit",)
ANALYZE_PARAMETERS = ("text",)
NARROWING = ("q", "filter", "date_from", "date_to", "fold", "literal")
TREND_PARAMETERS = (*NARROWING, "interval")
CONCORDANCE_PARAMETERS = (*NARROWING, "sort", "order", "context", "limit")
EXPORT_PARAMETERS = (*NARROWING, "sort", "fields", "format")
MAX_TRENDS = 8
MAX_SEARCHES = 20
MAX_CONTEXT_CHARS = 200
MAX_LINES = 2_000
ISSUE_PARAMETERS = ("newspaper", "date", "year")
PEOPLE_PARAMETERS = ("name", "like", "role", "sort", "page", "per_page")
VALUE_PARAMETERS = (*NARROWING, "like", "order", "page", "per_page")
VALUE_ORDERS = ("count", "value")
PERSON_SORTS = ("newest", "oldest")
MAX_LIKE_CHARS = 200
MAX_VALUES = 1_000
"""Most values of a facet, or people, on one page."""
EXPORTS = ("jsonl", "csv")
ORDERS = ("found", "left", "right")
"""How lines of a concordance are ordered: as their articles are, or by the text beside the keyword."""

Pairs = Sequence[tuple[str, str]]

MAX_SUGGESTIONS = 50
SUGGESTIONS, SIMILAR, LINES, CONTEXT_CHARS = 8, 10, 200, 20
"""How many are given where no number is asked for; and the characters beside a keyword."""

NAMED = 4
"""Of what a notice lists, so many are named in its sentence."""
_DOCUMENT_FIELDS = tuple(f.name for f in dataclass_fields(Article))
_BODY_TYPES: dict[str, type] = {
    "page": int, "per_page": int, "highlight": bool, "explain": bool, "literal": bool,
}  # fmt: skip
"""The types of parameters in a JSON body; all others are texts."""

_TYPE_NAMES: dict[type, str] = {str: '"text"', int: "1 | 2 | 3 ...", bool: "true | false"}
_MAY_BE_EMPTY = ("q", "cursor", "filter", "facets", "fields")
_BOOLEANS = {"true": True, "false": False}


def parse_request(pairs: Iterable[tuple[str, str]], settings: Settings) -> SearchRequest:
    """The request. Raises CallerError that names the parameter.

    An empty text, list or cursor counts as not given; elsewhere an empty value is a wrong one.
    """
    single: dict[str, str] = {}
    filters: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if name not in PARAMETERS:
            close = get_close_matches(name, PARAMETERS, 1)
            known = close[0] if close else ", ".join(PARAMETERS)
            raise CallerError("request.unknown", parameter=name, known=known)
        if value == "" and name in _MAY_BE_EMPTY:
            continue
        if name == "filter":
            field, _, wanted = value.partition(":")
            if field not in FILTERS or not wanted:
                raise _wrong("filter", value, "name:value, " + " | ".join(FILTERS))
            filters[field] = tuple(dict.fromkeys((*filters.get(field, ()), wanted)))
        elif name in single:
            raise CallerError("request.repeated", parameter=name)
        else:
            single[name] = value
    return SearchRequest(
        query=single.get("q", ""),
        page=_number(single, "page", 1, 10**9),
        per_page=_number(single, "per_page", 10, settings.max_per_page),
        sort=_choice(single, "sort", SORTS) or "relevance",
        filters=filters,
        date_from=_day(single, "date_from", 0),
        date_to=_day(single, "date_to", 1),
        cursor=single.get("cursor"),
        facets=_names(single, "facets", FACETS) or (),
        highlight=_boolean(single, "highlight", True),
        fields=_names(single, "fields", _DOCUMENT_FIELDS),
        explain=_boolean(single, "explain", False),
        fold=_choice(single, "fold", FOLDS) or "",
        histogram=_choice(single, "histogram", INTERVALS) or "",
        literal=_boolean(single, "literal", False),
    )


def pairs_of(body: Any) -> list[tuple[str, str]]:
    """The parameters of a JSON object, as a query string has them.

    Names are the same; ``filter`` is an object of names to values or lists of values, ``facets`` and
    ``fields`` are lists. Raises CallerError that names what cannot be read.
    """
    if not isinstance(body, Mapping):
        raise CallerError("request.not_object", parameter="body", found=type(body).__name__)
    pairs: list[tuple[str, str]] = []
    for name, value in body.items():
        if name == "filter":
            if not isinstance(value, Mapping):
                raise _wrong(name, json.dumps(value), '{"newspaper": ["..."]}')
            for field, wanted in value.items():
                values = wanted if isinstance(wanted, list) else [wanted]
                pairs += [("filter", f"{field}:{_text('filter', one)}") for one in values]
        elif name in ("facets", "fields"):
            if not isinstance(value, list):
                raise _wrong(name, json.dumps(value), '["...", "..."]')
            pairs.append((name, ",".join(_text(name, one) for one in value)))
        elif value is not None or name != "cursor":
            pairs.append((name, _text(name, value)))
    return pairs


def parse_searches(body: Any, settings: Settings) -> list[SearchRequest]:
    """The requests of a multi-search: ``{"searches": [{...}, ...]}``, at most ``MAX_SEARCHES``.

    Raises CallerError that names the parameter, after the number of its search from 0.
    """
    unknown = [name for name in body if name != "searches"] if isinstance(body, Mapping) else []
    if unknown:
        raise CallerError("request.unknown", parameter=unknown[0], known="searches")
    searches = body.get("searches") if isinstance(body, Mapping) else None
    if not isinstance(searches, list) or not 1 <= len(searches) <= MAX_SEARCHES:
        raise CallerError(
            "request.invalid", parameter="searches", value=type(searches).__name__,
            expected=f'{{"searches": [1..{MAX_SEARCHES} x {{"q": ...}}]}}',
        )  # fmt: skip
    requests = []
    for number, one in enumerate(searches):
        try:
            requests.append(parse_request(pairs_of(one), settings))
        except CallerError as error:
            named = f"searches[{number}].{error.params['parameter']}"
            raise CallerError(error.code, **(error.params | {"parameter": named})) from error
    return requests


def parse_trends(pairs: Pairs, settings: Settings) -> tuple[tuple[str, ...], SearchRequest, str]:
    """The queries to compare, what narrows all of them, and the interval (empty: one that fits).

    Raises CallerError that names the parameter.
    """
    queries = dict.fromkeys(value.strip() for name, value in pairs if name == "q" and value.strip())
    if len(queries) > MAX_TRENDS:
        raise _wrong("q", f"{len(queries)} x q", f"1..{MAX_TRENDS} x q")
    own, rest = _apart(pairs, ("interval",), TREND_PARAMETERS)
    narrowed = parse_request([pair for pair in rest if pair[0] != "q"], settings)
    return tuple(queries), narrowed, _choice(own, "interval", INTERVALS) or ""


def parse_concordance(pairs: Pairs, settings: Settings) -> tuple[SearchRequest, str, int, int]:
    """The search, the order of lines, the characters on each side, and the most lines.

    Raises CallerError that names the parameter.
    """
    own, rest = _apart(pairs, ("order", "context", "limit"), CONCORDANCE_PARAMETERS)
    return (
        parse_request(rest, settings),
        _choice(own, "order", ORDERS) or ORDERS[0],
        _number(own, "context", CONTEXT_CHARS, MAX_CONTEXT_CHARS),
        _number(own, "limit", LINES, MAX_LINES),
    )


def parse_export(pairs: Pairs, settings: Settings) -> tuple[SearchRequest, str]:
    """The search and the format of its export. Raises CallerError that names the parameter."""
    own, rest = _apart(pairs, ("format",), EXPORT_PARAMETERS)
    return parse_request(rest, settings), _choice(own, "format", EXPORTS) or EXPORTS[0]


def parse_issue(pairs: Pairs) -> tuple[str, date | None, int | None]:
    """A newspaper (empty: none), the day of an issue or None, the year of a calendar or None.

    Raises CallerError that names the parameter.
    """
    own, _ = _apart(pairs, ISSUE_PARAMETERS, ISSUE_PARAMETERS)
    day = _day(own, "date", 0)
    if day != _day(own, "date", 1):
        raise _wrong("date", own["date"], "2018-07-31")
    year = _number(own, "year", 1, 9_999) if "year" in own else None
    return own.get("newspaper", ""), day, year


@dataclass(frozen=True, slots=True)
class PeopleRequest:
    """One person by ``name``; where that is empty, those whose name holds ``like`` and who have ``role``."""

    name: str
    like: str
    role: str
    sort: str
    page: int
    per_page: int


def parse_people(pairs: Pairs, settings: Settings, roles: Sequence[str]) -> PeopleRequest:
    """The people asked for; ``roles`` are those known. Raises CallerError that names the parameter."""
    own, _ = _apart(pairs, PEOPLE_PARAMETERS, PEOPLE_PARAMETERS)
    name = own.get("name", "")
    return PeopleRequest(
        name=name,
        like=_like(own),
        role=_choice(own, "role", tuple(roles)) or "",
        sort=_choice(own, "sort", PERSON_SORTS) or PERSON_SORTS[0],
        page=_number(own, "page", 1, 10**9),
        per_page=_number(own, "per_page", 20, settings.max_per_page)
        if name
        else _number(own, "per_page", 100, MAX_VALUES),
    )


@dataclass(frozen=True, slots=True)
class ValuesRequest:
    """A page of a facet's values among what ``search`` finds; ``like`` is what they must hold."""

    search: SearchRequest
    like: str
    order: str
    page: int
    per_page: int


def parse_values(pairs: Pairs, settings: Settings) -> ValuesRequest:
    """The values of a facet asked for. Raises CallerError that names the parameter."""
    own, rest = _apart(pairs, ("like", "order", "page", "per_page"), VALUE_PARAMETERS)
    return ValuesRequest(
        search=parse_request(rest, settings),
        like=_like(own),
        order=_choice(own, "order", VALUE_ORDERS) or VALUE_ORDERS[0],
        page=_number(own, "page", 1, 10**9),
        per_page=_number(own, "per_page", 100, MAX_VALUES),
    )


def _like(given: dict[str, str]) -> str:
    like = given.get("like", "")
    if len(like) > MAX_LIKE_CHARS:
        raise _wrong("like", like, f"<= {MAX_LIKE_CHARS} characters")
    return like


def parse_explain(pairs: Pairs) -> tuple[str, bool]:
    """A query, and whether it is meant literally. Raises CallerError that names the parameter."""
    own, _ = _apart(pairs, EXPLAIN_PARAMETERS, EXPLAIN_PARAMETERS)
    return own.get("q", ""), _boolean(own, "literal", False)


def parse_similar(pairs: Pairs) -> int:
    """How many similar articles are wanted. Raises CallerError."""
    own, _ = _apart(pairs, SIMILAR_PARAMETERS, SIMILAR_PARAMETERS)
    return _number(own, "limit", SIMILAR, MAX_SUGGESTIONS)


def parse_analyze(pairs: Pairs, settings: Settings) -> str:
    """The text to analyse, no longer than a query. Raises CallerError that names the parameter."""
    own, _ = _apart(pairs, ANALYZE_PARAMETERS, ANALYZE_PARAMETERS)
    text = own.get("text", "")
    if len(text) > settings.max_query_chars:
        raise _wrong("text", text, f"<= {settings.max_query_chars} characters")
    return text


def parse_suggest(pairs: Pairs, settings: Settings) -> tuple[str, int]:
    """The text typed so far and how many suggestions are wanted.

    Raises CallerError that names the parameter.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in SUGGEST_PARAMETERS:
            known = ", ".join(SUGGEST_PARAMETERS)
            raise CallerError("request.unknown", parameter=name, known=known)
        if name in given:
            raise CallerError("request.repeated", parameter=name)
        given[name] = value
    if len(given.get("q", "")) > settings.max_query_chars:
        raise _wrong("q", given["q"], f"<= {settings.max_query_chars} characters")
    return given.get("q", ""), _number(given, "limit", SUGGESTIONS, MAX_SUGGESTIONS)


def _apart(
    pairs: Pairs, own: tuple[str, ...], known: tuple[str, ...]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The parameters of these names that are given, and the pairs of all others."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise CallerError("request.unknown", parameter=name, known=", ".join(known))
        if name in own:
            if name in given:
                raise CallerError("request.repeated", parameter=name)
            given[name] = value
    return given, [pair for pair in pairs if pair[0] not in own]


def notice_text(notice: Notice, language: str) -> str:
    """A notice's sentence; of a list it names the first few."""
    shown = {name: _listed(value, language) for name, value in notice.params.items()}
    return messages.text(f"notices.{notice.code}", language, **shown)


def _listed(value: object, language: str) -> object:
    if not isinstance(value, list):
        return value
    listed = messages.text("notices.list_separator", language).join(value[:NAMED])
    if len(value) > NAMED:
        return messages.text("notices.and_more", language, listed=listed)
    return listed


def _text(name: str, value: Any) -> str:
    """A JSON value of the parameter's own type, as a query string has it."""
    wanted = _BODY_TYPES.get(name, str)
    if type(value) is not wanted:
        raise _wrong(name, json.dumps(value, ensure_ascii=False), _TYPE_NAMES[wanted])
    return str(value).lower() if wanted is bool else str(value)


def _wrong(name: str, value: str, expected: str) -> CallerError:
    return CallerError("request.invalid", parameter=name, value=repr(value[:80]), expected=expected)


def _number(given: dict[str, str], name: str, default: int, largest: int) -> int:
    value = given.get(name, str(default))
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise _wrong(name, value, f"1..{largest}")
    if not 1 <= int(value) <= largest:
        raise _wrong(name, value, f"1..{largest}")
    return int(value)


def _choice(given: dict[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is not None and value not in choices:
        raise _wrong(name, value, " | ".join(choices))
    return value


def _names(given: dict[str, str], name: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    if name not in given:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in given[name].split(",")))
    for part in names:
        if part not in known:
            raise _wrong(name, part, ", ".join(known))
    return names


def _day(given: dict[str, str], name: str, end: int) -> date | None:
    if name not in given:
        return None
    try:
        return date_span(given[name].strip())[end]
    except ValueError:
        raise _wrong(name, given[name], "2018 | 2018-07 | 2018-07-31") from None


def _boolean(given: dict[str, str], name: str, default: bool) -> bool:
    value = given.get(name)
    if value is None:
        return default
    if value not in _BOOLEANS:
        raise _wrong(name, value, "true | false")
    return _BOOLEANS[value]
