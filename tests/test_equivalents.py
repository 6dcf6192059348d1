"""What else a query's words stand for: numbers and dates, spellings, synonyms; and stop words."""

import jieba
import opencc
import pytest
from conftest import Quiet, record
from hypothesis import given
from hypothesis import strategies as st

from searchsvc import indexer
from searchsvc.analysis import Analyzer, compact
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.equivalents import Equivalents
from searchsvc.equivalents.lists import read_stop_words, read_synonyms, spellings
from searchsvc.equivalents.numbers import at_its_edges, number_places
from searchsvc.errors import SettingsError
from searchsvc.highlight import find_matches, needles_of
from searchsvc.query import And, Phrase, Words, parse_query
from searchsvc.requests import notice_text
from searchsvc.results import Notice, SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.text import fold_text

ANALYZER = Analyzer()
PLAIN = Equivalents(ANALYZER)


@pytest.mark.parametrize(
    "ways",
    [
        ("二〇一八年七月", "2018年7月", "2018-07", "2018/7", "2018.07", "2018年07月"),
        ("二○一八年七月三十日", "2018年7月30日", "2018-07-30", "2018年7月30号", "2018/7/30"),
        ("二〇一八年", "2018年"),
        ("七月三十日", "7月30日", "7月30号", "07月30日"),
        ("360度", "360°", "三百六十度"),
        ("第三届", "第3届"),
        ("十九届", "19届"),
        ("二十世纪", "20世纪"),
        ("30万元", "三十万元", "300,000元"),
        ("15亿人", "十五亿人"),
        ("50%", "百分之五十", "50％"),
        ("两千米", "2000米", "2,000米", "二千米"),
    ],
)
def test_ways_to_write_a_number_find_each_other(ways):
    for asked in ways:
        (found,) = number_places(fold_text(asked))
        reached = {fold_text(asked), *map(fold_text, found.texts)}
        rest = fold_text(asked)[found.end :]
        assert {fold_text(way) for way in ways} <= {text + rest for text in reached} | reached


@pytest.mark.parametrize(
    "text",
    ["一定", "三四个", "十分", "百度", "万一", "2018", "GB/T33230-2016", "13.5亿元", "0635-8252111",
     "2018-13", "五六十人", "三年", "千家万户", "2018.7.2.1"],
)  # fmt: skip
def test_what_is_no_number_or_may_be_another_word_is_left_alone(text):
    assert list(number_places(fold_text(text))) == []


def test_a_day_that_no_calendar_has_is_no_date():
    assert all("2018-02" not in t for p in number_places("2018年2月30日") for t in p.texts)


@given(st.text("二零一八九十百千万亿年月日号度°第0123456789-/.%,之分个届", max_size=14))
def test_any_text_has_places_in_order_and_what_stands_for_them_stands_for_each_other(text):
    position = 0
    for place in number_places(text):
        assert position <= place.start < place.end <= len(text)
        position = place.end
        assert text[place.start : place.end] not in place.texts


def test_a_number_at_the_edge_must_be_whole(build_engine):
    engine = build_engine(
        record(1, "2010年"), record(2, "约10年"), record(3, "十年"), record(4, "二十年")
    )
    tree, _ = PLAIN.expand(parse_query("十年"))
    found = engine.search(Search(tree))
    # what was typed is a piece of 二十年, as every text is; what stands for it is not one of 2010年
    assert {hit.article.id for hit in found.hits} == {"a2", "a3", "a4"}


@pytest.mark.parametrize(
    ("one", "other"), [("家具", "傢俱"), ("坐标系", "座標系"), ("计划", "計畫"), ("沉默", "沈默")]
)
def test_words_that_the_other_script_spells_otherwise_find_each_other(build_engine, one, other):
    engine = build_engine(record(1, f"这是{one}店。"), record(2, f"這是{other}店。"))
    for query in (one, other, f'"{one}"', f"“{other}”"):
        tree, notices = PLAIN.expand(parse_query(query))
        assert engine.search(Search(tree)).total == 2, query
        assert "other_spelling" in [notice.code for notice in notices]


@pytest.mark.parametrize("text", ["锻炼条件", "我想象牙塔", "锻炼子女"])
def test_a_spelling_is_no_piece_of_two_words(text):
    assert PLAIN.expand(parse_query(text)) == (parse_query(text), [])


def test_every_word_that_opencc_spells_otherwise_is_in_the_list():
    converters = [opencc.OpenCC(script) for script in ("s2t", "s2tw", "s2hk")]
    with jieba.Tokenizer().get_dict_file() as file:
        words = [line.decode("utf-8").split()[0] for line in file]
    missing = []
    for word in words:
        folded = fold_text(word)
        spelt = {fold_text(c.convert(word)) for c in converters} - {folded}
        for other in spelt:
            reached = any(
                folded.replace(left, fold_text(right)) == other
                for left, rights in spellings().items()
                for right in rights
            )
            if not reached:
                missing.append((folded, other))
    # rare characters with another simplified form, and what no word of two characters says
    assert {one for one, _ in missing} == {
        "朱干玉戚", "炊臼之戚", "枕麹借糟", "纻", "麹",
    }  # fmt: skip


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_synonyms_go_both_ways_or_one(tmp_path):
    path = write(
        tmp_path,
        "synonyms.txt",
        "# 同义词\n电脑, 计算机、微机  # 两边\n\n洋芋 => 土豆，马铃薯\n電腦 → 主机\n",
    )
    assert read_synonyms(path) == {
        "电脑": ("计算机", "微机", "主机"),
        "计算机": ("电脑", "微机"),
        "微机": ("电脑", "计算机"),
        "洋芋": ("土豆", "马铃薯"),
    }


