"""Labelled pages: read from gold files, and as the states that the segmenter should find.

A labelled page is its text and, for every non-blank line, a block and a role.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from searchsvc.pages.issues import is_masthead
from searchsvc.pages.lines import text_lines
from searchsvc.pages.units import ends_sentence, open_quotes
from searchsvc.pages.view import page_view
from searchsvc.sample import sample_path

HEADS = ("headline", "kicker")
TEXTS = ("body", "duplicate", "caption")
WRITTEN = Path(__file__).parent / "pages"
LETTERS = {
    "h": "headline", "k": "kicker", "y": "byline", "s": "subhead", "b": "body", "d": "duplicate",
    "c": "caption", "a": "ad", "n": "notice", "i": "imprint",
}  # fmt: skip
INDENTS = (" ", "\u3000", "\t")


@dataclass(frozen=True)
class LabelledPage:
    """``labels`` maps 1-based line numbers to (block, role); ``source`` names the collection."""

    name: str
    source: str
    text: str
    labels: dict[int, tuple[str, str]]


@dataclass(frozen=True)
class LabelledLine:
    """A line of a labelled page with the state that the segmenter should give it."""

    text: str
    block: str
    role: str
    state: str


def shipped_pages(gold: Path) -> list[LabelledPage]:
    """The pages of the sample archive with the gold standard of the tests."""
    pages = json.loads(gold.read_text(encoding="utf-8"))
    return [
        _page(name, "sample", (sample_path() / name).read_text(encoding="utf-8"), page)
        for name, page in pages.items()
    ]


def written_pages(folder: Path = WRITTEN) -> list[LabelledPage]:
    """The pages that were written for fitting, ``*.page``: a line opens with the letter of its role
    and a space; ``= name`` opens a block, or goes on with one.
    """
    return [_written(path) for path in sorted(folder.glob("*.page"))]


def _written(path: Path) -> LabelledPage:
    texts: list[str] = []
    labels: dict[int, tuple[str, str]] = {}
    block = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        mark, _, text = line.partition(" ")
        if mark == "=":
            block = text
            continue
        texts.append(text)
        if mark:
            labels[len(texts)] = (block, LETTERS[mark])
    return LabelledPage(path.stem, "written", "\n".join(texts), labels)


def shared_pages(folder: Path) -> list[LabelledPage]:
    """The labelled pages of a folder: ``*.gold.json`` beside its text, and ``*.jsonl`` of pages
    with labels a line, or with articles as character offsets.
    """
    pages = []
    for path in sorted(folder.glob("*.gold.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = (folder / gold["source"]["path"]).read_text(encoding="utf-8")
        pages.append(_page(path.name, "page", text, gold))
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if "line_labels" not in record:
                record["line_labels"] = _labels_of_offsets(record)
            pages.append(_page(record["id"], path.stem.split("_")[0], record["text"], record))
    return pages


def is_wrapped(page: LabelledPage) -> bool:
    """Whether the page's lines are cut to a width."""
    return page_view(text_lines(page.text)).wrapped


def labelled_lines(page: LabelledPage) -> list[LabelledLine]:
    """The non-blank lines of a page with their states; a line without label is an imprint's."""
    texts = page.text.split("\n")
    view = page_view(text_lines(page.text))
    wrapped = view.wrapped
    width = 0 if view.indented.any() else view.measure
    lines: list[LabelledLine] = []
    has_text = has_headline = False
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        block, role = page.labels.get(number, (f"unlabelled {number}", "imprint"))
        if role == "notice" and is_masthead(text.strip()):
            role = "imprint"
        before = lines[-1] if lines and lines[-1].block == block else None
        if before is None:
            has_text = has_headline = False
        state = _state(lines, before, text, role, wrapped, width, has_text)
        has_headline = has_headline or state in ("HB", "D", "DY")
        if state in ("Y", "BF", "BC", "S", "YT") and not has_headline:
            state = state.lower()
        has_text = has_text or role in TEXTS
        if role in TEXTS and before and before.state in ("yt", "YT") and state.upper() != "S":
            lines[-1] = LabelledLine(before.text, block, before.role, "DY")
            state = state.upper()
            has_headline = True
        lines.append(LabelledLine(text.rstrip("\r"), block, role, state))
    return lines


def _state(
    lines: list[LabelledLine],
    before: LabelledLine | None,
    text: str,
    role: str,
    wrapped: bool,
    width: int,
    has_text: bool,
) -> str:
    if role in HEADS:
        return "HB" if before is None else "D" if has_text else "HC"
    if role == "byline":
        if before is None:
            return "YB"
        if not has_text:
            return "Y"
        return "DY" if before.state in ("D", "DY") else "YT"
    if role == "subhead":
        return "HB" if before is None else "S"
    if role in TEXTS:
        return "BB" if before is None else _text_state(lines, before, text, wrapped, width)
    first, further = {"ad": ("AB", "AC"), "notice": ("NB", "NC"), "imprint": ("IB", "IC")}[role]
    if before is None or role not in (before.role, "imprint"):
        return first
    return further


def _text_state(
    lines: list[LabelledLine], before: LabelledLine, text: str, wrapped: bool, width: int
) -> str:
    """Whether text begins a paragraph: on a wrapped page by its indent (where ``width`` is given,
    as nothing is indented, by the line before, which is finished and not filled), else by whether
    the text before it is finished.
    """
    if wrapped and before.role in TEXTS:
        last = before.text.strip()
        begins = ends_sentence(last) and len(last) < width if width else text.startswith(INDENTS)
        return "BF" if begins else "BC"
    if before.state not in ("D", "DY", "S", "s") and before.role not in TEXTS:
        return "BF"
    told = next((line for line in reversed(lines) if line.role in TEXTS), None)
    if told is None or told.block != before.block or text.startswith(INDENTS):
        return "BF"
    whole = told.text.strip()
    finished = ends_sentence(whole) and (wrapped or open_quotes(whole) <= 0)
    return "BF" if finished else "BC"


def _page(
    name: str, source: str, text: str, record: dict[str, dict[str, list[str]]]
) -> LabelledPage:
    labels = {int(n): (str(block), role) for n, (block, role) in record["line_labels"].items()}
    return LabelledPage(name, source, text, labels)


def _labels_of_offsets(record: dict[str, object]) -> dict[str, list[str]]:
    labels: dict[str, list[str]] = {}
    place = 0
    for number, line in enumerate(str(record["text"]).split("\n"), 1):
        for article in record["articles"]:  # type: ignore[attr-defined]
            if line.strip() and article["start"] <= place < article["end"]:
                role = "headline" if place < article["body_start"] else "body"
                labels[str(number)] = [str(article["start"]), role]
        place += len(line) + 1
    return labels
