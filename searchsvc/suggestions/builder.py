"""Entries to a file that answers look-ups by text, by sound and by what is nearly the text.

SUGGESTIONS.md describes every array. Called when articles are indexed; read by ``lexicon``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.container import ContainerWriter
from searchsvc.storage import sync
from searchsvc.suggestions.entries import VOCABULARY, Entry, Kind, is_han
from searchsvc.suggestions.keys import (
    MAX_DELETION_CHARS,
    MAX_LATIN_CHARS,
    PLACE_CHARS,
    deletions,
    text_hash,
)
from searchsvc.suggestions.pronunciation import syllables
from searchsvc.suggestions.pronunciation_keys import confusable

MAX_SYLLABLES: Final = 8
"""Of a title; longer ones are found by these."""
LEAST_PAIR_COUNT: Final = 5
"""A word of two characters is found by one of them only where so many articles have it."""

_Rows = Sequence[tuple[str, Kind, str, int]]


def write_lexicon(path: Path, entries: Iterable[Entry]) -> None:
    """Writes the entries to ``path``, replacing what is there at once and durably.

    Entries of one kind that fold to the same are one, shown as the most frequent of them.
    """
    rows = _merged(entries)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    writer = ContainerWriter(temporary)
    try:
        _write_entries(writer, rows)
        _write_places(writer, rows)
        _write_sounds(writer, rows)
        _write_deletions(writer, rows)
        words = sum(count for _, kind, _, count in rows if kind is Kind.WORD)
        writer.close({"word_total": words})
    except BaseException:
        writer.discard()
        raise
    temporary.replace(path)
    sync(path.parent)


def _merged(entries: Iterable[Entry]) -> _Rows:
    """(key, kind, text, count) in order of key and kind."""
    found: dict[tuple[str, Kind], tuple[str, int, int]] = {}
    for entry in entries:
        if not (key := entry.key):
            continue
        text, most, total = found.get((key, entry.kind), (entry.text, entry.count, 0))
        if entry.count > most:
            text, most = entry.text, entry.count
        found[key, entry.kind] = (text, most, total + entry.count)
    return [(key, kind, text, n) for (key, kind), (text, _, n) in sorted(found.items()) if n]


def _write_entries(writer: ContainerWriter, rows: _Rows) -> None:
    _write_texts(writer, "key", [key for key, *_ in rows])
    _write_texts(writer, "text", [text if text != key else "" for key, _, text, _ in rows])
    writer.add("kinds", np.array([kind for _, kind, _, _ in rows], np.uint8))
    writer.add("counts", np.array([count for *_, count in rows], np.int32))


def _write_places(writer: ContainerWriter, rows: _Rows) -> None:
    """Where titles go on after their first character, in order of what follows."""
    places = [
        (key[start : start + PLACE_CHARS], row, len(key[:start].encode()))
        for row, (key, kind, _, _) in enumerate(rows)
        if kind is Kind.TITLE
        for start in range(1, len(key) - 1)
        if key[start].isalnum() and not (key[start].isascii() and key[start - 1].isascii())
    ]
    places.sort()
    writer.add("place_entries", np.array([row for _, row, _ in places], np.uint32))
    writer.add("place_starts", np.array([start for *_, start in places], np.uint16))


def _write_sounds(writer: ContainerWriter, rows: _Rows) -> None:
    """Pinyin with a capital for each syllable (LiaoCheng), in order of its letters."""
    sounds: list[tuple[str, str, int]] = []
    for row, (key, kind, _, _) in enumerate(rows):
        han = "".join(char for char in key if is_han(char)) if kind is Kind.TITLE else key
        if len(han) < 2 or not is_han(han):
            continue
        spoken = syllables(han[:MAX_SYLLABLES])
        if spoken is not None:
            capitals = "".join(syllable.capitalize() for syllable in spoken)
            sounds.append((capitals.lower(), capitals, row))
    sounds.sort()
    _write_texts(writer, "sound", [capitals for _, capitals, _ in sounds])
    writer.add("sound_entries", np.array([row for *_, row in sounds], np.uint32))
    initials = ["".join(filter(str.isupper, capitals)) for _, capitals, _ in sounds]
    order = sorted(range(len(sounds)), key=initials.__getitem__)
    writer.add("initials_order", np.array(order, np.uint32))
    words = [
        (text_hash(confusable(letters)), number)
        for number, (letters, _, row) in enumerate(sounds)
        if rows[row][1] in VOCABULARY
    ]
    _write_hashes(writer, "sound_hash", words)


def _write_deletions(writer: ContainerWriter, rows: _Rows) -> None:
    found: list[tuple[int, int]] = []
    for row, (key, kind, _, count) in enumerate(rows):
        if kind not in VOCABULARY:
            continue
        if len(key) <= (MAX_DELETION_CHARS if is_han(key) else MAX_LATIN_CHARS):
            found.append((text_hash(key), row))
            if len(key) > 2 or (len(key) == 2 and abs(count) >= LEAST_PAIR_COUNT):
                found += [(text_hash(piece), row) for piece in deletions(key)]
    _write_hashes(writer, "deletion", found)


def _write_hashes(writer: ContainerWriter, name: str, found: list[tuple[int, int]]) -> None:
    pairs: NDArray[np.uint32] = np.array(found, np.uint32).reshape(-1, 2)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    writer.add(f"{name}_hashes", pairs[order, 0])
    writer.add(f"{name}_rows", pairs[order, 1])


def _write_texts(writer: ContainerWriter, name: str, texts: Sequence[str]) -> None:
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.zeros(len(encoded) + 1, np.uint32)
    np.cumsum([len(text) for text in encoded], out=starts[1:])
    writer.add(f"{name}_starts", starts)
    writer.add(f"{name}_bytes", np.frombuffer(b"".join(encoded), np.uint8))
