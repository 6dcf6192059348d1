"""Names for the arrays that evaluation passes around. Used by every module of the package."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Documents: TypeAlias = NDArray[np.uint32]
"""Document numbers within a segment, ascending, each once."""

Indices: TypeAlias = NDArray[np.intp]
"""Positions in another array, ascending, each once."""

Mask: TypeAlias = NDArray[np.bool_]
Scores: TypeAlias = NDArray[np.float64]
Positions: TypeAlias = NDArray[np.int64]
"""Positions in the one position space of a segment's field, ascending."""

Column: TypeAlias = NDArray[Any]

NO_DOCUMENTS: Documents = np.empty(0, np.uint32)
NO_POSITIONS: Positions = np.empty(0, np.int64)
for _array in (NO_DOCUMENTS, NO_POSITIONS):
    _array.flags.writeable = False
