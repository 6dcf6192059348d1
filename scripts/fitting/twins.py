"""More pages from labelled ones: the same lines without telling gaps, wrapped or unwrapped, and
articles of several pages on one, with displaced headlines, column breaks and cut tails.

Weights fitted on the labelled pages alone would lean on what these collections happen to have in
common, such as two blank lines before every article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from random import Random

from fitting import margins
from fitting.labelled import HEADS, TEXTS, LabelledLine, LabelledPage, labelled_lines
from searchsvc.pages.bylines import byline_people

APART = ("ad", "notice", "imprint")
INDENTED_SHARE = 0.7
"""Of wrapped pages, how many indent their paragraphs."""
BARE_SHARE = 0.12
"""Of recombined articles, how many name their author and nothing more."""
BRIEF_SHARE = 0.2
"""Of recombined pages, how many are of briefs: heads and a paragraph or two."""


def even(page: LabelledPage, random: Random) -> LabelledPage:
    """The page with the same gap, or none, between all its lines."""
    gap = random.choice((0, 1))
    return _page(f"{page.name} even", f"{page.source} even", labelled_lines(page), [gap])


def wrapped(page: LabelledPage, random: Random) -> LabelledPage:
    """The page cut to lines of 13 to 30 characters, paragraphs mostly indented, column breaks
    mended.
    """
    width = random.randint(13, 30)
    indent = "\u3000\u3000" if random.random() < INDENTED_SHARE else ""
    gaps = random.choice(([0], [0, 0, 1, 2]))
    joined: list[LabelledLine] = []
    for line in labelled_lines(page):
        text = line.text.strip()
        if line.state.upper() == "BC" and joined and joined[-1].role == line.role in TEXTS:
            joined[-1] = replace(joined[-1], text=joined[-1].text + text)
        else:
            joined.append(replace(line, text=text))
    cut = []
    for line in joined:
        text = indent + line.text if line.state.upper() in ("BF", "BB") else line.text
        pieces = [text[at : at + width] for at in range(0, len(text), width)]
        cut += [replace(line, text=piece) for piece in pieces if piece.strip()]
    return _page(f"{page.name} wrapped", f"{page.source} wrapped", cut, gaps, random)


def unwrapped(page: LabelledPage, random: Random) -> LabelledPage:
    """A wrapped page with a paragraph or heading to a line."""
    joined: list[LabelledLine] = []
    for line in labelled_lines(page):
        text = line.text.strip()
        goes_on = line.state.upper() in ("BC", "HC")
        if goes_on and joined and (joined[-1].block, joined[-1].role) == (line.block, line.role):
            joined[-1] = replace(joined[-1], text=joined[-1].text + text)
        else:
            joined.append(replace(line, text=text))
    return _page(f"{page.name} whole", f"{page.source} whole", joined, [random.choice((0, 1))])


def recombined(pages: Sequence[LabelledPage], random: Random, name: str) -> LabelledPage:
    """A page of articles drawn from several, disturbed as layouts do; blocks of ads and notices
    mostly at its end.
    """
    blocks = [list(run) for page in pages for _, run in groupby(labelled_lines(page), _block)]
    articles = [block for block in blocks if any(line.role in TEXTS for line in block)]
    apart = [block for block in blocks if all(line.role in APART for line in block)]
    drawn = random.sample(articles, min(len(articles), random.randint(3, 7)))
    laid = [_bare(_disturbed(article, random), random) for article in drawn]
    if random.random() < BRIEF_SHARE:
        laid = [_brief(article) for article in drawn]
    for block in random.sample(apart, min(len(apart), random.randint(0, 2))):
        laid.insert(len(laid) if random.random() < 0.7 else random.randint(0, len(laid)), block)
    laid = _with_margins(laid, random)
    lines = [replace(line, block=f"block {n}") for n, block in enumerate(laid) for line in block]
    gaps = random.choice(([1], [1], [0], [1, 2, 3]))
    return _page(name, f"{pages[0].source} recombined", lines, gaps, random)


def _with_margins(blocks: list[list[LabelledLine]], random: Random) -> list[list[LabelledLine]]:
    """The blocks with a masthead above or below, notices, ads and an imprint, of any wording."""
    chances = (
        ("imprint", margins.MASTHEADS, 0.5, 0.8), ("ad", margins.ADS, 0.5, 0.1),
        ("notice", margins.NOTICES, 0.6, 0.1), ("notice", margins.NOTICES, 0.3, 0.0),
        ("imprint", margins.IMPRINTS, 0.6, 0.05),
    )  # fmt: skip
    for role, templates, chance, above in chances:
        if random.random() < chance:
            lines = margins.drawn(templates, random)
            block = [LabelledLine(text, "", role, "") for text in lines]
            blocks = [block, *blocks] if random.random() < above else [*blocks, block]
    return blocks


def _bare(article: list[LabelledLine], random: Random) -> list[LabelledLine]:
    """The article, its byline perhaps no more than a name."""
    if random.random() >= BARE_SHARE:
        return article
    return [
        replace(line, text=people[0].name)
        if line.role == "byline" and (people := byline_people(line.text))
        else line
        for line in article
    ]


def _brief(article: list[LabelledLine]) -> list[LabelledLine]:
    """The article up to its second paragraph."""
    kept: list[LabelledLine] = []
    for line in article:
        if sum(other.role in TEXTS for other in kept) == 2:
            break
        kept.append(line)
    return kept


def _disturbed(article: list[LabelledLine], random: Random) -> list[LabelledLine]:
    """The article with some column breaks, perhaps its tail cut, perhaps its head further down."""
    opening = 0
    while opening < len(article) and article[opening].role in (*HEADS, "byline"):
        opening += 1
    head, rest = article[:opening], []
    for line in article[opening:]:
        if line.role == "body" and len(line.text) > 60 and random.random() < 0.3:
            at = random.randint(15, len(line.text) - 15)
            rest += [replace(line, text=line.text[:at]), replace(line, text=line.text[at:])]
        else:
            rest.append(line)
    if rest and rest[-1].role == "body" and len(rest[-1].text) > 50 and random.random() < 0.25:
        text = rest[-1].text
        rest[-1] = replace(rest[-1], text=text[: random.randint(25, len(text) - 8)])
    long = [n for n, line in enumerate(rest) if line.role == "body" and len(line.text) > 50]
    if head and len(long) >= 2 and random.random() < 0.25:
        n = random.choice(long)
        at = random.randint(10, len(rest[n].text) - 10)
        first, second = (replace(rest[n], text=t) for t in (rest[n].text[:at], rest[n].text[at:]))
        return [*rest[:n], first, *head, second, *rest[n + 1 :]]
    return head + rest


def _page(
    name: str,
    source: str,
    lines: Sequence[LabelledLine],
    gaps: Sequence[int],
    random: Random | None = None,
) -> LabelledPage:
    """A page of lines; before each block one of the gaps, inside blocks the first of them."""
    texts: list[str] = []
    labels: dict[int, tuple[str, str]] = {}
    block = None
    for line in lines:
        if texts:
            opens = random is not None and line.block != block
            gap = random.choice(gaps) if random is not None and opens else gaps[0]
            texts += [""] * (gap if opens or line.role not in ("byline", "ad") else 0)
        texts.append(line.text)
        labels[len(texts)] = (line.block, line.role)
        block = line.block
    return LabelledPage(name, source, "\n".join(texts), labels)


def _block(line: LabelledLine) -> str:
    return line.block
