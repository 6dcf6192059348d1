"""Whole journeys of a reader with Chromium: an input method, the keyboard alone, files, the way back."""

import csv
import json

import pytest
from browsing import (
    ARROW_DOWN,
    ENTER,
    TAB,
    ask,
    follow,
    leave,
    one,
    pairs,
    parameters,
    press,
    press_on,
    tab_to,
    texts,
    until,
)
from web_archive import build_archive, running_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running_server(build_archive(tmp_path_factory.mktemp("journeys"))) as address:
        yield address


def requests_of(browser):
    """The addresses that the browser has asked for since the last call."""
    messages = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    return [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent"
    ]


def test_an_input_method_asks_nothing_before_its_text_is_taken(open_browser, address):
    browser = open_browser()
    browser.get(address)
    box = one(browser, "#q")
    box.click()
    requests_of(browser)
    for typed in ("d", "da", "da q", "da qi", "da qia", "da qiao"):
        browser.execute_cdp_cmd(
            "Input.imeSetComposition",
            {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)},
        )
    browser.execute_async_script("setTimeout(arguments[0], 400)")
    assert box.get_attribute("value") == "da qiao"
    assert requests_of(browser) == [], "what is not yet a word is not asked for"
    assert not one(browser, "#suggestions").is_displayed()
    browser.execute_cdp_cmd("Input.insertText", {"text": "大桥"})
    assert box.get_attribute("value") == "大桥"
    until(browser, lambda: any(texts(browser, "#suggestions [role=option]")))
    asked = [url for url in requests_of(browser) if "/api/suggest" in url]
    assert len(asked) == 1, "the text that was taken is asked for once"


def test_enter_that_takes_a_composed_text_does_not_search(open_browser, address):
    browser = open_browser()
    browser.get(address)
    one(browser, "#q").click()
    left = browser.execute_script("""
        const box = document.querySelector("#q");
        let sent = 0;
        box.form.addEventListener("submit", (event) => { sent += 1; event.preventDefault(); });
        box.dispatchEvent(new CompositionEvent("compositionstart"));
        box.value = "daqiao";
        box.dispatchEvent(new InputEvent("input", { isComposing: true, data: "daqiao" }));
        for (const key of ["ArrowDown", "Enter", "Escape"])
          box.dispatchEvent(new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true }));
        const composing = box.value;
        box.value = "大桥";
        box.dispatchEvent(new CompositionEvent("compositionend", { data: "大桥" }));
        return [sent, composing, box.value];
    """)
    assert left == [0, "daqiao", "大桥"]
    until(browser, lambda: any(texts(browser, "#suggestions [role=option]")))


def test_a_journey_by_keyboard_alone(open_browser, address):
    browser = open_browser()
    browser.get(address)
    until(browser, lambda: browser.switch_to.active_element.get_attribute("id") == "q")
    press(browser, "供水")
    until(browser, lambda: any(texts(browser, "#suggestions [role=option]")))
    press(browser, ARROW_DOWN)
    leave(browser, browser.switch_to.active_element.send_keys, ENTER)
    assert "供水" in parameters(browser)["q"]
    browser.get(f"{address}/?q=供水")
    facet = tab_to(browser, lambda e: "青禾晚报" in e.text and "filter" in e.get_attribute("href"))
    leave(browser, facet.send_keys, ENTER)
    assert ("filter", "newspaper:青禾晚报") in pairs(browser)
    chip = tab_to(browser, lambda e: "报纸:" in e.text)
    leave(browser, chip.send_keys, ENTER)
    assert "filter" not in parameters(browser)
    skip = press(browser, TAB)
    assert skip.get_attribute("class") == "skip"
    press(browser, ENTER)
    headline = tab_to(browser, lambda e: "/articles/" in (e.get_attribute("href") or ""))
    leave(browser, headline.send_keys, ENTER)
    cite = tab_to(browser, lambda e: e.tag_name == "summary")
    press(browser, ENTER)
    assert one(browser, ".references pre").is_displayed(), cite.text
    person = tab_to_from_start(browser, lambda e: "/people?" in (e.get_attribute("href") or ""))
    leave(browser, person.send_keys, ENTER)
    assert texts(browser, ".brief li")


def tab_to_from_start(browser, wanted):
    """The same from the top of the page."""
    browser.execute_script("document.activeElement.blur(); document.body.focus()")
    return tab_to(browser, wanted)


