"""Entries to a file that answers look-ups by text, by sound and by what is nearly the text.

SUGGESTIONS.md describes every array. Called when articles are indexed; read by ``lexicon``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import ragged_arange
from searchsvc.postings.container import ContainerWriter
from searchsvc.storage import Seal, sync
from searchsvc.suggestions.entries import VOCABULARY, Entry, Kind, entry_keys
from searchsvc.suggestions.keys import MAX_DELETION_CHARS, MAX_LATIN_CHARS, PLACE_CHARS
from searchsvc.suggestions.sounds import Sounds
from searchsvc.suggestions.texts import Bits, Codes, Integers, Texts, are_han, byte_sizes, sums

LEAST_PAIR_COUNT: Final = 5
"""A word of two characters is found by one of them only where so many articles have it."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Entries in order of key and kind. ``texts`` are as printed, empty where they are the keys."""

    keys: Texts
    texts: Texts
    kinds: NDArray[np.uint8]
    counts: NDArray[np.int32]
    of_han: Bits
    """Which keys are of Han characters alone."""

    def are(self, *kinds: Kind) -> Bits:
        """Which entries are of these kinds."""
        return np.isin(self.kinds, kinds)


def write_lexicon(path: Path, entries: Iterable[Entry]) -> Seal:
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
        words = rows.counts[rows.are(Kind.WORD)].sum(dtype=np.int64)
        seal = writer.close({"word_total": int(words)})
    except BaseException:
        writer.discard()
        raise
    temporary.replace(path)
    sync(path.parent)
    return seal


def _merged(entries: Iterable[Entry]) -> _Rows:
    found: dict[tuple[str, int], tuple[str, int, int]] = {}
    entries = list(entries)
    for key, entry in zip(entry_keys([e.text for e in entries]), entries, strict=True):
        if not key:
            continue
        text, count = entry.text, entry.count
        name = (key, entry.kind.value)  # numbers hash and compare faster than kinds
        if (known := found.get(name)) is None:
            found[name] = (text, count, count)
        else:
            shown, most, total = known
            if count > most:
                shown, most = text, count
            found[name] = (shown, most, total + count)
    rows = [(*name, found[name][0], found[name][2]) for name in sorted(found)]
    rows = [row for row in rows if row[-1]]
    keys = Texts.of([key for key, *_ in rows])
    return _Rows(
        keys,
        Texts.of(["" if text == key else text for key, _, text, _ in rows]),
        np.array([kind for _, kind, _, _ in rows], np.uint8),
        np.array([count for *_, count in rows], np.int32),
        sums(~are_han(keys.codes), keys.sizes) == 0,
    )


def _write_entries(writer: ContainerWriter, rows: _Rows) -> None:
    _write_texts(writer, "key", *rows.keys.utf8())
    _write_texts(writer, "text", *rows.texts.utf8())
    writer.add("kinds", rows.kinds)
    writer.add("counts", rows.counts)


def _write_places(writer: ContainerWriter, rows: _Rows) -> None:
    """Where titles go on after their first character, in order of what follows."""
    titles = np.flatnonzero(rows.are(Kind.TITLE))
    texts = rows.keys.take(titles)
    place = ragged_arange(texts.sizes)
    codes, owners = texts.codes, texts.owners()
    ascii_before = np.concatenate([[False], codes[:-1] < 0x80])
    begins = _are_letters(codes) & ~((codes < 0x80) & ascii_before)
    places = np.flatnonzero(begins & (place > 0) & (place < texts.sizes[owners] - 1))
    width = byte_sizes(codes)
    byte = np.cumsum(width) - width
    first_byte = byte[texts.starts[owners[places]]] if len(places) else places
    order = _order_of_following(texts, places)
    writer.add("place_entries", titles[owners[places]][order].astype(np.uint32))
    writer.add("place_starts", (byte[places] - first_byte)[order].astype(np.uint16))


