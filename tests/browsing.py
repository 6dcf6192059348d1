"""What the browser's tests do in a page: find, click, type, wait for the next page."""

from urllib.parse import parse_qsl, urlsplit

WAIT_S = 20
TAB, ENTER, ESCAPE, ARROW_DOWN, SPACE = "\ue004", "\ue007", "\ue00c", "\ue015", " "
"""Keys by the code points that WebDriver has for them."""


def one(browser, selector):
    return browser.find_element("css selector", selector)


def texts(browser, selector):
    return [element.text for element in browser.find_elements("css selector", selector)]


def until(browser, condition):
    """Waits until the condition holds; what it then gives."""
    from selenium.webdriver.support.wait import WebDriverWait  # noqa: PLC0415

    return WebDriverWait(browser, WAIT_S).until(lambda _: condition())


def leave(browser, act, *arguments):
    """Does what leads to another page, and waits until the old one has gone.

    While it goes, Chromium may say of the old page that it does not belong to the document, which
    the driver hands on as an error of its own kind; the next look then finds it stale.
    """
    from selenium.common.exceptions import WebDriverException  # noqa: PLC0415
    from selenium.webdriver.support.expected_conditions import staleness_of  # noqa: PLC0415
    from selenium.webdriver.support.wait import WebDriverWait  # noqa: PLC0415

    old = one(browser, "html")
    act(*arguments)
    waiting = WebDriverWait(browser, WAIT_S, ignored_exceptions=[WebDriverException])
    waiting.until(staleness_of(old))


def press_on(browser, selector):
    """Clicks what leads to another page."""
    leave(browser, one(browser, selector).click)


def ask(browser, query):
    """Types a query into the box and submits it with the button."""
    box = one(browser, "#q")
    box.clear()
    box.send_keys(query)
    press_on(browser, "form.box button")


def follow(browser, text):
    """Clicks the link that holds this text."""
    leave(browser, browser.find_element("partial link text", text).click)


def parameters(browser):
    return dict(parse_qsl(urlsplit(browser.current_url).query))


def pairs(browser):
    return parse_qsl(urlsplit(browser.current_url).query)


def press(browser, *keys):
    """Presses keys on what has the focus; gives what has it then."""
    browser.switch_to.active_element.send_keys(*keys)
    return browser.switch_to.active_element


def tab_to(browser, wanted, most=120):
    """Goes on by the tabulator until ``wanted`` holds of what has the focus; that element."""
    for _ in range(most):
        focused = press(browser, TAB)
        if wanted(focused):
            return focused
    raise AssertionError("the tabulator never came there")