@pytest.mark.parametrize(
    "line", ["电脑", "电脑,", "a => b => c", "=> b", "电脑, 電腦", "， ，", "甲, “”"]
)
def test_a_line_without_synonyms_is_refused_with_its_place(tmp_path, line):
    path = write(tmp_path, "synonyms.txt", f"甲, 乙\n\n{line}\n")
    with pytest.raises(SettingsError) as raised:
        read_synonyms(path)
    assert (raised.value.code, raised.value.params["line"]) == ("synonyms.line", 3)
    assert str(path) in raised.value.message("zh")


@pytest.mark.parametrize("line", ["的 了", "，", "a-b"])
def test_a_line_without_a_stop_word_is_refused_with_its_place(tmp_path, line):
    path = write(tmp_path, "stop.txt", f"的\n# 注释\n{line}\n")
    with pytest.raises(SettingsError) as raised:
        read_stop_words(path)
    assert (raised.value.code, raised.value.params["line"]) == ("stop_words.line", 3)


@pytest.mark.parametrize("read", [read_synonyms, read_stop_words])
def test_a_list_that_is_not_there_is_an_error_with_its_name(tmp_path, read):
    with pytest.raises(SettingsError, match=r"nowhere\.txt"):
        read(tmp_path / "nowhere.txt")


@pytest.fixture
def listed(tmp_path):
    synonyms = write(tmp_path, "s.txt", "电脑, 计算机\n洋芋 => 土豆\n人大 => 人民代表大会\n")
    return Equivalents(ANALYZER, synonyms, write(tmp_path, "w.txt", "的\n什么\n"))


def test_synonyms_are_found_and_told(build_engine, listed):
    engine = build_engine(
        record(1, "买了电脑。"),
        record(2, "買了計算機。"),
        record(3, "种土豆。"),
        record(4, "种洋芋。"),
    )

    def found(query):
        tree, notices = listed.expand(parse_query(query))
        return {hit.article.id for hit in engine.search(Search(tree)).hits}, notices

    told = Notice("synonyms", {"typed": "電腦", "also": ["计算机"]})
    assert found("電腦")[0] == {"a1", "a2"}
    assert told in found("電腦")[1]
    assert "计算机" in notice_text(told, "zh")
    assert found("计算机")[0] == {"a1", "a2"}
    assert found("洋芋")[0] == {"a3", "a4"}
    assert found("土豆")[0] == {"a3"}
    assert found('"电脑"')[0] == {"a1"}
    assert found("-电脑")[0] == {"a3", "a4"}


def test_a_synonym_begins_and_ends_where_words_do(listed):
    assert listed.expand(parse_query("工人大会"))[1] == []
    assert [n.code for n in listed.expand(parse_query("召开人大"))[1]] == ["synonyms"]


def test_what_was_typed_ranks_before_its_synonym(build_engine, listed):
    engine = build_engine(record(1, "买了计算机。"), record(2, "买了电脑呢。"))
    tree, _ = listed.expand(parse_query("电脑"))
    assert [hit.article.id for hit in engine.search(Search(tree)).hits] == ["a2", "a1"]


def test_an_explanation_of_equivalents_sums_to_the_score(build_engine, listed):
    engine = build_engine(record(1, "二〇一八年七月买了计算机。"), record(2, "2018年7月的电脑"))
    tree, _ = listed.expand(parse_query("2018-07 电脑"))
    hits = engine.search(Search(tree)).hits
    assert len(hits) == 2
    for hit in hits:
        assert engine.explain(tree, hit.article.id)["score"] == pytest.approx(hit.score)


def test_equivalents_are_marked_whole(listed):
    article = Article.from_record(
        {"id": "a", "title": "电脑", "body": "二○一八年七月買了計算機，2019届，19届。"}
    )
    tree, _ = listed.expand(parse_query("2018-07 电脑 十九届"))
    marks = [
        (article.title if m.field == "title" else article.body[0].text)[m.start : m.end]
        for m in find_matches(article, needles_of(tree, ANALYZER))
    ]
    assert marks == ["电脑", "二○一八年七月", "計算機", "19届"]


def test_stop_words_are_not_asked_for_unless_there_is_nothing_else(listed):
    tree, notices = listed.expand(parse_query("大桥 的 什么"))
    assert tree == Words("大桥")
    assert notices == [Notice("stop_words", {"words": ["什么", "的"]})]
    tree, _ = listed.expand(parse_query("大桥的通车 记者"))
    assert tree == And((Words("大桥的通车", ignored=frozenset("的")), Words("记者")))
    for query in ("的", "什么 的", '"的"', "标题:的"):
        assert listed.expand(parse_query(query)) == (parse_query(query), [])
    assert listed.expand(parse_query('的 "大桥"'))[0] == Phrase("大桥")


