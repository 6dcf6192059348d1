"""Whoosh's terms reader over an open segment: terms, their statistics, their matchers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whoosh.codec import base
from whoosh.reading import TermInfo, TermNotFound

from searchsvc.postings.matcher import ArrayMatcher
from searchsvc.postings.segment import OpenField, OpenSegment

Term = tuple[str, bytes]


class TermsReader(base.TermsReader):  # type: ignore[misc]
    """See ``whoosh.codec.base.TermsReader``."""

    def __init__(self, segment: OpenSegment) -> None:
        self._segment = segment

    def __contains__(self, term: Term) -> bool:
        field = self._segment.field(term[0])
        return field is not None and field.find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """The inverted fields of the segment."""
        return self._segment.field_names

    def cursor(self, fieldname: str, fieldobj: Any) -> base.FieldCursor:
        """Walks the terms of a field."""
        field = self._segment.field(fieldname)
        return _Cursor(field, fieldobj) if field else base.EmptyCursor()

    def terms(self) -> Iterator[Term]:
        """All terms, by field name, then in byte order."""
        for name in self._segment.field_names:
            yield from self._of_field(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """The terms from this one on, then those of the fields behind."""
        for name in self._segment.field_names:
            if name >= fieldname:
                yield from self._of_field(name, prefix if name == fieldname else b"")

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """All terms with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """``terms_from`` with statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Statistics of a term. Raises TermNotFound."""
        return _term_info(*self._found(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> int:
        """The collection frequency of a term; 0 where it is missing."""
        field, ordinal = self._lookup(fieldname, text)
        return field.collection_frequency(ordinal) if field else 0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many documents hold a term; 0 where it is missing."""
        field, ordinal = self._lookup(fieldname, text)
        return field.document_frequency(ordinal) if field else 0

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None
    ) -> ArrayMatcher:
        """A matcher of a term's postings. Raises TermNotFound."""
        field, ordinal = self._found(fieldname, text)
        return ArrayMatcher(field, ordinal, (fieldname, text), format_, scorer)

    def _of_field(self, name: str, prefix: bytes) -> Iterator[Term]:
        field = self._segment.field(name)
        if field:
            start, stop = field.range(prefix, None)
            yield from ((name, term) for term in field.terms(start, stop))

    def _found(self, name: str, text: bytes) -> tuple[OpenField, int]:
        field, ordinal = self._lookup(name, text)
        if field is None:
            raise TermNotFound(f"No term {name}:{text!r}")
        return field, ordinal

    def _lookup(self, name: str, text: bytes) -> tuple[OpenField | None, int]:
        """The field and the term's ordinal; no field where the term is missing."""
        field = self._segment.field(name)
        ordinal = field.find(text) if field else -1
        return (None, -1) if ordinal < 0 else (field, ordinal)


def _term_info(field: OpenField, ordinal: int) -> TermInfo:
    documents = field.documents(ordinal)
    frequencies = field.frequencies(ordinal)
    lengths = field.lengths[documents] if field.lengths is not None else None
    return TermInfo(
        weight=float(field.collection_frequency(ordinal)),
        df=len(documents),
        minlength=0 if lengths is None else int(lengths.min()),
        maxlength=0 if lengths is None else int(lengths.max()),
        maxweight=1.0 if frequencies is None else float(frequencies.max()),
        minid=int(documents[0]),
        maxid=int(documents[-1]),
    )


class _Cursor(base.FieldCursor):  # type: ignore[misc]
    """See ``whoosh.codec.base.FieldCursor``."""

    def __init__(self, field: OpenField, fieldobj: Any) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self._ordinal = 0

    def first(self) -> Any:
        """Goes to the first term."""
        self._ordinal = 0
        return self.text()

    def find(self, term: Any) -> Any:
        """Goes to the first term that is not less."""
        text = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._ordinal = self._field.range(text, None)[0]
        return self.text()

    def next(self) -> Any:
        """Goes to the next term."""
        self._ordinal += 1
        return self.text()

    def text(self) -> Any:
        """The term, None behind the last one."""
        if not self.is_valid():
            return None
        return self._fieldobj.from_bytes(self._field.term(self._ordinal))

    def term_info(self) -> TermInfo | None:
        """The term's statistics."""
        return _term_info(self._field, self._ordinal) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether the cursor stands at a term."""
        return self._ordinal < self._field.n_terms
