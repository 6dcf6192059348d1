"""Drawings of counts over time as SVG shapes: bars of a timeline, lines of trends.

Gives numbers only; the templates write them. Coordinates are in units of the drawing's view box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from searchsvc.timeline import Bucket

WIDTH, HEIGHT = 600, 80
CHART_WIDTH, CHART_HEIGHT = 640, 240
_GAP = 0.15
_MAX_TICKS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket's bar and the address of the search that it narrows to."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One trend's points as the attribute of an SVG polyline; ``points`` also one by one."""

    query: str
    points: tuple[tuple[float, float], ...]

    @property
    def path(self) -> str:
        """``x,y x,y ...``"""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


def bars(buckets: Sequence[Bucket], url: Callable[[Bucket], str]) -> list[Bar]:
    """The bars of a timeline, as wide together as the drawing; a bucket with hits is always seen."""
    highest = max((bucket.count for bucket in buckets), default=0)
    if not highest:
        return []
    step = WIDTH / len(buckets)
    made = []
    for number, bucket in enumerate(buckets):
        height = max(1.5, HEIGHT * bucket.count / highest) if bucket.count else 0.0
        made.append(
            Bar(
                round(number * step + step * _GAP / 2, 2),
                round(HEIGHT - height, 2),
                round(step * (1 - _GAP), 2),
                round(height, 2),
                bucket.label,
                bucket.count,
                url(bucket),
            )
        )
    return made


def lines(series: Sequence[tuple[str, Sequence[float]]]) -> tuple[list[Line], float]:
    """The lines of trends over one scale, and the value at its top."""
    top = max((value for _, values in series for value in values), default=0.0)
    made = []
    for query, values in series:
        step = CHART_WIDTH / max(1, len(values) - 1)
        made.append(
            Line(
                query,
                tuple(
                    (
                        round(number * step, 2),
                        round(CHART_HEIGHT * (1 - (value / top if top else 0)), 2),
                    )
                    for number, value in enumerate(values)
                ),
            )
        )
    return made, top


def ticks(buckets: Sequence[Bucket]) -> list[tuple[float, str]]:
    """(x, label) of some buckets below a chart of lines, evenly apart."""
    if not buckets:
        return []
    apart = -(-len(buckets) // _MAX_TICKS)
    step = CHART_WIDTH / max(1, len(buckets) - 1)
    return [(round(n * step, 2), buckets[n].label) for n in range(0, len(buckets), apart)]
