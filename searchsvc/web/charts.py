"""Drawings of counts over time as SVG shapes: bars of a timeline, lines of trends.

Gives numbers only; the templates write them. Coordinates are in units of the drawing's view box.
"""

from __future__ import annotations

import math
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


def scale(highest: float, *, whole: bool) -> list[float]:
    """Round values from 0 to the highest or a little above it, at most five steps of 1, 2 or 5 times a
    power of ten; ``whole`` for counts, which have nothing between 0 and 1.
    """
    if highest <= 0:
        return [0.0, 1.0]
    least = max(highest / 5, 1.0) if whole else highest / 5
    unit = 10.0 ** math.floor(math.log10(least))
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= least * (1 - 1e-9))
    return [step * n for n in range(math.ceil(highest / step - 1e-9) + 1)]


def heights(marks: Sequence[float]) -> list[tuple[float, str]]:
    """(y, label) of the values that a scale marks."""
    digits = 0 if marks[1] >= 1 else max(0, -math.floor(math.log10(marks[1])))
    return [(round(CHART_HEIGHT * (1 - v / marks[-1]), 2), f"{v:,.{digits}f}") for v in marks]


def lines(
    series: Sequence[tuple[str, Sequence[float]]], *, whole: bool
) -> tuple[list[Line], list[float]]:
    """The lines of trends over one scale, and the values that it marks, from 0 upwards."""
    marks = scale(max((v for _, values in series for v in values), default=0.0), whole=whole)
    top = marks[-1]
    made = []
    for query, values in series:
        step = CHART_WIDTH / max(1, len(values) - 1)
        made.append(
            Line(
                query,
                tuple(
                    (
                        round(number * step, 2),
                        round(CHART_HEIGHT * (1 - value / top), 2),
                    )
                    for number, value in enumerate(values)
                ),
            )
        )
    return made, marks


def ticks(buckets: Sequence[Bucket]) -> list[tuple[float, str]]:
    """(x, label) of some buckets below a chart of lines, evenly apart."""
    if not buckets:
        return []
    apart = -(-len(buckets) // _MAX_TICKS)
    step = CHART_WIDTH / max(1, len(buckets) - 1)
    return [(round(n * step, 2), buckets[n].label) for n in range(0, len(buckets), apart)]
