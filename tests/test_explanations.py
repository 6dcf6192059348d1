"""Explanations of random queries sum to the scores, by term and by field."""

from check_explanations import checked
from check_phrases import build

from searchsvc.articles import Article
from searchsvc.sample import sample_path
from searchsvc.sources import find_sources, read_source


def test_explanations_of_the_sample_archive_sum_to_the_scores(tmp_path):
    items = (i for file in find_sources([sample_path()]) for i in read_source(file, int))
    articles = [item for item in items if isinstance(item, Article)]
    engine, _ = build(articles, tmp_path)
    assert checked(engine, articles, 150) == []
    engine.close()
