"""The innermost loops: compiled where numba is installed, else in NumPy; the same results.

Weigh it: importing numba takes 0.2 to 0.6 s, once per process.
"""

from __future__ import annotations

try:
    from searchsvc.evaluation import compiled_kernels as chosen
except (ImportError, RuntimeError):  # no numba, or no folder that it may keep its code in
    from searchsvc.evaluation import array_kernels as chosen  # type: ignore[no-redef]

members = chosen.members
common_places = chosen.common_places
common_positions = chosen.common_positions
merge = chosen.merge
bm25 = chosen.bm25
add_bm25 = chosen.add_bm25
best = chosen.best
best_of_all = chosen.best_of_all
matching = chosen.matching
lowest = chosen.lowest
