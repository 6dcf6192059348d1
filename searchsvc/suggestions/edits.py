"""What a slip costs: how improbable it is that a typist who meant one text typed another.

Costs are natural logarithms of odds, to be added to those of the words (a noisy channel, Kernighan,
Church and Gale 1990). They were chosen on seeded errors of one half of the news corpus's titles and
checked on the other, by ``scripts/evaluate-suggestions``.
"""

from __future__ import annotations

from math import inf
from operator import ne
from typing import Final

from searchsvc.suggestions.characters import Characters

SAME_SOUND: Final = 3.0
"""An input method offers characters by sound: by far the commonest slip."""
SIMILAR_SOUND: Final = 4.0
LOOK_ALIKE: Final = 4.5
ANY_CHARACTER: Final = 9.5
SWAPPED: Final = 3.5
MISSING: Final = 2.0
DOUBLED: Final = 4.0
ADDED: Final = 9.5
REPEATED: Final = 2.0
"""For every further slip of sound in one word."""
UNLIKE: Final = 0.15
ALIKE: Final = 0.5
"""Up to the one share of common parts two characters look different, from the other on alike; in
between the cost goes down evenly.
"""


def slip_cost(typed: str, meant: str, characters: Characters) -> float | None:
    """The cost of one slip, or of several by sound; None for anything else, and for equal texts."""
    if len(typed) == len(meant):
        return _replaced(typed, meant, characters)
    if len(typed) + 1 == len(meant):
        return MISSING if _without_one(meant, typed) is not None else None
    if len(typed) == len(meant) + 1:
        position = _without_one(typed, meant)
        if position is None:
            return None
        doubled = position > 0 and typed[position] == typed[position - 1]
        return DOUBLED if doubled else ADDED
    return None


def least_cost(typed: str, meant: str) -> float:
    """What ``slip_cost`` of two texts is at least, infinity where it is None; cheap to ask."""
    longer = len(meant) - len(typed)
    if longer == 0:
        differing = sum(map(ne, typed, meant))
        if differing == 2:
            return SWAPPED
        return differing * SAME_SOUND + (differing - 1) * REPEATED if differing else inf
    return {1: MISSING, -1: DOUBLED}.get(longer, inf)


def _replaced(typed: str, meant: str, characters: Characters) -> float | None:
    differing = [n for n, (one, other) in enumerate(zip(typed, meant, strict=True)) if one != other]
    match differing:
        case []:
            return None
        case [place]:
            return _character_cost(typed[place], meant[place], characters)
        case [first, second] if (
            second == first + 1 and typed[first] == meant[second] and typed[second] == meant[first]
        ):
            return SWAPPED
        case _:
            costs = [_sound_cost(typed[n], meant[n], characters) for n in differing]
            several = REPEATED * (len(costs) - 1)
            return (
                None if None in costs else several + sum(cost for cost in costs if cost is not None)
            )


def _character_cost(typed: str, meant: str, characters: Characters) -> float:
    sound = _sound_cost(typed, meant, characters)
    if sound == SAME_SOUND:
        return sound
    share = (characters.look_alike(typed, meant) - UNLIKE) / (ALIKE - UNLIKE)
    shape = ANY_CHARACTER - (ANY_CHARACTER - LOOK_ALIKE) * min(1.0, max(0.0, share))
    return shape if sound is None else min(sound, shape)


def _sound_cost(typed: str, meant: str, characters: Characters) -> float | None:
    match characters.sound_alike(typed, meant):
        case 2:
            return SAME_SOUND
        case 1:
            return SIMILAR_SOUND
        case _:
            return None


def _without_one(longer: str, shorter: str) -> int | None:
    """Where ``longer`` has a character more than ``shorter``, None where that is not all."""
    position = next(
        (n for n, (one, other) in enumerate(zip(longer, shorter, strict=False)) if one != other),
        len(shorter),
    )
    return position if longer[position + 1 :] == shorter[position:] else None