def test_folding_is_told(listed):
    for query, searched in (
        ("臺灣", "台湾"),
        ("ＧＤＰ", "gdp"),
        ('"羣眾"', "群众"),
        ("GDP*", "gdp*"),
    ):
        notice = Notice("normalised", {"typed": query.strip('"'), "searched": searched})
        assert listed.expand(parse_query(query))[1] == [notice]
    assert listed.expand(parse_query("是谁？"))[1] == []


@given(st.text("2018年07月-/.三百六十度°家具坐标沉计划画的电脑大桥", min_size=1, max_size=10))
def test_nothing_that_is_found_without_equivalents_is_lost(text):
    tree = parse_query(text)
    expanded, _ = PLAIN.expand(tree)
    article = Article.from_record({"id": "a", "body": text})
    plain = {(m.start, m.end) for m in find_matches(article, needles_of(tree, ANALYZER))}
    more = {(m.start, m.end) for m in find_matches(article, needles_of(expanded, ANALYZER))}
    assert all(any(s <= a and b <= e for s, e in more) for a, b in plain)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("literal")
    source = folder / "articles.jsonl"
    texts = [
        "台灣大學生GDP增长",
        "台湾大学生gdp增长",
        "臺灣 大学",
        "ＧＤＰ，2018年7月",
        "二〇一八年七月",
    ]
    lines = [
        f'{{"id": "a{n}", "title": "第{n}", "body": "{text}"}}' for n, text in enumerate(texts)
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings(index_dir=folder / "index")
    indexer.reindex(settings, [source], Quiet())
    service = open_service(settings)
    yield service
    service.close()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("GDP", {"a0"}),
        ("gdp", {"a1"}),
        ("ＧＤＰ", {"a3"}),
        ("台灣", {"a0"}),
        ("臺灣", {"a2"}),
        ('"臺灣大学"', set()),
        ('"臺灣 大学"', {"a2"}),
        ("2018年7月", {"a3"}),
        ("二零一八", set()),
        ("台灣 GDP", {"a0"}),
        ("GD*长", {"a0"}),
        ("gd?增", {"a1"}),
        ('"GDP 台灣"~5', {"a0"}),
        ('"GDP 台灣"~2', set()),
        ("GDP OR gdp", {"a0", "a1"}),
        ("增长 -GDP", {"a1"}),
        ("正文:台湾", {"a1"}),
        ("类型:文章 GDP", {"a0"}),
    ],
)
def test_a_literal_search_finds_what_stands_just_so(service, query, ids):
    page = service.search(SearchRequest(query=query, literal=True))
    assert {hit.article.id for hit in page.hits} == ids
    assert page.total == len(ids)
    assert [n.code for n in page.notices] == ["literal"]


def test_literal_marks_are_the_text_itself(service):
    (hit,) = service.search(SearchRequest(query="GDP", literal=True)).hits
    assert hit.highlights["body"] == ("台灣大學生<mark>GDP</mark>增长",)
    shown = service.highlight_article(service.article("a1"), "GDP", literal=True)
    assert shown["body"] == ("台湾大学生gdp增长",)


@given(st.text("台臺湾灣Ａａaｂ1１ ，“", min_size=1, max_size=12), st.data())
def test_a_literal_phrase_is_a_substring(text, data):
    article = Article.from_record({"id": "a", "title": "题", "body": text})
    if not article.body:
        return
    body = article.body[0].text
    piece = data.draw(st.text("台臺湾灣Ａａaｂ1１ ，", min_size=1, max_size=3))
    tree = Phrase(piece, literal=True)
    marks = find_matches(article, needles_of(tree, ANALYZER))
    assert bool(marks) == (piece in body)
    assert all(body[m.start : m.end].startswith(piece) for m in marks)


def test_the_service_tells_what_it_folded_and_expanded(service):
    page = service.search(SearchRequest(query="2018-07"))
    assert {hit.article.id for hit in page.hits} == {"a3", "a4"}
    assert [notice.code for notice in page.notices] == ["other_numbers"]
    page = service.search(SearchRequest(query="ＧＤＰ"))
    assert page.total == 3
    assert [notice.code for notice in page.notices] == ["normalised"]


def test_phrases_have_no_other_numbers(service):
    assert service.search(SearchRequest(query='"2018年7月"')).total == 1


@given(st.text("0123一二十百年", max_size=5))
def test_edges_forbid_what_would_make_a_number_longer(text):
    before, after = at_its_edges(text)
    assert bool(before) == (text[:1] in tuple("0123一二十百"))
    assert bool(after) == (text[-1:] in tuple("0123一二十百"))


def test_the_list_of_spellings_is_folded_to_different_words():
    assert all(
        compact(fold_text(o)) != word for word, others in spellings().items() for o in others
    )
