"""The engine contract: every node kind against brute force, filters, facets, sort, changes."""

import json
import lzma
import random
import threading
from dataclasses import replace
from math import log

import pytest
from conftest import day, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.analysis import compact
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.equivalents import Equivalents
from searchsvc.errors import CallerError
from searchsvc.facets import facet_values
from searchsvc.query import parse_query
from searchsvc.query.tree import Not, as_literal, relaxed
from searchsvc.text import fold_text

RECORDS = [
    record(0, "聊城质量强市建设迈出坚实步伐。\n质量链启动仪式举行。", date="2018-07-31",
           newspaper="聊城新闻", people=[{"name": "李梦高", "role": "reporter"}]),
    record(1, "山东首个360极限飞球项目落户聊城，质量过硬。", date="2018-07-30",
           newspaper="聊城新闻",
           people=[{"name": "肖会", "role": "reporter"},
                   {"name": "胡海涛", "role": "correspondent"}]),
    record(2, "农担公司担保小微企业信贷，“经营快贷”仅用一分钟。", date="2019-01-02",
           newspaper="临江日报", section="经济"),
    record(3, "农 行 安 家 贷", kind="ad", newspaper="聊城新闻"),
    record(4, "儒商大会筹备。", title="聊城积极迎接儒商大会", kicker="质量为先",
           people=[{"name": "肖会", "role": "reporter"}], date="2018-07-30", tags=["会议"]),
]  # fmt: skip


@pytest.fixture(params=["whoosh", pytest.param("opensearch", marks=pytest.mark.opensearch)])
def engine_kind(request):
    return request.param


@pytest.fixture
def engine(build_engine):
    return build_engine(*RECORDS)


def ids(engine, query, **search):
    return ids_of(engine, parse_query(query), **search)


def ids_of(engine, tree, **search):
    return [h.article.id for h in engine.search(Search(tree=tree, **search)).hits]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("*", {"a0", "a1", "a2", "a3", "a4"}),
        ("质量", {"a0", "a1", "a4"}),
        ("质量链", {"a0"}),
        ("聊城 质量", {"a0", "a1", "a4"}),
        ("聊城 -质量链", {"a1", "a4"}),
        ("NOT 聊城", {"a2", "a3"}),
        ("质量链 OR 儒商", {"a0", "a4"}),
        ("(质量链 OR 儒商) 步伐", {"a0"}),
        ('"经营快贷"', {"a2"}),
        ('"经营 快贷"', {"a2"}),
        ('"，“经营"', {"a2"}),
        ('"农行"', {"a3"}),
        ('"。质量链"', set()),
        ('"聊城 质量"~0', {"a0"}),
        ('"聊城 质量"~1', {"a0", "a1"}),
        ('"质量 聊城"~1', {"a0", "a1"}),
        ('"质量 步伐"~1', set()),
        ('"质量 步伐"~8', {"a0"}),
        ("题", set()),
        ("标题:聊城", {"a4"}),
        ("引题:质量", {"a4"}),
        ("正文:积极迎接", set()),
        ("人物:肖会", {"a1", "a4"}),
        ("记者:肖会 -儒商", {"a1"}),
        ("通讯员:胡*", {"a1"}),
        ("通讯员:肖会", set()),
        ("报纸:临江", {"a2"}),
        ("类型:广告", {"a3"}),
        ("标签:会议", {"a4"}),
        ("编号:a2", {"a2"}),
        ("date:2018", {"a0", "a1", "a4"}),
        ("date:[2018-07-31 TO 2019]", {"a0", "a2"}),
        ("date:{2018-07-30 TO *]", {"a0", "a2"}),
        ("质量*市", {"a0"}),
        ("极限?球", {"a1"}),
        ("36*", {"a1"}),
        ("60*", set()),
        ("農擔公司", {"a2"}),
        ("360", {"a1"}),
        ("不存在的词", set()),
        ("…", set()),
    ],
)
def test_query_finds(engine, query, found):
    assert set(ids(engine, query)) == found
    assert engine.ids(parse_query(query)) == sorted(found)


