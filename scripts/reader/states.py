"""The states of every page that pictures and checks of accessibility go through.

A state is a name and an address below the server's. Three archives have different ones: the sample,
one of extremes (``reader.extremes``), and the news corpus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode
from urllib.request import urlopen


def sample_states(address: str) -> dict[str, str]:
    """Every page over the sample archive, by name."""
    found = _article(address, "古桥 修缮")
    day = {"newspaper": "澜江日报", "date": "2018-07-31"}
    return {
        "start": "/",
        "results": _search(q="古桥"),
        "results-narrowed": _search(
            q="古桥", filter=["newspaper:澜江日报", "year:2023"], date_from="2018", sort="newest"
        ),
        "results-notices": _search(q="臺灣 2018年7月", fold="reprints"),
        "results-relaxed": _search(q="石桥渡古桥的修缮什么时候开工？"),
        "results-everything": _search(filter="kind:ad"),
        "nothing": _search(q="龘龘龘", filter="newspaper:澜江日报"),
        "past-the-end": _search(q="古桥", page="90"),
        "error-query": _search(q="古桥 “修缮"),
        "error-parameter": _search(q="古桥", sort="upwards"),
        "not-found": "/articles/none",
        "article": f"/articles/{quote(found)}?{urlencode({'q': '古桥 修缮'})}",
        "advanced": "/advanced",
        "newspapers": "/issues",
        "calendar": f"/issues?{urlencode({'newspaper': day['newspaper']})}",
        "issue": f"/issues?{urlencode(day)}",
        "people": "/people",
        "person": f"/people?{urlencode({'name': '杜若'})}",
        "no-person": f"/people?{urlencode({'name': '无此人'})}",
        "values": f"/facets/person?{urlencode({'q': '古桥', 'order': 'value'})}",
        "trends-empty": "/trends",
        "trends": f"/trends?{urlencode([('q', '古桥'), ('q', '大桥'), ('q', '大米')])}",
        "concordance-empty": "/concordance",
        "concordance": f"/concordance?{urlencode({'q': '古桥', 'order': 'left'})}",
        "docs": "/docs",
    }


def extreme_states(address: str) -> dict[str, str]:
    """The pages that have most to bear, over the archive of extremes."""
    return {
        "long": _search(q="长"),
        "long-query": _search(q="很长的检索词" * 60),
        "long-article": "/articles/long?q=" + quote("长"),
        "many-values": _search(q="名单"),
        "crowd": "/articles/crowd",
        "many-people": "/people?page=3",
        "all-values": "/facets/person?" + urlencode({"q": "名单", "page": 2}),
        "long-error": _search(q="“" + "没有引号结尾" * 50),
    }


def news_states(address: str) -> dict[str, str]:
    """Pages over the news corpus."""
    found = _article(address, "一带一路")
    return {
        "news-results": _search(q="“一带一路” 合作"),
        "news-rare": _search(q="雾霾", filter="year:2013"),
        "news-article": f"/articles/{quote(found)}?{urlencode({'q': '一带一路'})}",
        "news-trends": "/trends?"
        + urlencode([("q", "一带一路"), ("q", "雾霾"), ("q", "放管服"), ("scale", "relative")]),
        "news-concordance": f"/concordance?{urlencode({'q': '“高质量发展”', 'order': 'right'})}",
    }


def _search(**given: str | list[str]) -> str:
    return f"/?{urlencode(given, doseq=True)}"


def _article(address: str, query: str) -> str:
    """The id of the first article that a query finds."""
    # The server is our own.
    with urlopen(f"{address}/api/search?{urlencode({'q': query, 'per_page': 1})}") as answer:  # nosec B310
        found: Mapping[str, list[Mapping[str, str]]] = json.load(answer)
    return found["hits"][0]["id"]
