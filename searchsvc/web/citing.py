"""Articles for those who cite them: references in several styles, and the article as linked data."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from searchsvc.articles import Article
from searchsvc.errors import NotFoundError
from searchsvc.references import STYLES
from searchsvc.web.context import service

blueprint = Blueprint("citing", __name__)

FILES = {
    "bibtex": ("application/x-bibtex", "bib"),
    "ris": ("application/x-research-info-systems", "ris"),
}
"""The styles that reference managers read as files, with media type and file-name ending."""


@blueprint.get("/api/references/<path:article_id>")
def references(article_id: str) -> Response:
    """An article's references in every style."""
    found = service()
    made = references_of(found.article(article_id))
    return jsonify({"references": made, "index_version": found.index_version})


@blueprint.get("/references/<style>/<path:article_id>")
def reference(style: str, article_id: str) -> Response:
    """One reference as a file or a text."""
    if style not in STYLES:
        raise NotFoundError("reference.style", style=style, known=", ".join(STYLES))
    text = STYLES[style](service().article(article_id), date.today())
    kind, ending = FILES.get(style, ("text/plain", "txt"))
    answer = Response(text.rstrip() + "\n", content_type=f"{kind}; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"reference.{ending}")
    return answer


def references_of(article: Article) -> dict[str, str]:
    """An article's references by style, accessed today."""
    today = date.today()
    return {style: make(article, today).strip() for style, make in STYLES.items()}


def linked_data(article: Article) -> dict[str, Any]:
    """The article as a NewsArticle of schema.org, JSON-ready; what is unknown is left out."""
    known = {
        "headline": article.title,
        "alternativeHeadline": article.subtitle,
        "datePublished": article.date.isoformat() if article.date else "",
        "author": [{"@type": "Person", "name": person.name} for person in article.people],
        "isPartOf": {"@type": "Newspaper", "name": article.newspaper} if article.newspaper else {},
        "printPage": article.page,
        "printSection": article.section,
        "dateline": article.place,
        "articleBody": "\n".join(paragraph.text for paragraph in article.body),
    }
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "inLanguage": "zh",
        "url": article.url or url_for("pages.article", article_id=article.id, _external=True),
        **{name: value for name, value in known.items() if value},
    }