def test_the_better_match_comes_first(engine):
    assert ids(engine, "儒商大会")[0] == "a4"
    assert ids(engine, "质量链")[0] == "a0"


def test_a_boost_moves_its_term_up(engine):
    assert ids(engine, "快贷^50 OR 儒商")[0] == "a2"
    assert ids(engine, "快贷 OR 儒商^50")[0] == "a4"


def test_sort_by_date_puts_undated_last(engine):
    assert ids(engine, "*", sort="newest") == ["a2", "a0", "a1", "a4", "a3"]
    assert ids(engine, "*", sort="oldest") == ["a1", "a4", "a0", "a2", "a3"]


def test_paging_cuts_one_order(engine):
    whole = ids(engine, "*")
    assert [*ids(engine, "*", limit=2), *ids(engine, "*", offset=2, limit=9)] == whole


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("fold", [False, True])
def test_places_go_through_all_hits_once(build_engine, sort, fold):
    engine = build_engine(*PRINTED, *(record(n, "质量。", date="2020-05-09") for n in range(5, 20)))
    search = Search(tree=parse_query("质量 OR 晴好"), sort=sort, fold_reprints=fold, limit=4)
    total, hits = engine.walk(search)
    found = engine.search(replace(search, facets=("year",)))
    pages = [found]
    while found.place is not None:
        found = engine.search(replace(search, after=found.place, facets=("year",)))
        pages.append(found)
    assert [h.article for page in pages for h in page.hits] == [h.article for h in hits]
    assert {len(page.hits) for page in pages[:-1]} == {4}
    assert {(page.total, str(page.facets)) for page in pages} == {(total, str(pages[0].facets))}


def test_a_page_by_number_has_a_place_and_an_empty_one_none(engine):
    search = Search(tree=parse_query("*"), offset=2, limit=2)
    place = engine.search(search).place
    whole = ids(engine, "*")
    assert ids(engine, "*", after=place, limit=1) == whole[4:]
    for last in ({"after": place}, {"limit": 0}, {"offset": 9}):
        assert engine.search(replace(search, **last)).place is None


@pytest.mark.parametrize("after", ["", "x", "x:", ":3", "[]", "null", '["a",[],"",2,[]]', "{"])
def test_what_is_no_place_is_refused(engine, after):
    with pytest.raises(CallerError) as refused:
        engine.search(Search(tree=parse_query("*"), after=after))
    assert refused.value.code == "request.cursor"


def test_filters_of_one_name_are_alternatives_and_names_are_combined(engine):
    both = {"newspaper": ("聊城新闻", "临江日报"), "kind": ("article",)}
    assert set(ids(engine, "*", filters=both)) == {"a0", "a1", "a2"}
    assert ids(engine, "*", filters={"person": ("肖会",)}, date_to=day("2018-07-30")) == [
        "a1",
        "a4",
    ]
    assert ids(engine, "*", date_from=day("2018-07-31")) == ["a0", "a2"]


def test_facets_count_all_hits(engine):
    found = engine.search(
        Search(tree=parse_query("聊城"), limit=1, facets=("newspaper", "person", "year"))
    )
    assert found.total == 3
    assert found.facets == {
        "newspaper": {"聊城新闻": 2},
        "person": {"李梦高": 1, "肖会": 2, "胡海涛": 1},
        "year": {"2018": 3},
    }


def test_the_first_values_of_a_facet_are_those_of_all(build_engine):
    seeded = random.Random(20261128)
    names = [f"签{chr(0x4E00 + n)}" for n in range(40)]
    engine = build_engine(
        *(
            record(
                n,
                "质量。",
                tags=seeded.choices(names, range(1, 41), k=3),
                date=f"20{n % 30:02}-01-02",
            )
            for n in range(80)
        )
    )
    asked = Search(tree=parse_query("质量"), facets=("tag", "year", "kind"), limit=0)
    whole, days = engine.search(asked).facets, engine.search(replace(asked, days=True)).days
    for most in (1, 3, 10, 39, 40, 50):
        answer = engine.search(replace(asked, most_values=most, days=True))
        found, counted = answer.facets, answer.days
        assert counted == days
        for name in asked.facets:
            assert facet_values(name, found[name], most) == facet_values(name, whole[name], most)


