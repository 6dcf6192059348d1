"""XML and HTML to trees, without entities, external files or trees that fill the memory.

The encoding is found by evidence, since declared ones are often wrong; the declared one is asked
only where evidence finds none.
"""

from __future__ import annotations

import re

from lxml import etree, html

from searchsvc.errors import SourceError
from searchsvc.sources.decoding import decode_page

_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?([\w.:-]{2,40})""")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]*\[")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def xml_root(content: bytes) -> etree._Element:
    """The root of an XML document. Raises SourceError where it is not well-formed, or declares
    entities.
    """
    text = _XML_DECLARATION.sub("", decode_markup(content), count=1)
    if _SUBSET.search(text) or "<!ENTITY" in text:
        raise SourceError("source.entities")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError("source.markup", line=error.lineno, reason=error.msg) from error
    except ValueError as error:
        raise SourceError("source.markup", line=1, reason=error) from error


def html_root(content: bytes) -> etree._Element:
    """The root of an HTML document, mended as browsers do. Raises SourceError where there is none."""
    text = _UNPRINTABLE.sub("", _XML_DECLARATION.sub("", decode_markup(content), count=1))
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise SourceError("source.markup", line=1, reason=error) from error
    if not isinstance(root.tag, str):
        raise SourceError("source.empty")
    return root


def decode_markup(content: bytes) -> str:
    """The text of a document. Raises SourceError where it is none."""
    try:
        return decode_page(content)
    except SourceError:
        declared = _DECLARED.search(content[:2_000])
        if declared is None or b"\0" in content:
            raise
        try:
            return content.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
        raise


def local_name(element: etree._Element) -> str:
    """An element's name without its namespace; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
