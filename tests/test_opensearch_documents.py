"""What is sent to OpenSearch: tokens of our analysis at their places, weighted frequencies, values."""

import base64
import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import record
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import bigram_terms, pair_columns
from searchsvc.articles import Article
from searchsvc.engines.opensearch.documents import (
    DocumentMaker,
    encoded,
    pair_tokens,
    weights,
)
from searchsvc.engines.opensearch.layout import (
    ALL,
    ANALYSES,
    EVERY,
    GAP,
    HEADING,
    SCALE,
    SCOPES,
    SEPARATOR,
    TIMES,
    Lengths,
    index_body,
    ranking_field,
)
from searchsvc.engines.records import folded_pieces
from searchsvc.ranking import LEAD, LEAD_CHARS
from searchsvc.reprints import signatures
from searchsvc.schema import TEXT_FIELD, TEXT_FIELDS
from searchsvc.text import fold_text

MAKE = DocumentMaker()
SIZES = SimpleNamespace(opensearch_shards=3, opensearch_replicas=1)
TEXTS = st.text("马克思主义质量链 臺灣ＡＢab12“”，。\n𠮷", max_size=30)
ARTICLE = Article.from_record(
    record(1, "聊城质量强市建设迈出坚实步伐。\n质量链启动仪式举行。" * 12, title="质量强市 ２０２４",
           kicker="质量为先", newspaper="聊城新聞", date="2018-07-31", tags=["会议", "质量"])
)  # fmt: skip


def frequencies(text):
    """The terms of a ranking field as it is sent, with their frequencies."""
    pairs = [token.rsplit(TIMES, 1) for token in text.split(SEPARATOR)]
    assert len({term for term, _ in pairs}) == len(pairs)
    return {term: int(frequency) for term, frequency in pairs}


def unordered(source):
    """A document with its ranking fields as frequencies."""
    ranking = {ranking_field(scope, analysis) for scope in SCOPES for analysis in ANALYSES}
    return {k: frequencies(v) if k in ranking else v for k, v in source.items()}


def counts(article, field, analysis):
    """How often each term stands in a field."""
    pieces = TEXT_FIELD["body" if field == LEAD else field].pieces(article)
    folded = folded_pieces(pieces)
    if analysis == "bigrams":
        return Counter(bigram_terms(folded[:LEAD_CHARS] if field == LEAD else folded))
    tokens = MAKE.analyzer.word_tokens(folded)
    return Counter(t.term for t in tokens if field != LEAD or t.end_char <= LEAD_CHARS)


@given(text=TEXTS)
def test_every_character_has_a_pair_at_its_place(text):
    folded = fold_text(text)
    columns = pair_columns([folded])
    characters = "".join(map(chr, columns.characters.tolist()))
    expected = {p: characters[p : p + 2].rstrip("\n") for p in columns.positions.tolist()}
    tokens = pair_tokens(folded).split(SEPARATOR)
    assert {p: token for p, token in enumerate(tokens) if token and token != GAP} == expected


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_frequency_is_that_of_the_formula(scope, analysis):
    means = Lengths().of(analysis)
    wanted = Counter()
    for part in SCOPES[scope]:
        found = counts(ARTICLE, part.field, analysis)
        length = found.total()
        for term, times in found.items():
            wanted[term] += times * weights(part, length, means.get(part.field, 1.0))
    (source,) = MAKE([ARTICLE]).sources
    sent = frequencies(source[ranking_field(scope, analysis)])
    assert sent.pop(EVERY) == 1
    assert sent == {
        term: max(1, int(np.rint(weighted * SCALE))) for term, weighted in wanted.items()
    }


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_articles_made_together_are_those_made_alone(texts):
    articles = [
        Article.from_record({"id": str(n), "title": title + "题", "body": body})
        for n, (title, body) in enumerate(texts)
    ]
    together = MAKE(articles)
    assert list(map(unordered, together.sources)) == [
        unordered(MAKE([article]).sources[0]) for article in articles
    ]
    for field, words in zip(TEXT_FIELDS, together.words(), strict=True):
        expected = Counter(w for a in articles for w in counts(a, field.name, "words"))
        assert words == expected


def test_values_dates_and_signatures_are_sent():
    (source,) = MAKE([ARTICLE]).sources
    assert source["newspaper"] == ["聊城新聞"] and source["newspaper_folded"] == ["聊城新闻"]
    assert source["tag"] == ["会议", "质量"] and "tag_folded" not in source
    assert (source["id"], source["date"], source["year"]) == (["a1"], "2018-07-31", ["2018"])
    body = folded_pieces(TEXT_FIELD["body"].pieces(ARTICLE))
    assert base64.b64decode(source["signature"]) == signatures([body])[0].tobytes()
    assert Article.from_record(source["record"]) == ARTICLE
    assert json.loads(encoded(source)) == source


def test_a_notice_has_no_signature():
    notice = Article.from_record(record(2, "招领启事" * 30, kind="notice"))
    assert "signature" not in MAKE([notice]).sources[0]


def test_every_field_that_is_sent_is_mapped():
    mapping = index_body(SIZES)["mappings"]["properties"]
    assert set(MAKE([ARTICLE]).sources[0]) <= set(mapping)
    assert {ranking_field(ALL, "words"), ranking_field(HEADING, "bigrams")} <= set(mapping)
