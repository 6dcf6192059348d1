"""Reprints: near-duplicates are clustered, unlike texts are not; folding keeps the first among the hits."""

import json
import random
from itertools import combinations

import numpy as np
import pytest
from conftest import Quiet, day
from hypothesis import given
from hypothesis import strategies as st

from searchsvc import indexer
from searchsvc.reprints import cluster_labels, signatures
from searchsvc.reprints.signatures import BINS, similarity
from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.text import fold_text

CHARACTERS = [c for c in map(chr, range(0x4E00, 0x4E00 + 800)) if fold_text(c) == c]


def text(seed, length=300):
    return "".join(random.Random(seed).choices(CHARACTERS, k=length))


def rows(*texts):
    return np.concatenate([signatures([text]) for text in texts])


def jaccard(first, second):
    one, other = ({t[i : i + 5] for i in range(len(t) - 4)} for t in (first, second))
    return len(one & other) / len(one | other)


def varied(original, changes, seed):
    chance = random.Random(seed)
    characters = list(original)
    for _ in range(changes):
        characters[chance.randrange(len(characters))] = chance.choice(CHARACTERS)
    return "".join(characters)


def test_signatures_agree_as_much_as_the_texts_share():
    errors = []
    for seed in range(60):
        one = text(seed, 400)
        other = varied(one, seed, seed)
        (estimate,) = similarity(rows(one), rows(other))
        errors.append(estimate - jaccard(one, other))
    assert abs(np.mean(errors)) < 0.03
    assert np.max(np.abs(errors)) < 0.25


def test_a_signature_is_of_the_characters_alone_and_the_same_everywhere():
    punctuated = "，".join(text(1)[n : n + 9] for n in range(0, 300, 9))
    assert np.array_equal(rows(text(1)), rows(fold_text(punctuated)))
    assert np.array_equal(rows("质量强市" * 20), rows("质量 强市。" * 20))
    assert not rows(text(1, 39)).any()
    assert not rows("").any()


@given(st.lists(st.text(alphabet="质量强市，ab1 \n", max_size=90), max_size=9))
def test_many_texts_are_signed_as_each_is_alone(texts):
    texts += [text(seed, length) for seed, length in enumerate((0, 39, 40, 41, 700))]
    assert np.array_equal(signatures(texts), rows(*texts))
    shuffled = texts[::-1] * 20
    assert np.array_equal(signatures(shuffled), rows(*shuffled))


def test_clusters_are_those_of_comparing_every_pair():
    texts = [text(seed) for seed in range(40)]
    texts += [varied(texts[n % 10], n % 12, n) for n in range(60)]
    labels = cluster_labels(rows(*texts))
    for first, second in combinations(range(len(texts)), 2):
        share = jaccard(texts[first], texts[second])
        together = labels[first] and labels[first] == labels[second]
        if share > 0.85:
            assert together
        if share < 0.3:
            assert not together or any(
                jaccard(texts[first], t) > 0.5 and jaccard(texts[second], t) > 0.5 for t in texts
            )
    assert not labels[10:40].any()


def test_texts_without_signature_never_cluster():
    assert not cluster_labels(rows("短", "短", "短")).any()
    assert cluster_labels(np.empty((0, BINS), np.uint8)).size == 0


@pytest.fixture
def archive(tmp_path):
    """Builds an index of (id, body, newspaper, date) and opens a service."""
    settings = Settings(index_dir=tmp_path / "index")
    services = []

    def write(name, *records):
        path = tmp_path / name
        keys = ("id", "body", "newspaper", "date")
        lines = [json.dumps({"title": "标题", **dict(zip(keys, r, strict=True))}) for r in records]
        path.write_text("\n".join(lines))
        return path

    def build(*records):
        indexer.reindex(settings, [write("a.jsonl", *records)], Quiet())
        services.append(open_service(settings))
        return services[-1]

    build.add = lambda *records: indexer.add(settings, [write("b.jsonl", *records)], Quiet())
    build.delete = lambda *ids: indexer.delete(settings, ids)
    yield build
    for service in services:
        service.close()


WIRE = "新华社北京电 " + text(7)
RECORDS = (
    ("late", varied(WIRE, 3, 1), "临江日报", "2020-05-08"),
    ("first", WIRE, "人民日报", "2020-05-06"),
    ("other", text(8) + "新华社北京电", "临江日报", "2020-05-07"),
    ("local", varied(WIRE, 2, 2), "青禾晚报", "2020-05-07"),
)


def search(service, **given):
    page = service.search(SearchRequest(query="新华社北京电", facets=("newspaper",), **given))
    return page, sorted(hit.article.id for hit in page.hits)


def test_folding_shows_each_text_once_and_counts_it_once(archive):
    service = archive(*RECORDS)
    page, ids = search(service)
    assert (page.total, ids) == (4, ["first", "late", "local", "other"])
    page, ids = search(service, fold="reprints")
    assert (page.total, ids) == (2, ["first", "other"])
    assert {v.value: v.count for v in page.facets["newspaper"]} == {"人民日报": 1, "临江日报": 1}
    assert [notice.code for notice in page.notices] == ["folded"]


def test_folding_keeps_the_earliest_of_what_the_search_finds(archive):
    service = archive(*RECORDS)
    page, ids = search(service, fold="reprints", date_from=day("2020-05-07"))
    assert (page.total, ids) == (2, ["local", "other"])
    _, ids = search(service, fold="reprints", filters={"newspaper": ("临江日报",)})
    assert ids == ["late", "other"]
    for sort in ("newest", "oldest"):
        assert search(service, fold="reprints", sort=sort)[1] == ["first", "other"]


def test_a_hit_tells_its_cluster_and_first_appearance(archive):
    service = archive(*RECORDS)
    told = {
        h.article.id: h.reprints and (h.reprints.count, h.reprints.first.id)
        for h in search(service)[0].hits
    }
    assert told == {
        "late": (3, "first"),
        "first": (3, "first"),
        "local": (3, "first"),
        "other": None,
    }
    assert [a.id for a in service.reprints("late")] == ["first", "local", "late"]
    assert service.reprints("other") == ()
    shape = search(service, sort="oldest")[0].to_json(lambda notice: notice.code)["hits"][0]
    assert shape["reprints"] == {
        "count": 3,
        "first": {"id": "first", "newspaper": "人民日报", "date": "2020-05-06"},
    }


def test_added_and_deleted_articles_change_the_clusters(archive):
    service = archive(*RECORDS[:1], RECORDS[2])
    assert search(service, fold="reprints")[0].total == 2
    archive.add(RECORDS[1], RECORDS[3])
    assert search(service, fold="reprints")[1] == ["first", "other"]
    archive.delete("first")
    assert search(service, fold="reprints")[1] == ["local", "other"]
    assert [a.id for a in service.reprints("late")] == ["local", "late"]
    archive.delete("local")
    assert service.reprints("late") == ()
    assert search(service, fold="reprints")[1] == ["late", "other"]


def test_ads_and_short_texts_are_no_reprints(archive):
    service = archive(
        ("a", "新华社北京电" * 3, "甲报", "2020-05-06"),
        ("b", "新华社北京电" * 3, "乙报", "2020-05-07"),
    )
    assert search(service, fold="reprints")[0].total == 2


def test_reprints_are_not_similar_articles(archive):
    service = archive(*RECORDS)
    assert {s.article.id for s in service.similar("first", 10)} <= {"other"}
