"""The table of all Han characters with their sounds and parts, written when suggestions are built.

Read by ``characters``; SUGGESTIONS.md describes the arrays.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.container import ContainerWriter
from searchsvc.storage import sync
from searchsvc.suggestions.characters import END, FIRST, MAX_READINGS
from searchsvc.suggestions.pronunciation import readings
from searchsvc.suggestions.shapes import parts


def write_characters(path: Path) -> None:
    """Writes the table of readings and parts to ``path``, replacing what is there."""
    syllables, arrays = _table()
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    writer = ContainerWriter(temporary)
    try:
        for name, array in arrays.items():
            writer.add(name, array)
        writer.close({"syllables": syllables})
    except BaseException:
        writer.discard()
        raise
    temporary.replace(path)
    sync(path.parent)


@cache
def _table() -> tuple[list[str], dict[str, NDArray[Any]]]:
    """All syllables, and the arrays; they depend on nothing but the libraries that they come from."""
    chars = [chr(code_point) for code_point in range(FIRST, END)]
    spoken = [readings(char)[:MAX_READINGS] for char in chars]
    syllables = sorted({syllable for options in spoken for syllable in options})
    number = {syllable: n for n, syllable in enumerate(syllables, 1)}
    table = np.zeros((len(chars), MAX_READINGS), np.uint16)
    for row, options in enumerate(spoken):
        table[row, : len(options)] = [number[syllable] for syllable in options]
    composed = [(ord(char), *parts(char)) for char in chars]
    starts = np.zeros(len(chars) + 1, np.uint32)
    np.cumsum([len(found) for found in composed], out=starts[1:])
    code_points = np.array([part for found in composed for part in found], np.uint32)
    every_part = np.unique(code_points, return_inverse=True)[1].astype(np.uint16)
    return syllables, {"readings": table.reshape(-1), "part_starts": starts, "parts": every_part}
