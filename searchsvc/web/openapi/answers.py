"""What the endpoints answer, as JSON Schema. A test holds real answers against it."""

from __future__ import annotations

from typing import Any

from searchsvc.articles import FLAGS, KINDS, PARAGRAPH_ROLES, ROLES
from searchsvc.bulk import OUTCOMES
from searchsvc.jobs import STATES
from searchsvc.references import STYLES
from searchsvc.timeline import INTERVALS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}


def _object(**properties: Schema) -> Schema:
    """An object with just these members, all of them there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _choice(values: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_LINES = _list(_list({"type": "integer", "minimum": 1}))
_DOCUMENT = {
    "id": TEXT,
    "kind": _choice(KINDS),
    "kicker": TEXT,
    "title": TEXT,
    "subtitle": TEXT,
    "byline": TEXT,
    "people": _list(_object(name=TEXT, role=_choice(ROLES))),
    "place": TEXT,
    "agency": TEXT,
    "newspaper": TEXT,
    "date": DAY_OR_NULL,
    "page": TEXT,
    "section": TEXT,
    "tags": _list(TEXT),
    "flags": _list(_choice(FLAGS)),
    "url": TEXT,
    "dates": _list(_object(text=TEXT, value=TEXT, paragraph=COUNT)),
    "documents": _list(TEXT),
    "standards": _list(TEXT),
    "body": _list(_object(text=TEXT, role=_choice(PARAGRAPH_ROLES), lines=_list(COUNT))),
    "source": {
        "oneOf": [
            _object(path=TEXT, lines=_LINES, line_count=COUNT, boxes=_list(_list(NUMBER))),
            {"type": "null"},
        ]
    },
}
_COUNTS = {"type": "object", "additionalProperties": COUNT}
_TOKENS = _list(_object(term=TEXT, position=COUNT, start=COUNT, end=COUNT))
_EXPLANATION = {
    "score": {"type": ["number", "null"]},
    "fields": _list(_object(field=TEXT, score=NUMBER)),
    "terms": _list(
        _object(
            term=TEXT,
            analysis=_choice(("words", "bigrams")),
            boost=NUMBER,
            documents=COUNT,
            document_frequency=COUNT,
            idf=NUMBER,
            k1=NUMBER,
            frequency=NUMBER,
            score=NUMBER,
            fields=_list(
                _object(
                    field=TEXT,
                    term_frequency=COUNT,
                    length=COUNT,
                    average_length=NUMBER,
                    weight=NUMBER,
                    b=NUMBER,
                    length_norm=NUMBER,
                    frequency=NUMBER,
                    score=NUMBER,
                )
            ),
        )
    ),
}
"""Of BM25F: a term scores ``boost * idf * frequency / (k1 + frequency)``, where the ``frequency`` sums
``weight * term_frequency / length_norm`` over its fields."""
_NOTICE = {
    "type": "object",
    "properties": {"code": TEXT, "text": TEXT},
    "required": ["code", "text"],
}
_VALUE = _object(value=TEXT, count=COUNT)
_PERSON = _object(
    name=TEXT, articles=COUNT, roles={"type": "object", "additionalProperties": COUNT}
)

SCHEMAS: dict[str, Schema] = {
    "Article": _object(**_DOCUMENT),
    "Hit": {
        "type": "object",
        "properties": {
            "id": TEXT,
            "score": NUMBER,
            "document": {
                "type": "object",
                "properties": _DOCUMENT,
                "additionalProperties": False,
            },
            "highlights": {"type": "object", "additionalProperties": _list(TEXT)},
            "matches": _list(
                _object(
                    field=TEXT,
                    start=COUNT,
                    end=COUNT,
                    paragraph={"type": ["integer", "null"]},
                    lines=_list(COUNT),
                )
            ),
            "reprints": {
                "oneOf": [
                    _object(count=COUNT, first=_object(id=TEXT, newspaper=TEXT, date=DAY_OR_NULL)),
                    {"type": "null"},
                ]
            },
            "explanation": _object(**_EXPLANATION),
        },
        "required": ["id", "score", "document", "highlights", "matches", "reprints"],
        "additionalProperties": False,
    },
    "Bucket": _object(label=TEXT, **{"from": DAY, "to": DAY}, count=COUNT),
    "SearchAnswer": _object(
        query=TEXT,
        hits=_list(_ref("Hit")),
        total=COUNT,
        total_relation={"const": "eq"},
        page=COUNT,
        per_page=COUNT,
        total_pages=COUNT,
        next_cursor=TEXT_OR_NULL,
        facets={
            "type": "object",
            "additionalProperties": _list(_object(value=TEXT, count=COUNT)),
        },
        histogram=_list(_ref("Bucket")),
        suggestion=TEXT_OR_NULL,
        notices=_list(_NOTICE),
        took_ms=NUMBER,
        index_version=TEXT,
    ),
    "SearchAnswers": _object(results=_list(_ref("SearchAnswer"))),
    "Suggestions": _object(
        query=TEXT,
        suggestions=_list(
            _object(text=TEXT, kind=TEXT, count={"type": ["integer", "null"]}, query=TEXT)
        ),
        took_ms=NUMBER,
        index_version=TEXT,
    ),
    "ArticleAnswer": _object(article=_ref("Article"), index_version=TEXT),
    "Articles": _object(articles=_list(_ref("Article")), index_version=TEXT),
    "SimilarArticles": _object(
        id=TEXT,
        hits=_list(_object(id=TEXT, score=NUMBER, document=_ref("Article"))),
        index_version=TEXT,
    ),
    "Explanation": _object(query=TEXT, id=TEXT, **_EXPLANATION, index_version=TEXT),
    "Analysis": _object(text=TEXT, folded=TEXT, words=_TOKENS, bigrams=_TOKENS, index_version=TEXT),
    "Stats": _object(
        articles=COUNT,
        kinds=_COUNTS,
        newspapers=_COUNTS,
        date_from=DAY_OR_NULL,
        date_to=DAY_OR_NULL,
        segments=COUNT,
        size_bytes=COUNT,
        index_version=TEXT,
        generation=TEXT,
        format_version=COUNT,
        built_at=MOMENT,
        rejects=COUNT,
        sources=COUNT,
    ),
    "Version": _object(version=TEXT, format_version=COUNT, index_version=TEXT),
    "References": _object(references=_object(**dict.fromkeys(STYLES, TEXT)), index_version=TEXT),
    "Trends": _object(
        interval=_choice(INTERVALS),
        per=COUNT,
        queries=_list(TEXT),
        periods=_list(
            _object(
                label=TEXT,
                **{"from": DAY, "to": DAY},
                articles=COUNT,
                counts=_list(COUNT),
                relative=_list(NUMBER),
            )
        ),
        index_version=TEXT,
    ),
    "Concordance": _object(
        query=TEXT,
        articles=COUNT,
        total=COUNT,
        lines=_list(
            _object(
                left=TEXT,
                keyword=TEXT,
                right=TEXT,
                field=TEXT,
                id=TEXT,
                title=TEXT,
                newspaper=TEXT,
                date=DAY_OR_NULL,
                page=TEXT,
            )
        ),
        index_version=TEXT,
    ),
    "People": {
        "type": "object",
        "properties": {
            "people": _list(_PERSON),
            "total": COUNT,
            "person": _object(
                **_PERSON["properties"],
                page=COUNT,
                total_pages=COUNT,
                hits=_list({"type": "object"}),
                histogram=_list(_ref("Bucket")),
                beside={"type": "object", "additionalProperties": _list(_VALUE)},
            ),
            "index_version": TEXT,
        },
        "required": ["index_version"],
        "additionalProperties": False,
    },
    "Values": _object(
        facet=TEXT,
        values=_list(_VALUE),
        total=COUNT,
        page=COUNT,
        per_page=COUNT,
        index_version=TEXT,
    ),
    "Issues": {
        "type": "object",
        "properties": {
            "newspapers": _list(_object(newspaper=TEXT, articles=COUNT)),
            "days": _list(_object(date=DAY, articles=COUNT)),
            "pages": _list(
                _object(
                    page=TEXT,
                    section=TEXT,
                    articles=_list(_object(id=TEXT, kind=_choice(KINDS), title=TEXT)),
                )
            ),
            "index_version": TEXT,
        },
        "required": ["index_version"],
        "additionalProperties": False,
    },
    "Written": _object(
        id=TEXT, result=_choice(("created", "updated", "deleted")), index_version=TEXT
    ),
    "BulkAnswer": _object(
        **dict.fromkeys(OUTCOMES, COUNT),
        lines=_list(
            {
                "type": "object",
                "properties": {
                    "line": COUNT,
                    "id": TEXT_OR_NULL,
                    "result": _choice(OUTCOMES),
                    "code": TEXT,
                    "detail": TEXT,
                },
                "required": ["line", "id", "result"],
                "additionalProperties": False,
            }
        ),
        index_version=TEXT,
    ),
    "Reindex": _object(
        id=TEXT,
        started_at=MOMENT,
        state=_choice(STATES),
        phase=TEXT,
        finished_at={"type": ["string", "null"], "format": "date-time"},
        source_bytes=COUNT,
        read_bytes=COUNT,
        articles=COUNT,
        rejects=COUNT,
        reject_list=_list(
            _object(path=TEXT, line={"type": ["integer", "null"]}, code=TEXT, detail=TEXT)
        ),
        generation=TEXT_OR_NULL,
        error={"oneOf": [_object(code=TEXT, detail=TEXT), {"type": "null"}]},
    ),
    "Reindexes": _object(jobs=_list(_ref("Reindex"))),
    "Rollback": _object(generation=TEXT, index_version=TEXT),
    "Alive": _object(status={"const": "ok"}),
    "Health": _object(status={"const": "ok"}, index_version=TEXT, articles=COUNT),
    "Problem": {
        "type": "object",
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": COUNT,
            "code": TEXT,
            "detail": TEXT,
            "position": COUNT,
            "parameter": TEXT,
            "job": TEXT,
        },
        "required": ["type", "title", "status", "code", "detail"],
        "additionalProperties": False,
    },
}
"""Every answer, and what answers share, by name."""
