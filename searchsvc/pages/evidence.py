"""All cues of a page as one matrix. Called by the labelling and by the script that fits weights.

To add a cue, write a function in one of the modules of cues, name it here, and fit the weights anew
with ``scripts/fit-segmenter``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.pages import context_cues, layout_cues, text_cues
from searchsvc.pages.topic_cues import topic_cues
from searchsvc.pages.view import View

CUES = (
    text_cues.always,
    text_cues.byline,
    text_cues.lone_name,
    text_cues.ends_in_name,
    text_cues.signed,
    text_cues.bracketed_byline,
    text_cues.dateline_opens,
    text_cues.report_opens,
    text_cues.masthead,
    text_cues.newspaper_name,
    text_cues.ad_words,
    text_cues.notice_words,
    text_cues.notice_opens,
    text_cues.imprint_words,
    text_cues.sentence_ends,
    text_cues.credited,
    text_cues.after_credited,
    text_cues.sentence_inside,
    text_cues.comma_inside,
    text_cues.unbalanced,
    text_cues.unpunctuated,
    text_cues.spaced_out,
    text_cues.ends_in_dash,
    text_cues.begins_with_dash,
    text_cues.begins_with_quote,
    text_cues.begins_inside_sentence,
    text_cues.bracketed,
    text_cues.numbered,
    text_cues.many_digits,
    *(
        text_cues.length_between(low, high)
        for low, high in ((0, 6), (7, 12), (13, 24), (25, 45), (46, 99), (100, 1 << 40))
    ),
    layout_cues.no_gap_before,
    layout_cues.gap_before,
    layout_cues.wide_gap_before,
    layout_cues.no_gap_after,
    layout_cues.wide_gap_after,
    layout_cues.first_on_page,
    layout_cues.after_all_text,
    layout_cues.indented,
    layout_cues.flush,
    layout_cues.after_full_line,
    layout_cues.after_short_line,
    layout_cues.short_line,
    layout_cues.runs_on,
    layout_cues.runs_on_after_sentence,
    layout_cues.flush_heading,
    layout_cues.in_flush_heading,
    context_cues.after_byline,
    context_cues.before_byline,
    context_cues.byline_before_text,
    context_cues.running_text,
    context_cues.after_running_text,
    context_cues.before_running_text,
    context_cues.after_sentence,
    context_cues.text_before_finished,
    context_cues.text_before_breaks_off,
    context_cues.no_text_before,
    context_cues.dateline_follows,
    context_cues.report_follows,
    context_cues.text_before_signed,
    context_cues.after_heading,
    context_cues.parallel_heading,
    context_cues.lacks_usual_byline,
    context_cues.closes_quotation,
    context_cues.word_goes_on,
    context_cues.number_goes_on,
    context_cues.repeated_by_next,
    context_cues.repeated_by_text,
)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What every cue says of every line: ``values`` has shape ``(lines, cues)``, float64."""

    names: tuple[str, ...]
    values: NDArray[np.float64]


def evidence(view: View) -> Evidence:
    """The evidence of a page that has at least one line."""
    found = [(cue.__name__, cue(view)) for cue in CUES]
    found += topic_cues(view)
    values = np.empty((len(view), len(found)))
    for column, (_, cue_values) in enumerate(found):
        values[:, column] = cue_values
    return Evidence(tuple(name for name, _ in found), values)
