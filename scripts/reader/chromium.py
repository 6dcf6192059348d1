"""Opens headless Chromium as a reader has it; called by the pictures and by the browser's tests.

Needs Debian's ``chromium`` and ``chromium-driver``.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

DESKTOP: Final = (1280, 900)
PHONE: Final = (390, 844)
SCHEMES: Final = ("light", "dark")

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def open_chromium(
    profile: Path,
    *,
    size: tuple[int, int] = DESKTOP,
    language: str = "zh-CN",
    script: bool = True,
    downloads: Path | None = None,
) -> webdriver.Chrome:
    """A browser with an empty profile in this folder; the caller quits it.

    ``script`` is whether pages may run any, ``downloads`` the folder for files. Its logs hold what pages
    say to the console and every request that they make.
    """
    os.environ |= {"SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    preferences: dict[str, object] = {"intl.accept_languages": language}
    if not script:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    if downloads is not None:
        preferences["download.default_directory"] = str(downloads)
    options.add_experimental_option("prefs", preferences)
    for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--lang={language}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": size[0],
            "height": size[1],
            "deviceScaleFactor": 1,
            "mobile": size[0] <= PHONE[0],
        },
    )
    return browser


def paint(browser: webdriver.Chrome, scheme: str) -> None:
    """Has the reader prefer light or dark pages."""
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )


def program(name: str) -> str:
    """Where a program of Debian's packages is."""
    path = shutil.which(name)
    if path is None:
        raise SystemExit(
            f"{name} is missing: apt-get install chromium chromium-driver fonts-noto-cjk"
        )
    return path