def _order_of_following(texts: Texts, places: Integers) -> Integers:
    """The places in order of the ``PLACE_CHARS`` code points from each on."""
    alphabet, ranks = np.unique(texts.codes, return_inverse=True)
    bits = max(1, len(alphabet).bit_length())
    ranks = np.concatenate([ranks + 1, np.zeros(PLACE_CHARS, np.int64)]).astype(np.uint64)
    ends = np.cumsum(texts.sizes)[texts.owners()[places]]
    at_once = 63 // bits
    words = []
    for first in range(0, PLACE_CHARS, at_once):
        word = np.zeros(len(places), np.uint64)
        for place in range(first, min(first + at_once, PLACE_CHARS)):
            word <<= np.uint64(bits)
            word |= np.where(places + place < ends, ranks[places + place], 0)
        words.append(word)
    return np.lexsort(words[::-1]) if len(places) else places


def _write_sounds(writer: ContainerWriter, rows: _Rows) -> None:
    """Pinyin with a capital for each syllable (LiaoCheng), in order of its letters."""
    titles = rows.are(Kind.TITLE)
    spoken = rows.keys.keep(are_han(rows.keys.codes))
    asked = np.flatnonzero((titles | rows.of_han) & (spoken.sizes >= 2))
    sounds = Sounds.of(spoken.take(asked))
    entries = asked[sounds.rows]
    _write_texts(writer, "sound", sounds.capitals, sounds.sizes)
    writer.add("sound_entries", entries.astype(np.uint32))
    writer.add("initials_order", np.argsort(sounds.initials(), kind="stable").astype(np.uint32))
    known = np.flatnonzero(rows.are(*VOCABULARY)[entries])
    _write_hashes(writer, "sound_hash", sounds.confusable_hashes()[known], known)


def _write_deletions(writer: ContainerWriter, rows: _Rows) -> None:
    longest = np.where(rows.of_han, MAX_DELETION_CHARS, MAX_LATIN_CHARS)
    known = np.flatnonzero(rows.are(*VOCABULARY) & (rows.keys.sizes <= longest))
    keys = rows.keys.take(known)
    often = np.abs(rows.counts[known]) >= LEAST_PAIR_COUNT
    shortened = np.flatnonzero((keys.sizes > 2) | ((keys.sizes == 2) & often))
    pieces, of_key = _deletions(keys.take(shortened))
    hashes = np.concatenate([keys.hashes(), pieces.hashes()])
    _write_hashes(writer, "deletion", hashes, np.concatenate([known, known[shortened[of_key]]]))


def _deletions(texts: Texts) -> tuple[Texts, Integers]:
    """``keys.deletions`` of each text, and the texts that they are of."""
    same = np.concatenate([[False], texts.codes[1:] == texts.codes[:-1]])
    place = ragged_arange(texts.sizes)
    left_out = np.flatnonzero(~same | (place == 0))
    of_text = texts.owners()[left_out]
    sizes = texts.sizes[of_text] - 1
    within = ragged_arange(sizes)
    within += within >= np.repeat(place[left_out], sizes)
    codes: Codes = texts.codes[np.repeat(texts.starts[of_text], sizes) + within]
    return Texts(codes, sizes), of_text


def _are_letters(codes: Codes) -> Bits:
    """Which code points are letters, digits or Han characters."""
    distinct, inverse = np.unique(codes, return_inverse=True)
    letters = np.fromiter((chr(code).isalnum() for code in distinct.tolist()), np.bool_)
    return letters[inverse] if len(codes) else letters


def _write_hashes(
    writer: ContainerWriter, name: str, hashes: NDArray[np.uint32], numbers: Integers
) -> None:
    pairs = hashes.astype(np.uint64) << np.uint64(32) | numbers.astype(np.uint64)
    pairs.sort()
    writer.add(f"{name}_hashes", (pairs >> np.uint64(32)).astype(np.uint32))
    writer.add(f"{name}_rows", pairs.astype(np.uint32))


def _write_texts(
    writer: ContainerWriter, name: str, data: NDArray[np.uint8], sizes: Integers
) -> None:
    starts = np.zeros(len(sizes) + 1, np.uint32)
    np.cumsum(sizes, out=starts[1:])
    writer.add(f"{name}_starts", starts)
    writer.add(f"{name}_bytes", data)
