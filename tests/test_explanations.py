"""Explanations of random queries sum to the scores, by term and by field."""

from check_explanations import checked
from check_phrases import build

from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.evaluation import ArraySearcher
from searchsvc.query import parse_query
from searchsvc.sample import sample_path
from searchsvc.sources import find_sources, read_source


def test_explanations_of_the_sample_archive_sum_to_the_scores(tmp_path):
    items = (i for file in find_sources([sample_path()]) for i in read_source(file, int))
    articles = [item for item in items if isinstance(item, Article)]
    engine, _ = build(articles, tmp_path)
    assert checked(engine, articles, 150) == []
    engine.close()


def test_what_a_long_question_counts_is_not_searched_for_word_by_word(tmp_path, monkeypatch):
    article = Article(id="a", title="老街通水", body=())
    engine, _ = build([article], tmp_path)
    tree = parse_query(" OR ".join(["老街", *(f"没有{n}" for n in range(60))]))
    score = engine.search(Search(tree=tree)).hits[0].score
    original, asked = ArraySearcher.search, []
    monkeypatch.setattr(
        ArraySearcher, "search", lambda *a, **b: asked.append(a) or original(*a, **b)
    )
    explained = engine.explain(tree, "a")
    assert {term["term"] for term in explained["terms"]} == {"老街"}
    assert abs(explained["score"] - score) < 1e-6
    assert len(asked) == 3  # the whole, and which of 老街 and 没有 the article has
    engine.close()
