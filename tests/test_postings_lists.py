"""Bits, Elias-Fano lists, posting lists, places and dictionaries read back what was written."""

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.postings import bits, elias_fano, plain_batches, plain_lists
from searchsvc.postings.dictionary import TermDictionary, encode_dictionary
from searchsvc.postings.lists import ListReader, Lists, decode_lists, encode_lists
from searchsvc.postings.places import PlaceArrays
from searchsvc.postings.terms import TermTable, merge_terms
from searchsvc.postings.varints import read_varint, read_varints, varint_sizes, write_varints

SEEDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
COUNTS = (0, 1, 2, 7, 8, 9, 255, 256, 700)


@given(SEEDS)
def test_integers_of_any_width_are_read_back(random):
    counts = random.choice(COUNTS, random.integers(0, 12))
    widths = random.integers(0, 33, len(counts))
    values = [
        random.integers(0, 1 << int(width), int(count), np.uint64).astype(np.uint32)
        for count, width in zip(counts, widths, strict=True)
    ]
    sizes = bits.packed_sizes(counts, widths)
    starts = np.cumsum(sizes) - sizes + 3
    data = np.zeros(int(sizes.sum()) + 3, np.uint8)
    every = np.concatenate([np.zeros(0, np.uint32), *values])
    bits.pack_many(data, every, starts, counts, widths)
    assert np.array_equal(bits.unpack_many(data, starts, counts, widths), every)
    for start, count, width, single in zip(starts, counts, widths, values, strict=True):
        read = bits.unpack(data, int(start), int(count), int(width))
        assert np.array_equal(read, single)
        assert bits.packed_size(int(count), int(width)) <= count * width // 8 + 4


@given(st.lists(st.integers(0, 2**53 - 1)))
def test_varints_are_read_back(values):
    array = np.array(values, np.int64)
    sizes = varint_sizes(array)
    places = np.cumsum(sizes) - sizes
    data = np.zeros(int(sizes.sum()), np.uint8)
    write_varints(data, places, array)
    read, read_sizes = read_varints(data, places)
    assert read.tolist() == values
    assert np.array_equal(read_sizes, sizes)
    for place, value in zip(places.tolist(), values, strict=True):
        assert read_varint(data.data, place)[0] == value


@given(SEEDS, st.booleans())
def test_ascending_integers_are_read_back(random, dense):
    universe = int(random.choice([1, 2, 9, 1_000, 70_000]))
    count = int(min(universe, random.choice([1, 2, 7, 8, 300, 20_000])))
    values = np.sort(random.choice(universe, count, replace=False)).astype(np.uint32)
    layout = elias_fano.Layout.of(np.array([universe]), np.array([count]), dense=dense)
    size = elias_fano.size(count, universe, dense=dense)
    assert layout.sizes.tolist() == [size]
    marks = np.zeros(8 * size, np.bool_)
    marks[layout.marks(np.array([0]), values)] = True
    data = np.packbits(marks, bitorder="little")
    layout.write_low(data, np.array([0]), values)
    assert np.array_equal(elias_fano.read(data, 0, count, universe, dense=dense), values)
    assert np.array_equal(layout.read(data, np.array([0])), values)


def random_lists(random):
    """Lists over random documents, as arrays, and each list by itself."""
    n_documents = int(random.choice([1, 5, 300, 3_000]))
    slots = np.where(random.random(n_documents) < 0.2, 0, random.integers(3, 50, n_documents))
    having = np.flatnonzero(slots)
    starts = np.zeros(n_documents + 1, np.uint32)
    starts[1:] = np.cumsum(slots)
    single = []
    for _ in range(random.integers(0, 12) if len(having) else 0):
        count = int(min(len(having), random.choice([1, 1, 2, 9, 100, 3_000])))
        documents = np.sort(random.choice(having, count, replace=False))
        most = 4 if random.random() < 0.5 else 2
        positions = [
            np.sort(random.choice(slots[d] - 1, random.integers(1, min(most, slots[d])), False))
            for d in documents
        ]
        single.append((documents, positions))
    none = np.zeros(0, np.int64)
    lists = Lists(
        np.array([len(documents) for documents, _ in single], np.int64),
        np.concatenate([none, *(d for d, _ in single)]).astype(np.uint32),
        np.array([len(p) for _, found in single for p in found], np.uint32),
        np.concatenate([none, *(p for _, found in single for p in found)]).astype(np.uint32),
    )
    return n_documents, starts, lists, single


