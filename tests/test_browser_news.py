"""A reader of the news corpus, 74,542 items, with Chromium: what an archive of real size asks of the pages."""

import json

import pytest
from browsing import ask, leave, one, pairs, parameters, press_on, tab_to, texts, until
from conftest import Quiet
from web_archive import running_server

from searchsvc.indexer import reindex
from searchsvc.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.corpus]

MAX_BYTES = 100_000


@pytest.fixture(scope="module")
def address(shared, tmp_path_factory):
    settings = Settings(index_dir=tmp_path_factory.mktemp("news") / "index")
    reindex(settings, [shared / "news/xwlb_2012_2026.jsonl.xz"], Quiet())
    with running_server(settings) as address:
        yield address


def bytes_of(browser):
    messages = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    return sum(
        m["params"]["encodedDataLength"]
        for m in messages
        if m["method"] == "Network.loadingFinished"
    )


def total(browser):
    return int("".join(filter(str.isdecimal, one(browser, ".summary p").text.split("，")[0])))


def test_a_reader_narrows_a_large_result_by_year_month_and_bar(open_browser, address):
    browser = open_browser()
    browser.get(address)
    ask(browser, "合作")
    everything = total(browser)
    assert everything > 1_000
    press_on(browser, ".facets a[href*='year']")
    of_year = total(browser)
    assert 0 < of_year < everything
    press_on(browser, ".facets a[href*='month']")
    assert 0 < total(browser) < of_year
    assert len(texts(browser, ".chosen li")) == 2
    leave(browser, browser.back)
    leave(browser, browser.back)
    assert total(browser) == everything
    bar = browser.find_elements("css selector", ".timeline a")[2]
    leave(browser, bar.find_elements("css selector", "rect")[-1].click)
    assert {"date_from", "date_to"} <= parameters(browser).keys()


def test_pages_of_a_large_archive_stay_light(open_browser, address):
    browser = open_browser()
    for path in ("", "?q=合作", "?q=“一带一路” 合作&per_page=10", "people", "facets/month?q=合作",
                 "trends?q=合作&q=改革&interval=month", "concordance?q=合作&order=left"):  # fmt: skip
        browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        bytes_of(browser)
        browser.get(f"{address}/{path}")
        assert one(browser, "main h1")
        assert bytes_of(browser) < MAX_BYTES, path


def test_pinyin_completes_and_the_keyboard_leads_to_an_article(open_browser, address):
    browser = open_browser()
    browser.get(address)
    box = one(browser, "#q")
    box.send_keys("gaige")
    until(browser, lambda: "改革" in texts(browser, "#suggestions [role=option]"))
    ask(browser, "“改革开放”")
    headline = tab_to(browser, lambda e: "/articles/" in (e.get_attribute("href") or ""))
    leave(browser, headline.send_keys, "\ue007")
    assert "改革开放" in texts(browser, "article mark")
    assert pairs(browser)[0] == ("q", "“改革开放”")


def test_trends_by_month_have_a_line_a_table_and_their_articles(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/trends?q=一带一路&q=雾霾&interval=month&scale=relative")
    assert len(browser.find_elements("css selector", ".trends polyline")) == 2
    assert len(texts(browser, ".counts tbody tr")) > 12
    count = one(browser, ".counts td a")
    leave(browser, count.click)
    assert total(browser) > 0