def test_an_explanation_is_the_score_by_field_and_by_term(engine):
    tree = parse_query("聊城 质量^3 (建设 OR 儒商)")
    for hit in engine.search(Search(tree=tree)).hits:
        explained = engine.explain(tree, hit.article.id)
        assert explained["score"] == pytest.approx(hit.score)
        for parts in (explained["terms"], explained["fields"]):
            assert sum(part["score"] for part in parts) == pytest.approx(hit.score)


def test_an_explanation_states_every_number_of_the_formula(engine):
    explained = engine.explain(parse_query("标题:聊城^2"), "a4")
    term = next(t for t in explained["terms"] if t["analysis"] == "words")
    (field,) = term["fields"]
    assert (term["term"], field["field"], field["term_frequency"]) == ("聊城", "title", 1)
    norm = 1 - field["b"] + field["b"] * field["length"] / field["average_length"]
    assert field["frequency"] == pytest.approx(field["weight"] / norm)
    df, n = term["document_frequency"], term["documents"]
    assert term["idf"] == pytest.approx(log(1 + (n - df + 0.5) / (df + 0.5)))
    weight = term["frequency"] / (term["k1"] + term["frequency"])
    assert term["score"] == pytest.approx(term["boost"] * term["idf"] * weight)


def test_alternatives_that_do_not_find_the_article_explain_nothing(engine):
    tree = parse_query("(聊城 AND 信贷) OR 质量链 -广告")
    explained = engine.explain(tree, "a0")
    assert {t["term"] for t in explained["terms"]} == {"质量", "量链", "链"}
    assert explained["score"] == engine.search(Search(tree=tree)).hits[0].score


def test_an_article_that_is_not_found_has_no_score(engine):
    assert engine.explain(parse_query("信贷"), "a0")["score"] is None
    assert engine.explain(parse_query("信贷"), "a9") is None


def test_texts_side_by_side_rank_higher_where_they_stand_so(build_engine):
    engine = build_engine(
        record(0, "越南的总理来了，外长会见。", title="甲"),
        record(1, "外长来了，会见越南的总理。", title="乙"),
    )
    for query in ("会见 越南", "会见 越南 不存在的词"):
        tree = parse_query(query)
        for asked in (tree, relaxed(tree)):
            if engine.search(Search(tree=asked)).total:
                assert ids_of(engine, asked) == ["a1", "a0"]
    assert {t["term"] for t in engine.explain(parse_query("会见 越南"), "a1")["terms"]} == {
        "会见", "越南", "见越"
    }  # fmt: skip


def test_an_article_comes_back_as_it_went_in(engine):
    for item in RECORDS:
        assert engine.article(item["id"]) == Article.from_record(item)


def test_articles_come_in_the_order_of_their_ids(engine):
    found = list(engine.articles(["a4", "nowhere", "a0", "a 〇/%"]))
    assert found == [engine.article("a4"), engine.article("a0")]
    assert list(engine.articles([])) == []


def test_an_empty_index_answers(build_engine):
    engine = build_engine()
    found = engine.search(Search(tree=parse_query("聊城"), facets=("year",)))
    assert (found.total, found.hits, found.facets) == (0, (), {"year": {}})


def test_threads_get_the_answers_that_one_gets(engine):
    queries = ["聊城", "质量链 OR 儒商", '"经营快贷"', "date:2018", "*"] * 10
    expected = [ids(engine, q) for q in queries]
    wrong = []

    def work():
        wrong.extend(q for q, e in zip(queries, expected, strict=True) if ids(engine, q) != e)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


