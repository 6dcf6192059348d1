"""Suggestions are built for many entries at once, and hold what one by one would give."""

from zlib import crc32

import numpy as np
import pytest
from han_tables import phrase_syllables, readings, tables
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.suggestions import han
from searchsvc.suggestions.builder import LEAST_PAIR_COUNT, write_lexicon
from searchsvc.suggestions.entries import Entry, Kind, is_han
from searchsvc.suggestions.keys import PLACE_CHARS, deletions, text_hash
from searchsvc.suggestions.lexicon import Lexicon
from searchsvc.suggestions.pronunciation import syllables
from searchsvc.suggestions.pronunciation_keys import confusable
from searchsvc.suggestions.sounds import MAX_SYLLABLES
from searchsvc.suggestions.texts import Texts, are_han

CHARS = "行长银重庆了解都市大夫人参差便宜西安省略绿女啦nihao12 ，𠮷龘㐀"
TEXTS = st.lists(st.text(st.sampled_from(CHARS), max_size=12), max_size=12)


def spoken(text):
    """The syllables of a text by the plain rule: an earlier phrase first, of these the longest."""
    options = [readings(char) for char in text]
    found = [(known or ("",))[0] for known in options]
    settled = 0
    for place, known in enumerate(options):
        for start in range(max(settled, place - 5), place + 1) if len(known) > 1 else ():
            ends = range(min(len(text), start + 6), max(place, start + 1), -1)
            phrase = next(
                (text[start:end] for end in ends if phrase_syllables(text[start:end])), ""
            )
            if phrase:
                settled = start + len(phrase)
                found[start:settled] = phrase_syllables(phrase)
                break
    return found


def test_the_tables_are_those_that_the_libraries_give():
    for name, array in tables().items():
        np.testing.assert_array_equal(han.table(name), array, err_msg=name)


@given(TEXTS)
def test_texts_are_pronounced_as_one_by_one(texts):
    names = ["", *(name.decode() for name in han.table("syllables").tolist())]
    given_names = [names[number] for number in syllables(Texts.of(texts)).tolist()]
    assert given_names == [name for text in texts for name in spoken(text)]


@given(st.lists(st.text(max_size=30), max_size=20))
def test_many_texts_hash_as_one_does(texts):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    assert Texts.of(texts).hashes().tolist() == list(map(crc32, encoded))
    assert [is_han(char) for text in texts for char in text] == are_han(
        Texts.of(texts).codes
    ).tolist()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("lexicon") / "base.svc"


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.text(st.sampled_from(CHARS + "“é"), min_size=1, max_size=24),
        st.sampled_from(list(Kind)),
        st.integers(-2, 9),
    ),
    max_size=15,
)


@given(ENTRIES)
def test_a_lexicon_holds_what_its_entries_say_one_by_one(path, entries):
    write_lexicon(path, entries)
    lexicon = Lexicon(path)
    totals = {}
    for entry in entries:
        if entry.key:
            totals[entry.key, entry.kind] = totals.get((entry.key, entry.kind), 0) + entry.count
    expected = sorted((key, kind, count) for (key, kind), count in totals.items() if count)
    rows = range(len(lexicon))
    assert [(lexicon.key(r), lexicon.kind(r), int(lexicon.counts[r])) for r in rows] == expected

    keys = set()
    sounds = []
    places = []
    for row, (key, kind, count) in enumerate(expected):
        if kind is Kind.TITLE:
            places += [
                (key[start : start + PLACE_CHARS], row)
                for start in range(1, len(key) - 1)
                if key[start].isalnum() and not (key[start].isascii() and key[start - 1].isascii())
            ]
        elif len(key) <= (10 if is_han(key) else 20):
            keys.add((text_hash(key), row))
            if len(key) > 2 or (len(key) == 2 and abs(count) >= LEAST_PAIR_COUNT):
                keys |= {(text_hash(piece), row) for piece in deletions(key)}
        of_han = "".join(filter(is_han, key)) if kind is Kind.TITLE else key
        if len(of_han) > 1 and is_han(of_han) and all(said := spoken(of_han[:MAX_SYLLABLES])):
            capitals = "".join(map(str.capitalize, said))
            sounds.append((capitals.lower(), capitals, row))
    sounds.sort()
    file = lexicon._file
    assert [(lexicon.sound(n), int(row)) for n, row in enumerate(file.array("sound_entries"))] == [
        (capitals, row) for _, capitals, row in sounds
    ]
    initials = ["".join(filter(str.isupper, capitals)) for _, capitals, _ in sounds]
    assert file.array("initials_order").tolist() == sorted(
        range(len(sounds)), key=initials.__getitem__
    )
    heard = sorted(
        (text_hash(confusable(letters)), number)
        for number, (letters, _, row) in enumerate(sounds)
        if expected[row][1] is not Kind.TITLE
    )
    hashes, numbers = file.array("sound_hash_hashes"), file.array("sound_hash_rows")
    assert list(zip(hashes.tolist(), numbers.tolist(), strict=True)) == heard
    hashes, numbers = file.array("deletion_hashes"), file.array("deletion_rows")
    assert set(zip(hashes.tolist(), numbers.tolist(), strict=True)) == keys
    assert file.array("place_entries").tolist() == [row for _, row in sorted(places)]
