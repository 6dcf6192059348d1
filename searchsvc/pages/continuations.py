"""An article that goes on lower on its page, after a photo item or an ad.

The path of states knows no way back into a block that was left. Here a text without headline, right
after another block, is held against the texts that broke off before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from searchsvc.pages.cohesion import content_pairs
from searchsvc.pages.states import ROLE_OF
from searchsvc.pages.text_cues import begins_inside_sentence, credited, report_opens
from searchsvc.pages.units import ends_sentence, open_quotes
from searchsvc.pages.view import View

REACH = 4
"""How many blocks back a text may have broken off."""
ENOUGH = 2.5
"""Sum of the evidence from which a text is taken for a continuation. It and the weights below are set
by hand, not fitted, as one labelled page alone has a continuation: an open quotation that is closed, or
two lesser signs.
"""
_CLOSED_QUOTATION, _CONTINUED_NUMBER, _KNOWN_WORD, _INSIDE_SENTENCE = 3.0, 2.0, 1.5, 1.5
_SAME_TOPIC, _NEAR_TOPIC, _OWN_OPENING = 2.0, 1.0, -2.0
_CLOSING, _OPENING = "”」』", "“「『"


def joined_groups(view: View, states: list[str], groups: list[list[int]]) -> list[list[int]]:
    """The groups of lines, a continuation with the lines that it goes on with; ``states`` of its
    first line changed accordingly.
    """
    kept: list[list[int]] = []
    for group in groups:
        earlier = kept[-REACH:-1] if _may_continue(view, states, group) else []
        scored = [
            (_evidence(view, broken[-1], group), n)
            for n, broken in enumerate(earlier)
            if _breaks_off(view, states, broken)
        ]
        score, n = max(scored, default=(0.0, 0))
        if score >= ENOUGH:
            states[group[0]] = "BC"
            earlier[n].extend(group)
        else:
            kept.append(group)
    return kept


def _may_continue(view: View, states: Sequence[str], group: Sequence[int]) -> bool:
    """Whether the lines are running text without headline or byline of their own."""
    if states[group[0]] != "BB" or any(states[n] in ("D", "DY") for n in group):
        return False
    return not credited(view)[group[-1]]


def _breaks_off(view: View, states: Sequence[str], group: Sequence[int]) -> bool:
    last = group[-1]
    text = view.texts[last]
    return ROLE_OF[states[last]] == "body" and not (ends_sentence(text) and open_quotes(text) <= 0)


def _evidence(view: View, last: int, group: Sequence[int]) -> float:
    before, text = view.texts[last], view.texts[group[0]]
    score = 0.0
    if open_quotes(before) > 0 and _closes(text):
        score += _CLOSED_QUOTATION
    if before[-1].isdigit() and (text[0].isdigit() or text[0] in "年月日万亿个名人元岁%"):
        score += _CONTINUED_NUMBER
    elif before[-1] + text[0] in view.text:
        score += _KNOWN_WORD
    if begins_inside_sentence(view)[group[0]]:
        score += _INSIDE_SENTENCE
    if report_opens(view)[group[0]]:
        score += _OWN_OPENING
    told = content_pairs(before + "".join(view.texts[max(0, last - 3) : last]))
    asked = content_pairs("".join(view.texts[n] for n in group[:3]))
    share = len(told & asked) / max(min(len(told), len(asked)), 1)
    return score + (_SAME_TOPIC if share > 0.2 else _NEAR_TOPIC if share > 0.1 else 0.0)


def _closes(text: str) -> bool:
    closing = min((p for mark in _CLOSING if (p := text.find(mark)) >= 0), default=-1)
    opening = min((p for mark in _OPENING if (p := text.find(mark)) >= 0), default=len(text))
    return 0 <= closing < opening
