"""The loops over all characters or all lines of a page: compiled where numba is installed, else in
NumPy; the same results.
"""

from __future__ import annotations

try:
    from searchsvc.pages import compiled_kernels as chosen
except (ImportError, RuntimeError):  # no numba, or no folder that it may keep its code in
    from searchsvc.pages import array_kernels as chosen  # type: ignore[no-redef]

recurring = chosen.recurring
covered = chosen.covered
state_scores = chosen.state_scores
best_path = chosen.best_path
pair_ids = chosen.pair_ids
window_cosines = chosen.window_cosines
heading_shares = chosen.heading_shares
pulls = chosen.pulls
