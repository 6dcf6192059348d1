"""A reader with a browser: headless Chromium drives the real server.

Needs Debian's ``chromium`` and ``chromium-driver``; where they are missing these tests fail.
"""

import pytest
from browsing import (
    ARROW_DOWN,
    ENTER,
    ESCAPE,
    TAB,
    ask,
    follow,
    leave,
    one,
    parameters,
    press,
    press_on,
    tab_to,
    texts,
    until,
)
from web_archive import BRIDGE, build_archive, running_server

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with running_server(build_archive(tmp_path_factory.mktemp("browser"))) as address:
        yield address


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_reader_searches_narrows_reads_and_returns(open_browser, address, size, script):
    browser = open_browser(size=size, script=script)
    browser.get(address)
    assert one(browser, "html").get_attribute("lang") == "zh-CN"
    ask(browser, "供水")
    assert parameters(browser)["q"] == "供水"
    assert len(texts(browser, ".hit")) == 10
    assert set(texts(browser, ".hit mark")) == {"供水"}

    follow(browser, "青禾晚报")
    assert parameters(browser)["filter"] == "newspaper:青禾晚报"
    assert all("青禾晚报" in origin for origin in texts(browser, ".origin"))
    narrowed, headlines = browser.current_url, texts(browser, ".hit h2")

    press_on(browser, ".hit h2 a")
    assert one(browser, "article h1").text == headlines[0]
    assert texts(browser, "article mark")
    follow(browser, "返回检索结果")
    assert texts(browser, ".hit h2") == headlines

    browser.get(narrowed)
    press_on(browser, ".hit h2 a")
    leave(browser, browser.back)
    assert browser.current_url == narrowed
    assert texts(browser, ".hit h2") == headlines

    press_on(browser, ".chosen a")
    assert "filter" not in parameters(browser)
    assert "25" in one(browser, ".summary").text


def test_the_page_speaks_the_browsers_language_and_can_be_switched(open_browser, address):
    browser = open_browser(language="en-US")
    browser.get(address)
    assert one(browser, "html").get_attribute("lang") == "en"
    ask(browser, "大桥")
    assert "articles" in one(browser, ".summary").text
    follow(browser, "中文")
    assert one(browser, "html").get_attribute("lang") == "zh-CN"
    assert parameters(browser)["q"] == "大桥"
    press_on(browser, ".hit h2 a")
    assert one(browser, "html").get_attribute("lang") == "zh-CN"
    assert one(browser, "article").get_attribute("lang") == "zh"


def test_dates_order_and_paging_work_by_hand(open_browser, address):
    browser = open_browser()
    browser.get(address)
    ask(browser, "供水")
    one(browser, "input[name=date_from]").send_keys("2019")
    one(browser, "input[name=date_to]").send_keys("2019")
    press_on(browser, "form.box button")
    assert {day[:4] for day in texts(browser, ".hit time")} == {"2019"}
    follow(browser, "最早")
    days = texts(browser, ".hit time")
    assert days == sorted(days)
    browser.get(f"{address}/?q=供水")
    follow(browser, "下一页")
    assert one(browser, ".pages [aria-current]").text == "2"


def test_the_keyboard_alone_is_enough(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/?q=大桥")

    skip = press(browser, TAB)
    assert skip.get_attribute("class") == "skip"
    assert skip.is_displayed()
    assert skip.location["x"] >= 0
    assert skip.value_of_css_property("outline-style") == "solid"
    press(browser, ENTER)
    focused = press(browser, TAB)
    assert focused.get_attribute("id") == "q"
    focused = tab_to(browser, lambda e: BRIDGE in (e.get_attribute("href") or ""))
    leave(browser, focused.send_keys, ENTER)
    assert one(browser, "article h1").text == "临江大桥今日通车"


def test_errors_and_nothing_found_can_be_mended_in_place(open_browser, address):
    browser = open_browser()
    browser.get(address)
    ask(browser, '大桥 "通车')
    assert one(browser, ".pointed").text == '大桥 "通车'
    assert one(browser, ".wrong").text == '"'
    ask(browser, "龘龘龘")
    assert texts(browser, ".empty li")
    ask(browser, "大桥")
    assert texts(browser, ".hit")


@pytest.mark.parametrize("size", [DESKTOP, PHONE, (320, 600)], ids=["desktop", "phone", "small"])
def test_no_page_scrolls_sideways(open_browser, address, size):
    browser = open_browser(size=size)
    for path in ("", "?q=大桥", f"articles/{BRIDGE}?q=大桥", "articles/hostile", '?q="大桥', "?q=龘龘龘",
                 "?q=" + "a" * 400, "?q=大桥&lang=en", "nothing", "advanced?lang=en", "issues",
                 "issues?newspaper=临江日报", "issues?newspaper=临江日报&date=2018-07-30",
                 "trends?q=供水&q=大桥&lang=en", "concordance?q=供水&lang=en", "docs"):  # fmt: skip
        browser.get(f"{address}/{path}")
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0], path


