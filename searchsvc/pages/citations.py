"""What a text cites: titles in 《》 and numbers of standards. Called by the assembly of articles."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TITLE = re.compile(r"《([^《》]{2,80}(?:《[^《》]{1,60}》[^《》]{0,60})?)》")
_STANDARD = re.compile(
    r"(?<![A-Za-z0-9/])"
    r"(?P<body>ISO(?:/(?:IEC|TS|TR))?|IEC|EN|ASTM|ANSI|IEEE|ITU-T|T/[A-Z]{2,8}|Q/[A-Z0-9]{2,8}"
    r"|(?:GB|GBJ|GBZ|GJB|JJG|JJF|JGJ|CJJ|JTG|CECS|DB[0-9]{2}|[A-Z]{2})(?:/[TZ])?"
    r")"
    r"\s?(?P<number>[A-Z]?[0-9]{1,6}(?:[.][0-9]{1,3})*)"
    r"(?P<year>\s?[-—－–:：]\s?(?:19|20)[0-9]{2})?(?![0-9A-Za-z])"
)
_LETTER = re.compile("[A-Z]")
_YEARLESS = ("GB", "ISO", "IEC")
"""Bodies whose numbers are standards even where no year follows."""


def title_spans(text: str) -> list[tuple[int, int, str]]:
    """Where a text quotes titles: start and end with the 《》 around, and the title."""
    return [(m.start(), m.end(), m[1].strip()) for m in _TITLE.finditer(text) if m[1].strip()]


def cited_titles(texts: Iterable[str]) -> tuple[str, ...]:
    """The titles that texts quote in 《》, each once, in order."""
    return tuple(dict.fromkeys(t.strip() for text in texts for t in _TITLE.findall(text)))


def cited_standards(texts: Iterable[str]) -> tuple[str, ...]:
    """The standards that texts name, each once, as standards bodies write them:
    ``GB/T 7714-2015``, ``ISO 9001:2015``.
    """
    lettered = filter(_LETTER.search, texts)
    found = (_standard(match) for text in lettered for match in _STANDARD.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def _standard(match: re.Match[str]) -> str:
    body, year = match["body"], match["year"]
    international = body.startswith(("ISO", "IEC"))
    if not year:
        return f"{body} {match['number']}" if body.startswith(_YEARLESS) else ""
    mark = ":" if international else "-"
    return f"{body} {match['number']}{mark}{year.strip()[-4:]}"
