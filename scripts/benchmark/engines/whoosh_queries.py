"""Queries in Whoosh's terms: for vanilla Whoosh and for ours, which are asked in the same way."""

from __future__ import annotations

from typing import Any

from whoosh import query, sorting

from benchmark.engines import TITLE_WEIGHT, TOP, Answer
from benchmark.queries import Query


def search(searcher: Any, asked: Query) -> Answer:
    """Asks a searcher over the fields ``title``, ``body``, ``day`` and ``year``."""
    options: dict[str, Any] = {}
    if asked.days:
        options["filter"] = query.NumericRange("day", *asked.days)
    if asked.by_year:
        options |= {"groupedby": "year", "maptype": sorting.Count}
    if asked.newest_first:
        options["sortedby"] = sorting.FieldFacet("day", reverse=True)
    results = searcher.search(tree(asked), limit=TOP, **options)
    top = [number for number, _ in results.items()][:TOP]  # with groups, Whoosh gives all hits
    years = results.groups("year") if asked.by_year else {}
    return Answer(len(results), top, {int(year): count for year, count in years.items()})


def tree(asked: Query) -> query.Query:
    """The query without its date range, which Whoosh would score; it is a filter."""
    if asked.match == "phrase":
        main = query.Phrase("body", list(asked.words))
    elif asked.match == "prefix":
        main = query.Prefix("body", asked.words[0])
    elif len(asked.words) == 1:
        main = _word(asked, asked.words[0])
    else:
        joined = query.And if asked.match == "all" else query.Or
        main = joined([_word(asked, word) for word in asked.words])
    if asked.without:  # AndNot of Whoosh 2.7.4 lets some documents pass
        return query.And([main, query.Not(query.Term("body", asked.without))])
    return main


def _word(asked: Query, word: str) -> query.Query:
    body = query.Term("body", word)
    if not asked.with_title:
        return body
    return query.Or([query.Term("title", word, boost=TITLE_WEIGHT), body])
