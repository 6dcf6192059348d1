"""Bytes of a page file to text: UTF-8, UTF-16 with a mark, GB18030 or Big5, never mojibake.

UTF-8 proves itself. GB18030 and Big5 share most byte pairs, so that a file may decode as both: the
reading with the greater share of common characters wins, and neither is taken where it decodes to
control characters, private-use characters or characters that no newspaper prints.
"""

from __future__ import annotations

import codecs
import unicodedata

from searchsvc.errors import SourceError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON = frozenset(
    "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們到作地于於出就分对對成会會"
    "可主发發年日月市县縣新本报報记記者讯訊，。、“”「」："
)
_MAX_ODD_SHARE = 0.02
_MIN_COMMON_SHARE = 0.05


def decode_page(content: bytes) -> str:
    """The text of a page file. Raises SourceError with the reason where it is no text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content, encoding)
    if b"\0" in content:
        raise SourceError("source.binary", position=content.index(b"\0"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        position = error.start
    readings = [text for name in ("gb18030", "big5hkscs") if (text := _plausible(content, name))]
    if not readings:
        raise SourceError("source.encoding", position=position)
    return max(readings, key=_common_share)


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError("source.encoding", position=error.start) from error


def _plausible(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    odd = sum(unicodedata.category(c) in ("Cc", "Co", "Cn") and c not in "\r\n\t\f" for c in text)
    if odd > _MAX_ODD_SHARE * len(text) or _common_share(text) < _MIN_COMMON_SHARE:
        return None
    return text


def _common_share(text: str) -> float:
    foreign = [c for c in text if ord(c) > 0x7F]
    return sum(c in _COMMON for c in foreign) / len(foreign) if foreign else 0.0