def test_every_stop_of_the_tabulator_is_seen(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/?q=供水")
    for _ in range(45):
        focused = press(browser, TAB)
        if focused.tag_name == "body":
            break
        style = focused.value_of_css_property("outline-style")
        # A bar of the timeline is seen by its colour, as an outline around SVG is cut off.
        assert style == "solid" or focused.tag_name in ("a", "g"), focused.get_attribute(
            "outerHTML"
        )


def test_filters_combine_and_go_one_by_one_back_and_forward(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/?q=供水")
    follow(browser, "青禾晚报")
    press_on(browser, ".facets a[href*='year']")
    press_on(browser, ".facets a[href*='month']")
    chosen = texts(browser, ".chosen li")
    assert len(chosen) == 3
    narrowed = browser.current_url
    press_on(browser, ".chosen li:first-child a")
    assert texts(browser, ".chosen li") == chosen[1:]
    leave(browser, browser.back)
    assert browser.current_url == narrowed
    assert texts(browser, ".chosen li") == chosen
    leave(browser, browser.forward)
    assert texts(browser, ".chosen li") == chosen[1:]


def test_all_values_of_a_facet_are_looked_through_and_one_narrows(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/facets/person?q=供水")
    one(browser, "input[name=like]").send_keys("钱")
    leave(browser, one(browser, "input[name=like]").send_keys, ENTER)
    assert [text.split()[0] for text in texts(browser, ".values li")] == ["钱三"]
    press_on(browser, ".values a")
    assert pairs(browser) == [("q", "供水"), ("filter", "person:钱三")]
    assert len(texts(browser, ".hit")) == 8


def test_a_person_is_reached_from_a_byline_and_leads_to_colleagues(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/?q=临江大桥")
    press_on(browser, ".hit h2 a")
    press_on(browser, ".byline a")
    assert one(browser, "h1").text == "王小满"
    press_on(browser, ".facets a")
    assert one(browser, "h1").text == "李青禾"
    browser.get(f"{address}/people")
    one(browser, "input[name=like]").send_keys("陈")
    leave(browser, one(browser, "input[name=like]").send_keys, ENTER)
    press_on(browser, ".everyone a")
    press_on(browser, ".timeline a")
    assert ("filter", "person:陈一") in pairs(browser)


@pytest.mark.parametrize(
    ("kind", "name"), [("JSON Lines", "articles.jsonl"), ("CSV", "articles.csv")]
)
def test_a_whole_result_is_downloaded(open_browser, address, tmp_path, kind, name):
    browser = open_browser(downloads=tmp_path)
    browser.get(f"{address}/?q=供水")
    browser.find_element("partial link text", kind).click()
    until(browser, (tmp_path / name).exists)
    text = (tmp_path / name).read_text(encoding="utf-8-sig")
    if name.endswith("csv"):
        assert len(list(csv.DictReader(text.splitlines()))) == 25
    else:
        assert len({json.loads(line)["id"] for line in text.splitlines()}) == 25
    assert "waiting" not in (one(browser, "html").get_attribute("class") or "")


def test_the_concordance_is_sorted_and_downloaded(open_browser, address, tmp_path):
    browser = open_browser(downloads=tmp_path)
    browser.get(f"{address}/?q=供水")
    press_on(browser, ".more a[href^='/concordance']")
    follow(browser, "按右侧")
    right = texts(browser, ".concordance tbody .right")
    assert right
    browser.find_element("partial link text", "CSV").click()
    until(browser, (tmp_path / "concordance.csv").exists)
    rows = list(csv.DictReader((tmp_path / "concordance.csv").read_text("utf-8-sig").splitlines()))
    assert [row["right"].strip() for row in rows][: len(right)] == right


def test_trends_are_compared_relative_and_downloaded(open_browser, address, tmp_path):
    browser = open_browser(downloads=tmp_path)
    browser.get(f"{address}/trends")
    boxes = browser.find_elements("css selector", "input[name=q]")
    boxes[0].send_keys("供水")
    boxes[1].send_keys("大桥")
    press_on(browser, ".question button")
    assert len(browser.find_elements("css selector", ".trends polyline")) == 2
    counts = texts(browser, ".counts td")
    follow(browser, "10,000")
    assert texts(browser, ".counts td") != counts
    browser.find_element("partial link text", "CSV").click()
    until(browser, (tmp_path / "trends.csv").exists)
    press_on(browser, ".counts td a")
    assert texts(browser, ".hit")


def test_the_next_page_is_waited_for_in_sight(open_browser, address):
    browser = open_browser()
    browser.get(address)
    waiting = browser.execute_script("""
        const form = document.querySelector("form.box");
        document.addEventListener("submit", (event) => event.preventDefault());
        form.requestSubmit();
        return document.documentElement.className;
    """)
    assert waiting == "waiting"


def test_the_advanced_form_writes_a_query_that_can_be_edited(open_browser, address):
    browser = open_browser()
    browser.get(address)
    follow(browser, "高级检索")
    one(browser, "#exact").send_keys("供水管网")
    one(browser, "#person").send_keys("陈一")
    one(browser, "#newspaper").send_keys("青禾晚报")
    one(browser, "#date_from").send_keys("2018")
    press_on(browser, ".advanced button")
    assert (
        one(browser, "#q").get_attribute("value")
        == '"供水管网" AND 人物:"陈一" AND 报纸:"青禾晚报"'
    )
    assert parameters(browser)["date_from"] == "2018"
    few = len(texts(browser, ".hit"))
    assert few
    ask(browser, '"供水管网"')
    assert len(texts(browser, ".hit")) > few


def test_an_article_prints_as_text_alone(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/articles/linjiang-1")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert one(browser, "article h1").is_displayed()
    assert one(browser, "article").value_of_css_property("color") == "rgba(0, 0, 0, 1)"
    for left_out in (".box", ".places", ".further .around", "footer"):
        assert not any(e.is_displayed() for e in browser.find_elements("css selector", left_out))
    assert one(browser, ".about .source").is_displayed(), "where it stands is printed, too"