WIRE = "据新华社北京电，全国质量大会今天在京闭幕，来自各地的代表就质量强国建设交换了意见。" * 3
PRINTED = [
    record(0, WIRE + "本报综合。", title="质量大会闭幕", date="2020-05-09", newspaper="临江日报"),
    record(1, WIRE, title="全国质量大会闭幕", date="2020-05-08", newspaper="聊城新闻"),
    record(2, WIRE + "记者报道。", title="大会闭幕", newspaper="聊城新闻"),
    record(3, "质量大会的代表参观了企业，交换了强国建设的意见。", title="代表参观企业", date="2020-05-10"),
    record(4, "天气晴好，游客众多。", title="假日旅游", date="2020-05-08"),
]  # fmt: skip


def test_of_reprints_the_first_appearance_among_the_hits_is_kept(build_engine):
    engine = build_engine(*PRINTED)
    folded = {"fold_reprints": True, "facets": ("newspaper",)}
    found = engine.search(Search(tree=parse_query("质量"), **folded))
    assert {h.article.id for h in found.hits} == {"a1", "a3"}
    assert (found.total, found.facets) == (2, {"newspaper": {"聊城新闻": 1}})
    later = engine.search(Search(tree=parse_query("质量"), date_from=day("2020-05-09"), **folded))
    assert {h.article.id for h in later.hits} == {"a0", "a3"}
    total, hits = engine.walk(Search(tree=parse_query("质量 -报纸:临江"), **folded))
    assert (total, {h.article.id for h in hits}) == (2, {"a1", "a3"})


def test_an_article_knows_its_reprints(build_engine):
    engine = build_engine(*PRINTED)
    assert [a.id for a in engine.reprints("a2")] == ["a1", "a0", "a2"]
    assert engine.reprints("a4") == engine.reprints("a9") == ()
    hits = {h.article.id: h for h in engine.search(Search(tree=parse_query("闭幕 OR 晴好"))).hits}
    assert hits["a4"].reprints is None
    assert {(h.reprints.count, h.reprints.first.id) for i, h in hits.items() if i != "a4"} == {
        (3, "a1")
    }


def test_similar_articles_are_neither_reprints_nor_of_other_kinds(build_engine):
    engine = build_engine(*PRINTED, record(5, WIRE[:30], kind="ad"))
    (alike,) = engine.similar("a0", ("article",), 5)
    assert alike.article.id == "a3" and 0.15 <= alike.score < 1
    assert engine.similar("a9", ("article",), 5) == ()
    assert (
        len({s.article.id for s in engine.similar("a3", ("article",), 5)} & {"a0", "a1", "a2"}) == 1
    )


def test_literal_texts_stand_as_they_are_typed(build_engine):
    engine = build_engine(
        record(0, "ＡＢＣ 公司在臺灣。"), record(1, "ABC公司在台湾。"), record(2, "abc 公司。")
    )
    for query, found in (
        ("ABC", ["a1"]),
        ('"臺灣"', ["a0"]),
        ('"abc 公司"', ["a2"]),
        ("A?C", ["a1"]),
    ):
        assert ids_of(engine, as_literal(parse_query(query))) == found
    assert ids_of(engine, Not(as_literal(parse_query("ABC")))) == ["a0", "a2"]


def test_days_are_counted_and_counts_need_no_hits(engine):
    found = engine.search(Search(tree=parse_query("聊城"), days=True, limit=0))
    assert (found.hits, found.total) == ((), 3)
    assert found.days == {day("2018-07-30"): 2, day("2018-07-31"): 1}