def test_no_text_of_a_document_runs_and_nothing_is_asked_of_other_hosts(open_browser, address):
    browser = open_browser()
    for path in ("", "?q=大桥", "articles/hostile?q=大桥"):
        browser.get(f"{address}/{path}")
        assert browser.title
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    asked = [
        part.partition('"')[0]
        for entry in browser.get_log("performance")
        if '"Network.requestWillBeSent"' in entry["message"]
        for part in entry["message"].split('"documentURL":"')[1:]
    ]
    assert asked
    assert {url for url in asked if not url.startswith((address, "chrome:", "data:"))} == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(open_browser, address, scheme):
    browser = open_browser()
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    for path in ("", "?q=大桥 渔网 改造&filter=year:2018", f"articles/{BRIDGE}?q=大桥", "?q=NOT"):
        browser.get(f"{address}/{path}")
        for tag, text, colour, behind in browser.execute_script(COLOURS):
            assert contrast(colour, behind) >= 4.5, (path, tag, text, colour, behind)


COLOURS = """
  const behind = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; }
    return 'rgb(255, 255, 255)'; };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => [e.tagName, e.textContent.trim().slice(0, 20), getComputedStyle(e).color, behind(e)]);
"""


def contrast(one_colour, other):
    """WCAG 2.1 contrast ratio of two ``rgb(r, g, b)`` colours."""

    def luminance(colour):
        numbers = [int(n) / 255 for n in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in numbers]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one_colour), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_box_completes_what_is_typed(open_browser, address):
    browser = open_browser()
    browser.get(address)
    box = one(browser, "#q")
    assert box.get_attribute("role") == "combobox"
    assert box.get_attribute("aria-expanded") == "false"
    box.send_keys("linjiangda")
    until(browser, lambda: any(texts(browser, "#suggestions [role=option]")))
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(ARROW_DOWN)
    option = one(browser, "#suggestions [aria-selected=true]")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert box.get_attribute("value") == option.text == "临江大桥今日通车"
    box.send_keys(ESCAPE)
    assert box.get_attribute("value") == "linjiangda"
    assert not one(browser, "#suggestions").is_displayed()
    box.send_keys("q")
    until(browser, lambda: any(texts(browser, "#suggestions [role=option]")))
    press_on(browser, "#suggestions [role=option]")
    assert parameters(browser)["q"] == "临江大桥今日通车"
    assert texts(browser, ".hit h2")[0] == "临江大桥今日通车"


def test_a_slip_is_offered_mended(open_browser, address):
    browser = open_browser()
    browser.get(address)
    ask(browser, "林江大桥")
    follow(browser, "临江大桥")
    assert parameters(browser)["q"] == "临江大桥"


def test_a_bar_of_the_timeline_narrows_and_back_widens(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/?q=供水")
    bars = browser.find_elements("css selector", ".timeline a")
    wanted = bars[0].get_attribute("aria-label")
    leave(browser, bars[0].find_elements("css selector", "rect")[-1].click)
    assert parameters(browser)["date_from"] in wanted
    assert len(texts(browser, ".chosen li")) == 2
    leave(browser, browser.back)
    assert not texts(browser, ".chosen li")


def test_a_reference_is_copied_by_its_button(open_browser, address):
    browser = open_browser(language="en-US")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": address},
    )
    browser.get(f"{address}/articles/{BRIDGE}")
    one(browser, ".references summary").click()
    button = one(browser, ".references button")
    button.click()
    copied = browser.execute_async_script(
        "const done = arguments[0]; setTimeout(() => navigator.clipboard.readText().then(done, done), 300)"
    )
    assert copied == "王小满, 李青禾. 临江大桥今日通车[N]. 临江日报, 2018-07-30(A01)."
    assert button.text == "Copied"


def test_the_advanced_form_and_the_trends_work_by_keyboard_alone(open_browser, address):
    browser = open_browser()
    browser.get(f"{address}/advanced")
    one(browser, "#exact").send_keys("临江大桥")
    leave(browser, one(browser, "#exact").send_keys, ENTER)
    assert parameters(browser)["q"] == '"临江大桥"'
    assert "临江大桥今日通车" in texts(browser, ".hit h2")
    browser.get(f"{address}/trends")
    leave(browser, one(browser, "input[name=q]").send_keys, "供水", ENTER)
    assert browser.find_elements("css selector", ".trends polyline")
