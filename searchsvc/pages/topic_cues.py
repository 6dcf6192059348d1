"""Cues of lexical cohesion: where the topic turns, and which text a heading belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from searchsvc.pages.characters import BIT
from searchsvc.pages.cohesion import chains, depths
from searchsvc.pages.context_cues import text_before_breaks_off, text_before_finished
from searchsvc.pages.view import Values, View, before
from searchsvc.pages.vocabulary import vocabulary

NEAR_CHARS = 100
FAR_CHARS = 350
TURN = 0.12
"""Below that share the topic turns: the lower quartile of all boundaries inside articles, and above
the median of those between them, on the labelled development pages.
"""
NEAR_PAIRS = 200
FAR_PAIRS = 420
SHARED_BANDS = (
    (-2.0, -0.5),
    (-0.5, 0.02),
    (0.02, 0.035),
    (0.035, 0.05),
    (0.05, 0.075),
    (0.075, 0.1),
    (0.1, 0.18),
)
MAX_HEADING_CHARS = 40
BANDS = ((-1.0, 0.05), (0.05, 0.12), (0.12, 0.2), (0.2, 0.35))


class Topics:
    """Cohesion at the beginning of every line of a page."""

    def __init__(self, view: View) -> None:
        told = view.characters
        found = chains(told.codes, np.not_equal(told.bits & BIT["content"], 0))
        self.near = found.share_after(told.starts, NEAR_CHARS)
        self.far = found.share_after(told.starts, FAR_CHARS)
        self.back = found.share_before(told.starts, FAR_CHARS)


def topic_cues(view: View) -> Iterator[tuple[str, Values]]:
    """Name and values of every cue of cohesion."""
    topics = Topics(view)
    for name, share in (("near", topics.near), ("far", topics.far), ("back", topics.back)):
        yield f"cohesion_{name}", share
        for low, high in BANDS:
            yield f"cohesion_{name}_to_{high}", (share > low) & (share <= high)
    skipped = view.at(view.next_running, np.minimum(topics.far, topics.back), 1.0)
    heading = ~view.running
    yield "heading_cohesion", skipped * heading
    yield "heading_turns", heading & (skipped < TURN)
    breaks_off, finished = text_before_breaks_off(view), text_before_finished(view)
    yield "turns_inside_sentence", breaks_off & (topics.far < TURN)
    yield "broken_text_goes_on", breaks_off & (skipped >= TURN)
    yield "broken_text_turns", breaks_off & (skipped < TURN)
    yield "finished_text_turns", finished & (skipped < TURN)
    yield from _valleys(view, topics)
    yield from _shared(view)


def _valleys(view: View, topics: Topics) -> Iterator[tuple[str, Values]]:
    """Where cohesion is lower than at the neighbouring paragraphs."""
    places = np.flatnonzero(view.running & view.begins_unit)
    both = (topics.far + topics.back) / 2
    depth = np.zeros(len(view))
    lowest = np.zeros(len(view), np.bool_)
    if len(places):
        values = both[places]
        depth[places] = depths(values)
        padded = np.concatenate([[9.0, 9.0], values, [9.0, 9.0]])
        window = np.lib.stride_tricks.sliding_window_view(padded, 5)
        lowest[places] = values <= window.min(axis=1)
    yield "valley_depth", depth
    yield "valley", lowest
    yield "deep_valley", lowest & (depth > 0.3)


def _shared(view: View) -> Iterator[tuple[str, Values]]:
    found = vocabulary(view)
    near = found.cosines(NEAR_PAIRS, NEAR_PAIRS * 2 // 3)
    far = found.cosines(FAR_PAIRS, FAR_PAIRS * 2 // 3)
    for name, share in (("near", near), ("far", far)):
        yield f"shared_{name}", share
        for low, high in SHARED_BANDS:
            yield f"shared_{name}_to_{high}", (share > low) & (share <= high)
    usual = max(float(np.median(near)), 0.02)
    yield "shares_less_than_usual", near / usual < 0.5
    yield "lack_inside_sentence", text_before_breaks_off(view) & (near <= 0.05)
    yield "lack_after_sentence", text_before_finished(view) & (near <= 0.05)
    headings = ~view.running & (view.lengths <= MAX_HEADING_CHARS)
    heads = np.flatnonzero(headings)
    before_after = np.zeros((2, len(view)))
    before_after[:, heads] = found.of_headings(heads, NEAR_PAIRS)
    yield "heading_told_before", before_after[0]
    yield "heading_told_after", before_after[1]
    yield "heading_not_told_before", headings & (before_after[0] < 0.05)
    yield "heading_told_first_before", headings & (before_after[0] > before_after[1] + 0.1)
    pulls = found.pulls(heads)
    after_text = view.running & before(view.running, False)
    yield "pulled_by_heading", pulls * after_text
    yield "pulled_much_by_heading", after_text & (pulls > 0.35)
    yield "pulled_most_by_heading", after_text & (pulls > 0.55)
    yield "turns_and_pulled", after_text & (pulls > 0.25) & (near <= 0.05)
    yield "turns_in_text", after_text & (near <= 0.035)
    told_first = headings & (before_after[0] > before_after[1] + 0.1)
    yield "broken_text_told_heading", told_first & text_before_breaks_off(view)
