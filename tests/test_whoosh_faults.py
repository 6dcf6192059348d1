"""What plain Whoosh with jieba's own analyzer gets wrong, each shown beside what we answer."""

import pytest
from conftest import record
from jieba.analyse import ChineseAnalyzer
from whoosh import fields, index, qparser

from searchsvc.engines.contract import Search
from searchsvc.highlight import find_matches, needles_of
from searchsvc.query import parse_query

TEXTS = [
    "我爱北京天安门，天安门上太阳升。",
    "游客在天安门广场合影留念。",
    "南京市长江大桥今日通车。",
    "学校组织学习马克思主义基本原理。",
    "ＡＢＣ公司发布２０２４年年报。",
    "臺灣同胞回鄉祭祖。",
]


@pytest.fixture
def ours(build_engine):
    engine = build_engine(*(record(n, text) for n, text in enumerate(TEXTS)))

    def search(query):
        return {h.article.id for h in engine.search(Search(tree=parse_query(query))).hits}

    return search


@pytest.fixture
def plain(tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    made = index.create_in(
        str(folder), fields.Schema(body=fields.TEXT(ChineseAnalyzer(), stored=True))
    )
    writer = made.writer()
    for text in TEXTS:
        writer.add_document(body=text)
    writer.commit()
    searcher = made.searcher()

    def search(query):
        parsed = qparser.QueryParser("body", made.schema).parse(query)
        return {f"a{hit.docnum}" for hit in searcher.search(parsed)}

    yield search
    searcher.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"北京天安门"', {"a0"}),
        ('"天安门广场"', {"a1"}),
        ('"南京市长江大桥"', {"a2"}),
        ('"市长江"', {"a2"}),
        ("马", {"a3"}),
        ("马克思", {"a3"}),
        ("ABC", {"a4"}),
        ("2024", {"a4"}),
        ("ａｂｃ　２０２４", {"a4"}),
        ("台湾", {"a5"}),
        ("臺灣", {"a5"}),
        ("回乡", {"a5"}),
    ],
)
def test_what_stands_in_the_text_is_found(ours, query, found):
    assert ours(query) == found


@pytest.mark.parametrize(
    "query", ['"北京天安门"', '"天安门广场"', '"南京市长江大桥"', "马", "台湾", "2024"]
)
def test_plain_whoosh_with_jieba_misses_it(plain, query):
    assert plain(query) == set()


def test_a_phrase_is_one_mark_in_the_original_text(analyzer, build_engine):
    engine = build_engine(record(0, "他来到臺灣 同胞中間。"))
    article = engine.article("a0")
    matches = find_matches(article, needles_of(parse_query('"台湾同胞"'), analyzer))
    assert [article.body[0].text[m.start : m.end] for m in matches] == ["臺灣 同胞"]


def test_a_long_text_without_spaces_is_cheap_to_parse():
    parse_query("聊城质量强市建设迈出坚实步伐" * 70)
