"""A quoted phrase finds exactly what a scan of the folded texts finds, in either script."""

from itertools import islice

from check_phrases import Scan, build, differences, substrings

from searchsvc.articles import Article
from searchsvc.sample import sample_path
from searchsvc.sources import find_sources, read_source


def articles_of(path, count):
    items = (i for file in find_sources([path]) for i in read_source(file, int))
    return list(islice((i for i in items if isinstance(i, Article)), count))


def test_substrings_of_the_sample_archive(tmp_path):
    articles = articles_of(sample_path(), None)
    engine, texts = build(articles, tmp_path)
    assert differences(engine, Scan(texts), substrings(articles, 400)) == []
    engine.close()


def test_substrings_of_the_news_corpus(shared, tmp_path):
    articles = articles_of(shared / "news/xwlb_2012_2026.jsonl.xz", 1_000)
    engine, texts = build(articles, tmp_path)
    assert differences(engine, Scan(texts), substrings(articles, 150)) == []
    engine.close()


def test_a_difference_would_be_told(tmp_path):
    articles = articles_of(sample_path(), 20)
    engine, texts = build(articles, tmp_path)
    texts[articles[0].id] = ""
    assert differences(engine, Scan(texts), [articles[0].title]) != []
    engine.close()
