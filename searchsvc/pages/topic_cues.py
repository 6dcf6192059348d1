"""Cues of lexical cohesion: where the topic turns, and which text a heading belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from searchsvc.pages.characters import BIT
from searchsvc.pages.cohesion import chains, content_pairs, depths
from searchsvc.pages.context_cues import text_before_breaks_off, text_before_finished
from searchsvc.pages.view import Values, View, before

NEAR_CHARS = 100
FAR_CHARS = 350
TURN = 0.12
"""Below that share the topic turns: the lower quartile of all boundaries inside articles, and above
the median of those between them, on the labelled development pages.
"""
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
    yield from _pulls(view)


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


def _pulls(view: View) -> Iterator[tuple[str, Values]]:
    """Whether running text shares words with the next heading, as that heading's article does
    before it where the layout displaced it.
    """
    pulls = np.zeros(len(view))
    heads = np.flatnonzero(~view.running & (view.lengths <= MAX_HEADING_CHARS)).tolist()
    running = view.running.tolist()
    for first, head in pairwise([-1, *heads]):
        told = [n for n in range(first + 1, head) if running[n]]
        words = content_pairs(view.texts[head]) if told else ()
        for n in told if words else ():
            pulls[n] = sum(map(view.texts[n].__contains__, words)) / len(words)
    yield "pulled_by_heading", pulls
    yield "pull_begins", (pulls > 0) & (before(pulls, 0.0) == 0)
