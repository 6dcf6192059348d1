"""The pages for readers over a real index, read as a browser reads them: by links and forms."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from web_archive import BRIDGE, HOSTILE, PLAIN, build_archive

from searchsvc import messages
from searchsvc.web import create_app

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """A page's elements as (tag, attributes, text inside), in order; checks that tags close."""

    def __init__(self, html):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def all(self, tag, **attributes):
        """The elements with this tag and these attributes (``class_`` is ``class``)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            (attrs, " ".join(text.split()))
            for name, attrs, text in self.elements
            if name == tag and all(attrs.get(k) == v for k, v in wanted.items())
        ]

    def link(self, start):
        """The address of the one link whose name starts so."""
        named = [(a, a.get("aria-label", text)) for a, text in self.all("a")]
        found = {a["href"] for a, name in named if name.startswith(start)}
        assert len(found) == 1, (start, found)
        return found.pop()

    def titles(self):
        """The headlines of the hits."""
        links = [(a, text) for a, text in self.all("a") if "/articles/" in a["href"]]
        return [text for _, text in links]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("pages"))).test_client()


@pytest.fixture
def visit(client):
    def get(url, status=200, language="zh", **given):
        response = client.get(
            url, query_string=given or None, headers={"Accept-Language": language}
        )
        assert response.status_code == status, response.text
        assert response.mimetype == "text/html"
        return Page(response.text)

    return get


def parameters(url):
    return parse_qsl(urlsplit(url).query)


def test_the_landing_page_says_what_the_archive_holds(visit):
    page = visit("/")
    holdings = page.all("p", class_="holdings")[0][1]
    assert "32" in holdings
    assert "2018-01-15" in holdings
    assert "2020-09-15" in holdings


def test_every_example_on_the_landing_page_is_a_query_that_is_answered(visit):
    examples = [a["href"] for a, _ in visit("/").all("a", lang="zh") if "q=" in a["href"]]
    assert len(examples) == 9
    for url in examples:
        assert visit(url)


def test_a_hit_shows_headline_snippets_and_where_it_stands(visit):
    page = visit("/", q="大桥")
    hit = page.all("li", class_="hit")[0][1]
    for part in ("跨江通道再添一座", "临江大桥今日通车", "全长2840米", "临江日报", "2018-07-30", "A01", "要闻",
                 "王小满", "2018/linjiang.txt: 3–9, 14–15"):  # fmt: skip
        assert part in hit
    assert ("mark", {}, "大桥") in [tuple(e) for e in page.elements]


def test_a_single_source_line_is_one_number(visit):
    assert visit("/", q="第3期").all("span", class_="source")[0][1] == "records.jsonl: 9"


def test_both_languages_are_whole_and_say_which_they_are(visit):
    for given in ({}, {"q": "大桥"}, {"q": "龘龘龘"}):
        assert visit("/", language="zh-CN", **given).all("html")[0][0]["lang"] == "zh-CN"
        page = visit("/", language="en-US,en;q=0.8", **given)
        assert page.all("html")[0][0]["lang"] == "en"
        assert page.all("button")[0][1] == "Search"
    hit = visit("/", language="en", q="大桥").all("article")[0]
    assert hit[0]["lang"] == "zh"


def test_the_catalogues_of_both_languages_have_the_same_keys():
    english, chinese = (set(messages._catalogue("web", language)) for language in ("en", "zh"))
    assert english == chinese


def test_a_language_chosen_by_hand_goes_along_with_every_link(visit):
    page = visit("/", language="zh", q="供水")
    page = visit(page.link("English"))
    assert page.all("html")[0][0]["lang"] == "en"
    assert page.all("input", type="hidden", name="lang")[0][0]["value"] == "en"
    internal = [a["href"] for a, _ in page.all("a") if a["href"].startswith("/")]
    assert len(internal) > 15
    for url in internal:
        assert ("lang", "en") in parameters(url) or ("lang", "zh") in parameters(url)
    assert visit(page.link("Next")).all("html")[0][0]["lang"] == "en"


def scripts(page):
    """(source, text) of every script of a page; linked data is none."""
    return [
        (attrs.get("src"), text)
        for attrs, text in page.all("script")
        if attrs.get("type") != "application/ld+json"
    ]


OURS = [("/static/suggest.js", ""), ("/static/waiting.js", "")]
OURS_BESIDE_AN_ARTICLE = [("/static/copy.js", ""), *OURS]


def test_no_document_text_becomes_markup(visit):
    for path, ours in (("/", OURS), (f"/articles/{HOSTILE}", OURS_BESIDE_AN_ARTICLE)):
        page = visit(path, q="大桥")
        tags = {tag for tag, _, _ in page.elements}
        assert not tags & {"img", "u", "b", "i", "em", "hr"}
        assert all("viewbox" in attrs for attrs, _ in page.all("svg"))
        assert scripts(page) == ours
        assert all(not name.startswith("on") for _, attrs, _ in page.elements for name in attrs)
        assert not [a for a, _ in page.all("a") if a["href"].startswith("javascript")]


def test_a_hostile_query_is_shown_as_text(visit):
    query = "\"><script>alert(1)</script>' onfocus='"
    page = visit("/", status=400, q='"' + query)
    assert scripts(page) == OURS
    page = visit("/", q=query.replace('"', ""))
    assert page.all("input", name="q")[0][0]["value"] == query.replace('"', "")


def test_security_headers_allow_nothing_from_outside(client):
    for url in (
        "/",
        "/?q=大桥",
        f"/articles/{BRIDGE}",
        "/nothing",
        "/api/search",
        "/static/style.css",
    ):
        headers = client.get(url).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_need_nothing_from_outside_and_no_inline_style(client, visit):
    for url in ("/", "/?q=大桥", f"/articles/{BRIDGE}"):
        page = visit(url)
        loaded = [
            address
            for tag in ("link", "script", "img")
            for attrs, _ in page.all(tag)
            if (address := attrs.get("href") or attrs.get("src"))
        ]
        assert loaded
        ids = {attrs["id"] for _, attrs, _ in page.elements if "id" in attrs}
        for address in loaded:
            if address.startswith("#"):
                assert address[1:] in ids
            else:
                assert client.get(address).status_code == 200
        assert page.all("style") == []
        assert not any("style" in attrs for _, attrs, _ in page.elements)


def test_a_facet_adds_a_filter_and_its_chip_takes_it_away(visit):
    page = visit("/", q="供水", sort="newest")
    narrowed = page.link("青禾晚报")
    assert ("filter", "newspaper:青禾晚报") in parameters(narrowed)
    page = visit(narrowed)
    assert "12" in page.all("div", class_="summary")[0][1]
    page = visit(page.link("2019 "))
    assert set(parameters(page.link("报纸: 青禾晚报"))) == {
        ("q", "供水"), ("sort", "newest"), ("filter", "year:2019"),
    }  # fmt: skip
    page = visit(page.link("年份: 2019"))
    assert "12" in page.all("div", class_="summary")[0][1]
    page = visit(page.link("报纸: 青禾晚报"))
    assert "25" in page.all("div", class_="summary")[0][1]


def test_narrowing_starts_at_the_first_page_again(visit):
    page = visit("/", q="供水", page="2")
    assert "page" not in dict(parameters(page.link("青禾晚报")))
    assert "page" not in dict(parameters(page.link("最新")))


def test_the_form_keeps_filters_order_and_page_size(visit):
    page = visit(
        "/?q=供水&filter=section:民生&filter=year:2019&sort=oldest&per_page=5&date_from=2018-07"
    )
    fields = [(a["name"], a.get("value")) for a, _ in page.all("input")]
    for pair in (
        ("q", "供水"), ("filter", "section:民生"), ("filter", "year:2019"), ("sort", "oldest"),
        ("per_page", "5"), ("date_from", "2018-07-01"),
    ):  # fmt: skip
        assert pair in fields


def test_every_field_has_a_label(visit):
    for url in ("/", "/?q=大桥", f"/articles/{BRIDGE}", '/?q="大桥'):
        page = visit(url, status=400 if url.endswith('"大桥') else 200)
        labelled = {a.get("for") for a, _ in page.all("label")}
        wrapped = {"date_from", "date_to"}
        for attrs, _ in page.all("input"):
            if attrs.get("type") != "hidden":
                assert attrs.get("id") in labelled or attrs["name"] in wrapped
        assert len(page.all("h1")) == 1
        assert len(page.all("main")) == 1
        assert page.all("a", class_="skip", href="#main")


def test_paging_walks_through_all_hits_once(visit):
    page, seen = visit("/", q="供水"), []
    while True:
        seen += page.titles()
        if not page.all("a", rel="next"):
            break
        page = visit(page.all("a", rel="next")[0][0]["href"])
    assert len(seen) == len(set(seen)) == 25
    assert page.all("a", aria_current="page")[0][1] == "3"
    assert page.all("ol")[0][0]["start"] == "21"


def test_a_page_past_the_end_says_so(visit):
    page = visit("/", q="供水", page="9")
    assert page.titles() == []
    assert messages.text("web.past_the_end", "zh") in page.all("main")[0][1]


def test_nothing_found_gives_tips_and_keeps_the_filters_removable(visit):
    page = visit("/", q="龘龘龘", filter="newspaper:临江日报")
    text = page.all("section", class_="empty")[0][1]
    assert messages.text("web.nothing", "zh") in text
    assert messages.text("web.tip.filters", "zh") in text
    assert page.link("报纸: 临江日报")


def test_a_query_in_pinyin_that_finds_nothing_offers_what_it_spells(visit):
    page = visit("/", q="linj", filter="newspaper:临江日报")
    offered = [a["href"] for a, text in page.all("a") if text == "临江日报"]
    assert parameters(offered[0]) == [("q", "临江日报"), ("filter", "newspaper:临江日报")]
    assert visit("/", q="大桥").all("p", class_="offered") == []


def test_what_was_folded_is_told_with_a_way_to_search_as_it_stands(visit):
    page = visit("/", q="臨江大橋")
    assert page.titles() == ["临江大桥今日通车"]
    assert any("臨江大橋" in text for _, text in page.all("li", class_="notice"))
    literal = visit(page.link("按原样检索"))
    assert literal.titles() == []
    assert visit(literal.link("恢复归并检索")).titles() == page.titles()
    marked = visit(f"/articles/{BRIDGE}", q="5", literal="true")
    assert marked.all("mark") == []


def test_a_relaxed_search_says_so(visit):
    page = visit("/", q="大桥 渔网 改造")
    assert page.all("div", role="status")[0][1] == messages.text(
        "notices.any_word", "zh", all_words=0
    )


def test_a_bad_query_shows_the_place_and_can_be_mended(visit):
    page = visit("/", status=400, q='大桥 "通车')
    assert page.all("p", class_="pointed")[0][1] == '大桥 "通车'
    assert page.all("mark", class_="wrong")[0][1] == '"'
    assert page.all("input", name="q")[0][0]["value"] == '大桥 "通车'
    assert page.all("p", role="alert")


@pytest.mark.parametrize(
    "url",
    ["/?page=0", "/?colour=red", "/?q=大桥&date_from=x", "/?q=大桥&filter=a:b", "/articles/plain?page=x",
     "/articles/plain?q=%22"],
)  # fmt: skip
def test_a_bad_parameter_is_a_page_that_says_so(visit, url):
    page = visit(url, status=400, language="en")
    assert page.all("p", role="alert")[0][1].isascii()


def test_parameters_for_programs_do_not_break_the_page(visit):
    page = visit("/?q=大桥&highlight=false&fields=id&explain=true&facets=year")
    assert "临江大桥今日通车" in page.titles()
    assert page.link("临江日报")


def test_errors_outside_the_api_are_pages(client, visit):
    for url in ("/nothing", "/articles/nobody"):
        assert visit(url, status=404, language="en").all("a", href="/")
    response = client.post("/")
    assert (response.status_code, response.mimetype) == (405, "text/html")
    assert "GET" in response.headers["Allow"]


def test_the_article_page_shows_everything_about_it(visit):
    page = visit(f"/articles/{BRIDGE}", q="大桥")
    assert page.all("h1")[0][1] == "临江大桥今日通车"
    assert page.all("p", class_="kicker")[0][1] == "跨江通道再添一座"
    assert page.all("p", class_="subtitle")[0][1] == "两岸车程缩短到五分钟"
    assert page.all("h2")[0][1] == "五年建成"
    assert page.all("p", class_="caption")[0][1] == "图为大桥夜景。"
    assert page.all("time", datetime="2018-07-30")
    assert page.all("article")[0][0]["lang"] == "zh"
    assert len(page.all("mark")) == 4
    about = page.all("aside")[0][1]
    assert page.all("p", class_="flag")[0][1] == messages.text("web.flag.truncated", "zh")
    assert "2018/linjiang.txt: 3–9, 14–15" in about
    assert page.link(BRIDGE) == f"/articles/{BRIDGE}"


def test_an_article_without_query_has_no_marks_and_no_way_back(visit):
    page = visit(f"/articles/{BRIDGE}")
    assert page.all("mark") == []
    assert page.all("p", class_="back") == []


def test_the_way_back_leads_to_the_same_results(visit):
    start = "/?q=供水&filter=section:民生&sort=oldest&page=2"
    results = visit(start)
    first = next(a["href"] for a, _ in results.all("a") if "/articles/" in a["href"])
    back = visit(first).link("←")
    assert parameters(back) == parameters(start)
    assert visit(back).titles() == results.titles()


def test_people_are_links_to_their_pages_and_roles_to_what_else_they_did(visit):
    page = visit(f"/articles/{BRIDGE}")
    assert len([a for a, text in page.all("a") if text == "王小满"]) == 2, "byline and list"
    assert parameters(page.link("王小满")) == [("name", "王小满")]
    assert "临江大桥今日通车" in visit(page.link("王小满")).titles()
    assert parameters(page.link("记者")) == [("q", '记者:"王小满"')]
    assert "临江大桥今日通车" in visit(page.link("记者")).titles()
    hostile = visit(f"/articles/{HOSTILE}")
    assert visit(hostile.link('"><img')).titles()
    assert visit(hostile.link("作者")).titles()


def test_an_article_without_headline_can_be_opened(visit):
    page = visit("/", q="“只有正文的一条”")
    untitled = messages.text("web.untitled", "zh")
    assert page.titles() == [untitled]
    assert parameters(page.link(untitled)) == [("q", "“只有正文的一条”")]
    assert visit(f"/articles/{PLAIN}").all("h1")[0][1] == untitled


def test_flags_are_explained(visit):
    flags = visit("/articles/photo-1", language="en").all("p", class_="flag")
    assert flags[0][1] == messages.text("web.flag.generated_title", "en")


def test_ads_are_found_by_kind_only(visit):
    assert "大桥牌香皂" not in visit("/", q="大桥").titles()
    assert visit("/", q="类型:广告").titles() == ["大桥牌香皂"]
    assert visit("/", filter="kind:ad").titles() == ["大桥牌香皂"]


def test_the_advanced_form_writes_a_query_to_see_and_edit(client, visit):
    page = visit("/advanced")
    names = {a["name"] for tag in ("input", "select") for a, _ in page.all(tag)}
    assert {"all", "exact", "any", "near", "none", "person", "newspaper", "date_from"} <= names
    filled = {"all": "大桥 通车", "person": "王小满", "role": "记者", "date_from": "2018-07"}
    answer = client.get("/advanced", query_string=filled)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert dict(parameters(address)) == {
        "q": '大桥 AND 通车 AND 记者:"王小满"',
        "date_from": "2018-07",
    }
    page = visit(address)
    assert "临江大桥今日通车" in page.titles()
    assert page.all("input", name="q")[0][0]["value"] == '大桥 AND 通车 AND 记者:"王小满"'


def test_a_page_past_the_end_leads_back_to_the_first(visit):
    page = visit("/", q="通车", page="50")
    assert page.titles() == []
    assert "/?q=%E9%80%9A%E8%BD%A6&page=1" in [a.get("href") for a, _ in page.all("a")]


def test_the_advanced_form_offers_fields_in_the_readers_language(client):
    assert '<option value="记者">记者</option>' in client.get("/advanced?lang=zh").text
    page = client.get("/advanced?lang=en").text
    assert '<option value="记者">reporter (记者)</option>' in page
    assert '<option value="广告">ad (广告)</option>' in page


def test_an_advanced_form_of_dates_alone_shows_their_articles(client, visit):
    answer = client.get("/advanced", query_string={"date_from": "2018-08-02", "lang": "en"})
    assert ("lang", "en") in parameters(answer.headers["Location"])
    assert visit(answer.headers["Location"]).titles()
