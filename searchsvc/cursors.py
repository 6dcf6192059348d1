"""The cursor of a page of hits: one opaque text that says of which search it is, and where it ended.

Takes a request and an engine's place, gives the text that the next request brings back. It is compressed
JSON in the letters of URLs; nothing in it is secret, and nothing is believed without a look. Called by
the service.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from typing import Final

from searchsvc.errors import CallerError
from searchsvc.results import SearchRequest

MAX_BYTES: Final = 1 << 18
"""So long a cursor may be when it is unpacked; one over 437 shards has a fifth of that."""


def cursor_of(request: SearchRequest, version: str, place: str) -> str:
    """The cursor of a page of this request's search that ended at an engine's place."""
    content = json.dumps([_search_of(request), version, place], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(content.encode(), 9)).decode().rstrip("=")


def read_cursor(request: SearchRequest, cursor: str) -> tuple[str, str]:
    """The version of the index that a cursor's page was of, and the engine's place.

    Raises CallerError where it is no cursor, or one of another search.
    """
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        unpacking = zlib.decompressobj()
        search, version, place = json.loads(unpacking.decompress(packed, MAX_BYTES))
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError) as error:
        raise wrong_cursor() from error
    if not all(isinstance(part, str) for part in (search, version, place)):
        raise wrong_cursor()
    if search != _search_of(request):
        raise CallerError("request.cursor_other", parameter="cursor")
    return version, place


def wrong_cursor() -> CallerError:
    """What is said of a text that is no cursor."""
    return CallerError("request.cursor", parameter="cursor")


def expired_cursor() -> CallerError:
    """What is said where the hits that a cursor goes on in are not kept any more."""
    return CallerError("request.cursor_expired", parameter="cursor")


def _search_of(request: SearchRequest) -> str:
    """A short hash of what decides which hits there are, and their order."""
    asked = (
        request.query, sorted(request.filters.items()), request.date_from, request.date_to,
        request.sort, request.fold, request.literal,
    )  # fmt: skip
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]
