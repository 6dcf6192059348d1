"""The OpenAPI document: one operation for each route below ``/api``, for ``/health`` and ``/ready``.

What a route takes and answers stands in ``_OPERATIONS``; its summary is the first line of the view's
docstring. A route without an entry is an error, so that none can be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apispec import APISpec
from flask import Flask

from searchsvc import __version__
from searchsvc.requests import (
    ANALYZE_PARAMETERS,
    CONCORDANCE_PARAMETERS,
    EXPLAIN_PARAMETERS,
    EXPORT_PARAMETERS,
    ISSUE_PARAMETERS,
    PARAMETERS,
    PEOPLE_PARAMETERS,
    SIMILAR_PARAMETERS,
    SUGGEST_PARAMETERS,
    TREND_PARAMETERS,
    VALUE_PARAMETERS,
)
from searchsvc.settings import Settings
from searchsvc.web.access import NOTHING, READ, scope_of
from searchsvc.web.openapi.answers import SCHEMAS
from searchsvc.web.openapi.bodies import ARTICLE_LINES, ARTICLE_RECORD
from searchsvc.web.openapi.parameters import (
    Schema,
    body_schema,
    parameter_schemas,
    searches_schema,
)
from searchsvc.web.writing import LINES

_NAME = {"type": "string", "minLength": 1}
_PROBLEM = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
}
_PROBLEMS = {
    401: "The API key is missing or wrong",
    403: "The API key's scope does not reach so far, or there is no key of this scope at all",
    400: "A parameter, the query or the body cannot be used; `detail` says which and why",
    404: "There is nothing of this name",
    409: "This stands against what is being done; `job` names a reindex that is running",
    413: "The body is too large",
    429: "The key or address asks for more than it may; `Retry-After` says when to ask again",
    415: "The body is no JSON, or of another media type than this takes",
    503: "The index cannot be read or written just now, or the server is busy: see `Retry-After`",
}


@dataclass(frozen=True, slots=True)
class _Operation:
    """``renamed`` maps parameters to the schemas that are not of their own name."""

    answer: str
    takes: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    body: str = ""
    problems: tuple[int, ...] = (400, 503)
    links: dict[str, Any] = field(default_factory=dict)
    media: str = "application/json"
    done: tuple[int, ...] = (200,)


_OF_ARTICLE = (400, 404, 503)
_FIRST_HIT = {
    name: {"operationId": operation, "parameters": {"article_id": "$response.body#/hits/0/id"}}
    for name, operation in (
        ("article", "api.article"),
        ("reprints", "api.reprints"),
        ("references", "citing.references"),
    )
}
_WRITTEN = {
    name: {"operationId": operation, "parameters": {"article_id": "$response.body#/id"}}
    for name, operation in (("article", "api.article"), ("deleted", "writing.delete"))
}
_STARTED = {
    "watched": {"operationId": "writing.reindex", "parameters": {"job_id": "$response.body#/id"}}
}
_OPERATIONS = {
    "api.search": _Operation("SearchAnswer", PARAMETERS, links=_FIRST_HIT),
    "api.search_by_body": _Operation(
        "SearchAnswer", body="Search", problems=(400, 413, 415, 503), links=_FIRST_HIT
    ),
    "api.multi_search": _Operation("SearchAnswers", body="Searches", problems=(400, 413, 415, 503)),
    "api.suggest": _Operation("Suggestions", SUGGEST_PARAMETERS),
    "api.article": _Operation("ArticleAnswer", problems=_OF_ARTICLE),
    "api.reprints": _Operation("Articles", problems=_OF_ARTICLE),
    "api.similar": _Operation(
        "SimilarArticles", SIMILAR_PARAMETERS, {"limit": "similar"}, problems=_OF_ARTICLE
    ),
    "api.explain": _Operation("Explanation", EXPLAIN_PARAMETERS, problems=_OF_ARTICLE),
    "citing.references": _Operation("References", problems=_OF_ARTICLE),
    "api.analyze": _Operation("Analysis", ANALYZE_PARAMETERS),
    "api.stats": _Operation("Stats"),
    "api.version": _Operation("Version"),
    "api.trends": _Operation("Trends", TREND_PARAMETERS, {"q": "queries"}),
    "api.concordance": _Operation("Concordance", CONCORDANCE_PARAMETERS, {"limit": "lines"}),
    "exporting.export": _Operation("", EXPORT_PARAMETERS),
    "people.listed": _Operation(
        "People",
        PEOPLE_PARAMETERS,
        {"sort": "person_sort", "per_page": "values_per_page"},
        problems=_OF_ARTICLE,
    ),
    "values.listed": _Operation(
        "Values",
        VALUE_PARAMETERS,
        {"order": "values_order", "per_page": "values_per_page"},
        problems=_OF_ARTICLE,
    ),
    "issues.issues": _Operation("Issues", ISSUE_PARAMETERS, problems=(400, 404, 503)),
    "writing.put": _Operation(
        "Written",
        body="ArticleRecord",
        problems=(400, 413, 415, 503),
        done=(200, 201),
        links=_WRITTEN,
    ),
    "writing.delete": _Operation("Written", problems=_OF_ARTICLE),
    "writing.write_in_bulk": _Operation(
        "BulkAnswer", body="ArticleLines", problems=(400, 413, 415, 503), media=LINES[0]
    ),
    "writing.start_reindex": _Operation(
        "Reindex", problems=(400, 409, 503), done=(202,), links=_STARTED
    ),
    "writing.reindexes": _Operation("Reindexes", problems=(400, 503)),
    "writing.reindex": _Operation("Reindex", problems=_OF_ARTICLE),
    "writing.rollback": _Operation("Rollback", problems=(400, 409, 503)),
    "api.health": _Operation("Alive", problems=()),
    "api.ready": _Operation("Health"),
}


def make_document(app: Flask, settings: Settings) -> dict[str, Any]:
    """The document, JSON-ready."""
    spec = APISpec(
        title="searchsvc",
        version=__version__,
        openapi_version="3.1.0",
        info={"description": "Full-text search for Chinese newspaper archives."},
    )
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    search = body_schema(PARAMETERS, settings)
    spec.components.schema("Search", search)
    spec.components.schema("ArticleRecord", ARTICLE_RECORD)
    spec.components.schema("ArticleLines", ARTICLE_LINES)
    spec.components.schema("Searches", searches_schema({"$ref": "#/components/schemas/Search"}))
    for endpoint, path, method, summary in described_endpoints(app):
        operation = _operation(endpoint, path, summary, settings)
        operation |= _access(operation, scope_of(app, endpoint), settings)
        spec.path(path, operations={method: operation})
    document: dict[str, Any] = spec.to_dict()
    return document


def taken(endpoint: str | None) -> tuple[str, ...] | None:
    """The names of the parameters that an endpoint takes; None for one that is not described."""
    described = _OPERATIONS.get(endpoint or "")
    if described is None:
        return None
    return (
        described.takes if endpoint in ("api.health", "api.ready") else (*described.takes, "lang")
    )


def described_endpoints(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    """(endpoint, path, method, summary) of every route for programs."""
    for rule in app.url_map.iter_rules():
        if (
            not str(rule).startswith(("/api/", "/health", "/ready"))
            or rule.endpoint == "openapi.document"
        ):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule))
        summary = (app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()[0]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, path, method.lower(), summary


def _operation(endpoint: str, path: str, summary: str, settings: Settings) -> Schema:
    described = _OPERATIONS[endpoint]
    schemas = parameter_schemas(settings)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schemas.get(name, _NAME)}
        for name in re.findall(r"{(\w+)}", path)
    ]
    for name in taken(endpoint) or ():
        schema = dict(schemas[described.renamed.get(name, name)])
        parameter = {"name": name, "in": "query", "description": schema.pop("description")}
        if schema["type"] == "array":
            parameter |= {"style": "form", "explode": name not in ("facets", "fields")}
        parameters.append(parameter | {"schema": schema})
    operation: Schema = {
        "operationId": endpoint,
        "summary": summary,
        "parameters": parameters,
        "responses": {str(status): _answer(described) for status in described.done}
        | {
            str(status): {"description": _PROBLEMS[status]} | _PROBLEM
            for status in described.problems
        },
    }
    if described.body:
        schema = {"$ref": f"#/components/schemas/{described.body}"}
        operation["requestBody"] = {
            "required": True, "content": {described.media: {"schema": schema}},
        }  # fmt: skip
    return operation


def _access(operation: Schema, scope: str, settings: Settings) -> Schema:
    """Whether a key must be given, and what is answered to a wrong one."""
    if scope == NOTHING:
        return {}
    statuses = (401, 429) if scope == READ else (401, 403, 429)
    problems = {status: {"description": _PROBLEMS[status]} | _PROBLEM for status in statuses}
    answers = operation["responses"] | {str(status): told for status, told in problems.items()}
    security: Schema = (
        {"security": [{"key": []}]} if scope != READ or settings.require_read_key else {}
    )
    return {"responses": dict(sorted(answers.items())), **security}


def _answer(described: _Operation) -> Schema:
    if not described.answer:
        content: Schema = {"application/x-ndjson": {}, "text/csv": {}}
        headers = {"X-Total-Count": {"schema": {"type": "integer"}}}
        return {"description": "The file", "content": content, "headers": headers}
    schema = {"$ref": f"#/components/schemas/{described.answer}"}
    answer: Schema = {
        "description": "The answer",
        "content": {"application/json": {"schema": schema}},
    }
    return answer | ({"links": described.links} if described.links else {})