def test_numbers_of_equivalents_are_whole(build_engine, analyzer):
    engine = build_engine(
        record(0, "增长了10年之久"),
        record(1, "2010年的事"),
        record(2, "十年之后"),
        record(3, "二十年前"),
    )
    tree, _ = Equivalents(analyzer).expand(parse_query("十年"))
    assert set(ids_of(engine, tree)) >= {"a0", "a2"}
    assert "a1" not in ids_of(engine, tree)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"甲乙 丙丁"~3', {"a0", "a1"}),
        ('"甲乙 丙丁"~2', {"a1"}),
        ('"丁 甲"~5', {"a0", "a1"}),
        ('"丁 甲"~4', {"a1"}),
        ('"甲 甲"~0', {"a0", "a1", "a2"}),
        ('"甲乙 乙丙"~0', {"a1"}),
        ('"甲 丙 丁"~3', {"a1"}),
        ('"戊 甲"~3', {"a2"}),
        ('"戊 甲"~2', set()),
    ],
)
def test_near_counts_the_characters_between(build_engine, query, found):
    engine = build_engine(
        record(0, "甲乙一二三丙丁"),
        record(1, "甲乙丙丁，甲"),
        record(2, "甲乙。\n戊"),
        record(3, "戊己"),
    )
    assert set(ids(engine, f"正文:{query}")) == found


ALPHABET = "马克思主义质量链 臺灣台湾ＡＢab12“”，。\n"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(ALPHABET, min_size=1, max_size=40), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_phrase_finds_exactly_the_texts_that_contain_it(build_engine, texts, data):
    records = [{"id": str(n), "title": "〇", "body": t} for n, t in enumerate(texts)]
    articles = list(map(Article.from_record, records))
    engine = build_engine(*records)
    searched = ["\n".join(compact(fold_text(p.text)) for p in a.body) for a in articles]
    for _ in range(10):
        source = data.draw(st.sampled_from(texts)).replace("\n", "")
        start = data.draw(st.integers(0, max(len(source) - 1, 0)))
        piece = source[start : start + data.draw(st.integers(1, 8))]
        wanted = compact(fold_text(piece))
        if not wanted or set(piece) & set('"“”'):
            continue
        expected = {str(n) for n, text in enumerate(searched) if wanted in text}
        assert set(ids(engine, f'正文:"{piece}"')) == expected


def test_random_phrases_of_real_news_equal_a_scan(build_engine, shared):
    with lzma.open(shared / "news/xwlb_2012_2026.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for _, line in zip(range(600), lines, strict=False)]
    engine = build_engine(
        *({"id": row["id"], "title": row["title"], "body": row["text"]} for row in rows)
    )
    searched = {
        a.id: "\n".join(compact(fold_text(p.text)) for p in a.body)
        for a in (engine.article(row["id"]) for row in rows)
    }
    seeded = random.Random(20261124)
    for _ in range(200):
        text = seeded.choice(rows)["text"].replace('"', "").replace("“", "").replace("”", "")
        start = seeded.randrange(len(text))
        piece = text[start : start + seeded.randint(1, 12)]
        wanted = compact(fold_text(piece)).replace("\n", "")
        if wanted and "\n" not in piece:
            expected = {i for i, t in searched.items() if wanted in t}
            assert set(ids(engine, f'正文:"{piece}"', limit=1_000)) == expected


def test_what_articles_cite_is_counted_and_filtered(build_engine):
    plan = {"documents": ["质量强市行动计划"], "standards": ["GB/T 33230-2016"]}
    engine = build_engine(
        {"id": "b0", "title": "两项国家标准发布", **plan},
        {"id": "b1", "title": "行动计划印发", "documents": ["质量强市行动计划", "工作方案"]},
        {"id": "b2", "title": "什么也不引用"},
    )
    found = engine.search(Search(tree=parse_query("*"), facets=("document", "standard")))
    assert found.facets == {
        "document": {"质量强市行动计划": 2, "工作方案": 1},
        "standard": {"GB/T 33230-2016": 1},
    }
    assert ids(engine, "*", filters={"document": ("工作方案",)}) == ["b1"]
    assert ids(engine, "*", filters={"standard": ("GB/T 33230-2016",)}) == ["b0"]