@given(SEEDS)
def test_posting_lists_are_read_back_alone_and_together(random):
    n_documents, position_starts, lists, single = random_lists(random)
    none = np.zeros(0, np.uint32)
    for starts in (None, position_starts):
        data, sizes = encode_lists(lists, n_documents, starts)
        given = (lists.counts, lists.documents, lists.frequencies, lists.positions)
        plain = plain_batches.encode(
            *given, starts is not None, n_documents, none if starts is None else starts
        )
        assert np.array_equal(plain[0], data)
        assert np.array_equal(plain[1], sizes)
        places = np.cumsum(sizes) - sizes
        decoded = decode_lists(data, places, n_documents, starts)
        plain = Lists(*plain_batches.decode(data, places, n_documents, starts))
        for part in ("counts", "documents", "frequencies", "positions"):
            assert np.array_equal(getattr(plain, part), getattr(decoded, part))
        assert np.array_equal(decoded.counts, lists.counts)
        assert np.array_equal(decoded.documents, lists.documents)
        assert np.array_equal(decoded.frequencies, lists.frequencies)
        assert starts is None or np.array_equal(decoded.positions, lists.positions)
        reader = ListReader(data, n_documents)
        stops = np.cumsum(sizes).tolist()
        for place, stop, (documents, positions) in zip(places.tolist(), stops, single, strict=True):
            frequencies = [len(found) for found in positions]
            head = reader.head(place, stop)
            assert (head.n_documents, head.n_occurrences) == (len(documents), sum(frequencies))
            assert np.array_equal(reader.documents(head), documents)
            given = (data, head.documents, head.n_documents, n_documents, True)
            assert np.array_equal(plain_lists.read_ascending(*given), documents)
            read = reader.frequencies(head)
            assert (read is None) == (set(frequencies) == {1})
            assert read is None or read.tolist() == frequencies
            expected = [
                int(position_starts[d]) + int(p)
                for d, found in zip(documents, positions, strict=True)
                for p in found
            ]
            given = (data, head.frequencies, head.n_documents, head.n_occurrences)
            if read is not None:
                assert np.array_equal(plain_lists.read_frequencies(*given), read)
            if starts is not None:
                read = reader.positions(head, starts)
                of_list = reader.documents(head)
                given = (data, head.frequencies, of_list, head.n_occurrences, starts)
                assert np.array_equal(plain_lists.read_positions(*given), read)
                assert read.tolist() == expected


@given(st.lists(st.sampled_from([1, 7, 254, 65_534, 65_535, 70_000]), max_size=100), st.data())
def test_lists_are_found_where_they_begin(sizes, data):
    places = PlaceArrays.of(np.array(sizes, np.int64))
    expected = [sum(sizes[:n]) for n in range(len(sizes))]
    assert [places.place(n) for n in range(len(sizes))] == expected
    start = data.draw(st.integers(0, len(sizes)))
    found, found_sizes = places.places(start, len(sizes))
    assert found.tolist() == expected[start:]
    assert found_sizes.tolist() == sizes[start:]


TERMS = st.binary(max_size=3) | st.text("aé马𠮷", max_size=9).map(str.encode)
TERMS |= st.lists(st.sampled_from([b"aaaaaaaa", b"a", b"\0", b"\xff", b"b"]), max_size=5).map(
    b"".join
)


@given(st.lists(st.sets(TERMS, max_size=60), min_size=1, max_size=4), st.lists(TERMS))
def test_terms_are_sorted_united_and_found(tables, asked):
    terms = sorted(set().union(*tables))
    merged, numbers = merge_terms([TermTable.of(sorted(table)) for table in tables])
    assert [merged[n] for n in range(len(merged))] == terms
    for table, of_table in zip(tables, numbers, strict=True):
        assert [terms[n] for n in of_table] == sorted(table)
    dictionary = TermDictionary(encode_dictionary(merged), len(merged))
    assert [dictionary.term(n) for n in range(len(terms))] == terms
    assert list(dictionary.terms(len(terms) // 2, len(terms))) == terms[len(terms) // 2 :]
    table = dictionary.table()
    assert [table[n] for n in range(len(table))] == terms
    for term in [*terms, *asked]:
        assert dictionary.lower_bound(term) == bisect_left(terms, term)
        assert dictionary.find(term) == (terms.index(term) if term in terms else -1)
    for beyond in (-1, len(terms)):
        with pytest.raises(IndexError):
            dictionary.term(beyond)
