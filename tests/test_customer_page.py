"""The real sample page, alone in an index of either engine: every query that its owner asked for."""

import importlib.util
import json
from pathlib import Path

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, remove_archive

from searchsvc.indexer import reindex
from searchsvc.pages import line_labels, page_articles, segment_page
from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings

QUALITY, PHOTO, TOURISM, BANK, MEETING = 5, 48, 54, 75, 117


@pytest.fixture(scope="module")
def page_path(shared):
    return shared / "pages/liaocheng_2018.txt"


@pytest.fixture(
    scope="module", params=["whoosh", pytest.param("opensearch", marks=pytest.mark.opensearch)]
)
def settings(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "index"
    if request.param == "whoosh":
        yield Settings(index_dir=folder)
        return
    made = archive_settings(request.getfixturevalue("cluster"), folder)
    yield made
    remove_archive(made)


@pytest.fixture(scope="module")
def service(settings, page_path):
    reindex(settings, [page_path], Quiet())
    service = open_service(settings)
    yield service
    service.close()


def found(service, query):
    """The first lines of the hits."""
    return [h.article.source.lines[0][0] for h in service.search(SearchRequest(query=query)).hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("质量链", QUALITY),
        ("360极限飞球", TOURISM),
        ("儒商大会", MEETING),
        ("苏军", PHOTO),
        ("扭秧歌", PHOTO),
        ("農擔公司", BANK),
        ("农担公司", BANK),
    ],
)
def test_the_right_article_comes_first(service, query, first):
    assert found(service, query)[0] == first


@pytest.mark.parametrize(
    ("query", "exactly"),
    [
        ('"经营快贷"', {BANK}),
        ("GB/T33230-2016", {QUALITY}),
        ("记者:肖会", {TOURISM, MEETING}),
        ("通讯员:张萍", {QUALITY}),
        ("農擔公司", {BANK}),
        ("农担公司", {BANK}),
        ('"提升消费品标准和质量水平的意见"', {QUALITY}),
        ('"不到一分钟10万元贷款"', {BANK}),
    ],
)
def test_exactly_these_articles_are_found(service, query, exactly):
    assert set(found(service, query)) == exactly


def test_ads_and_imprint_are_found_by_kind_only(service):
    for query in ("聊城", "零售价", "法律顾问", "刘田", "*"):
        kinds = {h.article.kind for h in service.search(SearchRequest(query=query)).hits}
        assert kinds <= {"article", "photo"}
    assert found(service, "类型:广告") == [129, 132]
    assert found(service, "类型:广告 零售价") == [129]
    assert found(service, "类型:版权 刘田") == [140]
    assert found(service, "kind:notice 法律顾问") == [138]
    assert set(found(service, "kind:ad OR kind:imprint")) == {129, 132, 140}


def test_every_hit_proves_itself_by_file_and_lines(service, page_path):
    lines = page_path.read_text(encoding="utf-8").split("\n")
    for query in ("质量链", "农担公司", "扭秧歌", '"经营快贷"'):
        for hit in service.search(SearchRequest(query=query)).hits:
            assert hit.article.source.path == "liaocheng_2018.txt"
            assert hit.matches
            for match in hit.matches:
                if match.field == "body":
                    paragraph = hit.article.body[match.paragraph]
                    assert paragraph.text == "".join(lines[n - 1].strip() for n in match.lines)
                    assert any(a <= match.lines[0] <= b for a, b in hit.article.source.lines)


def test_people_are_exact_with_their_roles(page_path):
    articles = page_articles(segment_page(page_path.read_text(encoding="utf-8")), "page.txt")
    people = {a.source.lines[0][0]: {(p.name, p.role) for p in a.people} for a in articles}
    assert people[QUALITY] == {
        ("李梦高", "reporter"),
        ("陶晶晶", "reporter"),
        ("张萍", "correspondent"),
    }
    assert people[PHOTO] == {("孙亚飞", ""), ("赵玉国", ""), ("宋国庆", "")}
    assert people[TOURISM] == {("肖会", "reporter"), ("胡海涛", "correspondent")}
    assert people[MEETING] == {("肖会", "reporter"), ("常晓梦", "correspondent")}
    assert people[BANK] == set()
    assert people[138] == {("李亚强", "adviser")}
    assert people[140] == {("刘田", "editor")}


def test_headlines_truncation_and_places(page_path):
    articles = page_articles(segment_page(page_path.read_text(encoding="utf-8")), "page.txt")
    by_line = {a.source.lines[0][0]: a for a in articles}
    assert by_line[BANK].title == "工商银行聊城分行：普惠金融改善民生"
    assert by_line[BANK].kicker == "创新模式 深化机制"
    assert by_line[QUALITY].kicker == "五方合力 标准领跑 企业上链"
    assert {n for n, a in by_line.items() if "truncated" in a.flags and a.kind == "article"} == {
        QUALITY,
        BANK,
    }
    assert by_line[PHOTO].kind == "photo" and "generated_title" in by_line[PHOTO].flags
    assert by_line[TOURISM].place == by_line[MEETING].place == "聊城"
    assert {a.date for a in articles} == {None}


def test_paragraphs_are_joined_as_the_gold_standard_has_them(shared, page_path):
    gold = json.loads((shared / "pages/liaocheng_2018.gold.json").read_text(encoding="utf-8"))
    articles = page_articles(segment_page(page_path.read_text(encoding="utf-8")), "page.txt")
    joined = {p.lines for a in articles for p in a.body if len(p.lines) > 1}
    assert joined == {tuple(join["lines"]) for join in gold["joins"]}


def test_cited_documents_and_standards(page_path):
    articles = page_articles(segment_page(page_path.read_text(encoding="utf-8")), "page.txt")
    by_line = {a.source.lines[0][0]: a for a in articles}
    assert by_line[QUALITY].standards == ("GB/T 33230-2016", "GB/T 33226-2016")
    assert "实施质量强市战略年度行动计划" in by_line[QUALITY].documents
    assert by_line[MEETING].documents == ("聊城市首届山东儒商大会工作方案",)


@pytest.mark.parametrize(
    ("gold", "least"),
    [
        ("liaocheng_2018.gold.json", {"b3_f1": 0.97, "role_accuracy": 0.93}),
        ("composed_dev.jsonl", {"b3_f1": 0.97, "boundary_f1": 0.95, "headlines_exact": 0.93}),
        ("wrapped_dev.jsonl", {"b3_f1": 0.97, "boundary_f1": 0.94}),
    ],
)
def test_segmentation_scores(shared, gold, least):
    """The weights have seen these pages; ``scripts/fit-segmenter`` tells of pages left out."""
    specification = importlib.util.spec_from_file_location("s", shared / "pages/score_pages.py")
    score_pages = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(score_pages)
    rows = score_pages.load_gold(str(Path(shared / "pages" / gold)))
    predictions = {row["id"]: line_labels(segment_page(row["text"])) for row in rows}
    found = score_pages.score(rows, predictions)
    assert {name: found[name] for name in least if found[name] < least[name]} == {}
