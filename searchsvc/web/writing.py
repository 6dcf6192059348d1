"""The write side of the API: articles put and deleted, alone and in bulk; reindexes started and watched.

All of it takes a key (``access``) and is off without one.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request, url_for
from werkzeug.exceptions import UnsupportedMediaType

from searchsvc import messages
from searchsvc.bulk import article_of, write_lines
from searchsvc.errors import CallerError, ConflictError, NotFoundError, OperatorError
from searchsvc.jobs import Job, Jobs
from searchsvc.settings import Settings
from searchsvc.web.access import ADMIN, WRITE, needs
from searchsvc.web.context import language, service, settings
from searchsvc.writing import Change, Writing

blueprint = Blueprint("writing", __name__)

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
"""Media types of JSON Lines."""


def register(app: Flask, settings: Settings) -> None:
    """Gives the app what it writes with."""
    app.extensions["searchsvc.writing"] = Writing(settings)
    app.extensions["searchsvc.jobs"] = Jobs(settings.index_dir)


@blueprint.put("/api/articles/<path:article_id>")
@needs(WRITE)
def put(article_id: str) -> tuple[Response, int]:
    """Adds an article, or replaces the one of this id; searches find it at once."""
    request.max_content_length = settings().max_article_bytes
    fields = request.get_json()
    if not isinstance(fields, dict):
        raise CallerError("request.not_object", parameter="body", found=type(fields).__name__)
    article = article_of(fields, settings(), article_id)
    result = _writing().apply([Change(article_id, article)])[0]
    answer = jsonify(_written(article_id, result))
    if result == "updated":
        return answer, 200
    answer.headers["Location"] = url_for("api.article", article_id=article_id)
    return answer, 201


@blueprint.delete("/api/articles/<path:article_id>")
@needs(WRITE)
def delete(article_id: str) -> Response:
    """Deletes an article."""
    result = _writing().apply([Change(article_id, None)])[0]
    if result == "missing":
        raise NotFoundError("article.not_found", id=article_id)
    return jsonify(_written(article_id, result))


@blueprint.post("/api/articles")
@needs(WRITE)
def write_in_bulk() -> Response:
    """Puts and deletes articles, a line each, all at once; a wrong line is told in its place."""
    request.max_content_length = settings().max_bulk_bytes
    if request.mimetype not in LINES:
        raise UnsupportedMediaType
    answer = write_lines(_writing(), request.get_data(), settings(), language())
    return jsonify(answer | {"index_version": service().index_version})


@blueprint.post("/api/reindex")
@needs(WRITE)
def start_reindex() -> tuple[Response, int]:
    """Starts building the index anew from the paths of its last reindex; it goes on by itself."""
    job = _jobs().start(settings())
    answer = jsonify(_told(job))
    answer.headers["Location"] = url_for("writing.reindex", job_id=job.id)
    return answer, 202


@blueprint.get("/api/reindex")
@needs(WRITE)
def reindexes() -> Response:
    """The last reindexes that were started here, the newest first."""
    return jsonify({"jobs": [_told(job) for job in _jobs().all()]})


@blueprint.get("/api/reindex/<job_id>")
@needs(WRITE)
def reindex(job_id: str) -> Response:
    """How a reindex goes."""
    return jsonify(_told(_jobs().get(job_id)))


@blueprint.post("/api/rollback")
@needs(ADMIN)
def rollback() -> Response:
    """Goes back to the index before the last reindex; a second rollback undoes the first."""
    try:
        generation = _writing().rollback()
    except OperatorError as error:
        if error.code != "index.no_previous":
            raise
        raise ConflictError(error.code, **error.params) from error
    return jsonify({"generation": generation, "index_version": service().index_version})


def _writing() -> Writing:
    found: Writing = current_app.extensions["searchsvc.writing"]
    return found


def _jobs() -> Jobs:
    found: Jobs = current_app.extensions["searchsvc.jobs"]
    return found


def _written(article_id: str, result: str) -> dict[str, Any]:
    return {"id": article_id, "result": result, "index_version": service().index_version}


def _told(job: Job) -> dict[str, Any]:
    """A job, JSON-ready, with texts in the reader's language."""
    return asdict(job) | {
        "reject_list": [
            {"path": reject["path"], "line": reject["line"], **_explained(reject)}
            for reject in job.reject_list
        ],
        "error": _explained(job.error) if job.error else None,
    }


def _explained(told: dict[str, Any]) -> dict[str, str]:
    code: str = told["code"]
    detail = messages.text(f"errors.{code}", language(), **told["params"])
    return {"code": code, "detail": detail}
