"""Both engines answer the same random searches alike; scripts/compare-engines does it at length."""

import json
import lzma
from statistics import mean

import pytest
from comparison.asking import Asker
from comparison.differences import compare

from searchsvc.articles import Article
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine


@pytest.mark.opensearch
def test_random_searches_find_the_same(cluster_indices, tmp_path, analyzer, shared):
    with lzma.open(shared / "news/xwlb_2012_2026.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for _, line in zip(range(1_200), lines, strict=False)]
    articles = [
        Article.from_record(
            {"id": r["id"], "title": r["title"], "body": r["text"], "date": r["date"][:10],
             "tags": list(filter(None, str(r["tags"]).split(",")))}
        )
        for r in rows[::2]
    ]  # fmt: skip
    writer = create_writer(tmp_path)
    writer.add(DocumentMaker()(articles))
    writer.commit()
    first, second = open_engine(tmp_path, analyzer), cluster_indices(articles)
    asker = Asker(articles, 20261128)
    outcomes = [compare(first, second, asker.asked()) for _ in range(150)]
    assert [one.asked for one in outcomes if not one.is_same] == []
    assert mean(one.overlap for one in outcomes) >= 0.9
    first.close()
