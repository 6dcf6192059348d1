"""Pictures of every page; see scripts/screenshots."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

from selenium import webdriver

from reader.chromium import DESKTOP, PHONE, SCHEMES, open_chromium, paint
from reader.extremes import write_extremes
from reader.serving import running_server
from reader.states import extreme_states, news_states, sample_states

_MAX_HEIGHT = 6_000
"""A longer page is cut off there."""


def main() -> None:
    """Takes the pictures into a folder, ``<width>-<scheme>-<language>/<state>.png``."""
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archives = [
            (_indexed(folder / "sample", "--sample"), sample_states),
            (
                _indexed(folder / "extremes", write_extremes(folder / "extremes.jsonl")),
                extreme_states,
            ),
        ]
        if options.news:
            archives.append((options.news, news_states))
        for index, states in archives:
            with running_server(index) as address:
                chosen = {
                    state: path
                    for state, path in states(address).items()
                    if not options.only or state in options.only
                }
                _picture_all(address, chosen, options.folder, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/screenshots")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--news", type=Path, help="an index of the news corpus")
    parser.add_argument("--only", nargs="+", default=(), help="only these states")
    return parser.parse_args()


def _indexed(index: Path, source: object) -> Path:
    command = [sys.executable, "-m", "searchsvc", "reindex", str(source), "--index", str(index)]
    subprocess.run(command, check=True, capture_output=True)
    return index


def _picture_all(address: str, states: Mapping[str, str], into: Path, work: Path) -> None:
    """Every state at both widths, light and dark, in both languages."""
    for size in (DESKTOP, PHONE):
        for language in ("zh-CN", "en-US"):
            profile = Path(tempfile.mkdtemp(dir=work))
            browser = open_chromium(profile, size=size, language=language)
            try:
                for scheme in SCHEMES:
                    paint(browser, scheme)
                    folder = into / f"{size[0]}-{scheme}-{language[:2]}"
                    folder.mkdir(parents=True, exist_ok=True)
                    for state, path in states.items():
                        browser.get(address + path)
                        (folder / f"{state}.png").write_bytes(_picture(browser, size[0]))
            finally:
                browser.quit()


def _picture(browser: webdriver.Chrome, width: int) -> bytes:
    height = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["height"]
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, _MAX_HEIGHT), "scale": 1}
    taken = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
    )
    return b64decode(taken["data"])


main()
