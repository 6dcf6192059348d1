"""The comparison of engines: its documents, its queries, its figures, and that all engines agree."""

import json
from collections import Counter

import pytest
from benchmark.comparison import compare
from benchmark.corpus import prepare
from benchmark.documents import Documents
from benchmark.engines import TOP
from benchmark.processes import Index, Server, available
from benchmark.queries import CLASSES, MEANING, Query, make_queries
from benchmark.report import geometric_mean, percentile
from benchmark.sampling import Sample, SmallCorpusError
from benchmark.writing import KINDS, archive_batch, write

from searchsvc.analysis import compact
from searchsvc.sample import sample_path
from searchsvc.text import fold_text


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The sample archive's articles, cut into words."""
    return prepare([sample_path()], tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def documents(corpus):
    return Documents(corpus)


@pytest.fixture(scope="module")
def recombined(corpus, documents):
    return Documents(corpus, 3 * documents.articles)


def test_documents_are_the_articles_in_order(documents):
    all_of_them = list(documents)
    assert len(all_of_them) == documents.articles > 50
    assert [d.number for d in all_of_them] == list(range(documents.articles))
    assert all("".join(d.body_words) for d in all_of_them)


def test_words_of_a_document_stand_in_its_text_in_order(documents):
    document = documents[0]
    text, position = fold_text(document.body), 0
    for word in document.body_words:
        position = text.index(word, position) + len(word)


def test_fewer_documents_are_spread_over_the_corpus(corpus, documents):
    few = [d.title for d in Documents(corpus, 10)]
    every = [d.title for d in documents]
    assert few == [every[n * len(every) // 10] for n in range(10)]


def test_recombination_is_the_same_every_time(corpus, recombined):
    again = Documents(corpus, len(recombined))
    assert [recombined[n] for n in (0, 7, 150)] == [again[n] for n in (0, 7, 150)]


def test_recombined_documents_are_whole_paragraphs_of_the_corpus(documents, recombined):
    paragraphs = {p for d in documents for p in d.body.split("\n")}
    assert all(p in paragraphs for d in recombined for p in d.body.split("\n"))
    assert {d.title for d in recombined} <= {d.title for d in documents}


def test_recombined_documents_are_not_those_of_the_corpus(documents, recombined):
    bodies = {d.body for d in documents if "\n" in d.body}
    several = [d.body for d in recombined if "\n" in d.body]
    assert sum(body in bodies for body in several) < len(several) / 4


def test_recombination_keeps_lengths_and_frequent_words(documents, recombined):
    length = [sum(len(d.body_words) for d in ds) / len(ds) for ds in (documents, recombined)]
    assert length[1] == pytest.approx(length[0], rel=0.3)
    common = [Counter(w for d in ds for w in d.body_words) for ds in (documents, recombined)]
    top = [{word for word, _ in counts.most_common(20)} for counts in common]
    assert len(top[0] & top[1]) >= 15


def test_every_class_explains_itself():
    assert list(MEANING) == list(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_queries_are_the_same_every_time_and_warming_up_asks_others(documents, name):
    sample = Sample(documents)
    queries = make_queries(sample, name, 10)
    assert queries == make_queries(Sample(documents), name, 10)
    assert queries != make_queries(sample, name, 10, "warming up")


@pytest.mark.parametrize("name", CLASSES)
def test_a_query_survives_its_json(documents, name):
    for query in make_queries(Sample(documents), name, 10):
        assert Query.from_record(json.loads(json.dumps(query.to_record()))) == query


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "not"])
def test_a_query_finds_what_it_was_drawn_from(documents, name):
    for query in make_queries(Sample(documents), name, 10):
        assert count(documents, query) > 0


def test_drawn_words_are_rare_and_common(documents):
    frequency = Counter(word for d in documents for word in set(d.body_words))
    asked = [frequency[q.words[0]] for q in make_queries(Sample(documents), "term", 100)]
    assert min(asked) <= 4
    assert max(asked) >= documents.articles // 2


def test_a_corpus_without_words_in_common_is_refused(tmp_path):
    source = tmp_path / "one.jsonl"
    source.write_text('{"id": "a", "title": "报", "body": "一篇短文"}\n', encoding="utf-8")
    with pytest.raises(SmallCorpusError):
        Sample(Documents(prepare([source], tmp_path / "words")))


def test_percentiles_and_geometric_means():
    assert percentile([3.0], 95) == 3.0
    assert percentile([float(n) for n in range(101)], 95) == 95.0
    assert geometric_mean([1.0, 4.0]) == pytest.approx(2.0)


def matches(document, query):
    """Whether a document matches a query, by looking."""
    body, words = document.body_words, query.words
    there = set(body) | (set(document.title_words) if query.with_title else set())
    match query.match:
        case "all":
            found = all(word in there for word in words)
        case "any":
            found = any(word in there for word in words)
        case "prefix":
            found = any(word.startswith(words[0]) for word in body)
        case "phrase":
            runs = zip(*(body[n:] for n in range(len(words))), strict=False)
            found = words in runs
    low, high = query.days or (0, document.day)
    return found and query.without not in there and low <= document.day <= high


def count(documents, query):
    return sum(matches(document, query) for document in documents)


@pytest.mark.bench
def test_every_engine_here_answers_as_brute_force_does(corpus, recombined, tmp_path):
    """Counts, years, and the dates of the newest; and that every one of the top ten matches."""
    names = [name for name, lacking in available().items() if not lacking]
    assert {"fts5", "whoosh", "tantivy"} <= set(names)
    sample = Sample(recombined)
    everything = list(recombined)
    for name in names:
        index = Index(name, tmp_path / name, corpus, len(recombined))
        report = index.build()
        assert report["documents"] == len(recombined)
        assert report == index.build(), "an index is built once"
        with Server(index) as server:
            for kind in CLASSES:
                for query in make_queries(sample, kind, 5):
                    check(server.search(query), query, everything, f"{name} {kind}")
            assert server.memory()["resident_bytes"] > server.memory()["anonymous_bytes"] > 0


def check(answer, query, documents, what):
    found = [document for document in documents if matches(document, query)]
    assert answer["count"] == len(found), what
    assert len(answer["top"]) == min(TOP, len(found)), what
    assert set(answer["top"]) <= {document.number for document in found}, what
    if query.by_year:
        years = Counter(str(document.year) for document in found)
        assert {year: n for year, n in answer["years"].items() if n} == years, what
    if query.newest_first:
        days = sorted((document.day for document in found), reverse=True)[:TOP]
        assert [documents[n].day for n in answer["top"]] == days, what


@pytest.mark.bench
def test_a_comparison_reports_times_and_no_difference(corpus, documents, tmp_path):
    server = Index("fts5", tmp_path / "fts5", corpus, len(documents))
    server.build()
    with Server(server) as one, Server(server, cold=True) as other:
        results = compare({"one": one, "other": other}, documents, ["or3"], 4, print)
    result = results["or3"]
    assert result.differing == {"one": 0, "other": 0}
    assert result.shared == {"one": 1.0, "other": 1.0}
    assert result.hits == [count(documents, query) for query in result.queries]
    assert all(time > 0 for times in result.ms.values() for time in times)


def test_pairs_cover_every_character_but_line_ends(documents):
    document = documents[0]
    pairs = dict(archive_batch([document]).columns)["body_pairs"]
    text = compact(fold_text(document.body)) + "\n"
    assert "".join(map(chr, pairs.characters.tolist())) == text
    assert [n for n, char in enumerate(text) if char != "\n"] == pairs.positions.tolist()
    assert pairs.lengths[0] < len(pairs.positions)


@pytest.mark.parametrize("kind", KINDS)
def test_writing_is_measured(corpus, documents, tmp_path, kind):
    report = write(kind, corpus, len(documents), tmp_path)
    assert report["documents"] == len(documents)
    assert report["text_bytes"] == sum(len((d.title + d.body).encode()) for d in documents)
    assert report["size_bytes"] == sum(p.stat().st_size for p in tmp_path.iterdir())
    assert report["seconds"] > 0
