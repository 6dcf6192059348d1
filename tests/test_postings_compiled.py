"""Compiled and plain readers of posting lists give the same as the lists that were encoded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.postings import dictionary, plain_pairs, plain_ranks
from searchsvc.postings.checksums import BLOCK, CHECKED, UNCHECKED, WANTED
from searchsvc.postings.lists import ListReader, Lists, encode_lists
from searchsvc.postings.pairs import _alphabet
from searchsvc.postings.places import PlaceArrays
from searchsvc.postings.terms import TermTable

compiled_phase_in = pytest.importorskip(
    "searchsvc.postings.compiled_phase_in", exc_type=ImportError
)
compiled_checks = pytest.importorskip("searchsvc.postings.compiled_checks", exc_type=ImportError)
compiled_lookup = pytest.importorskip("searchsvc.postings.compiled_lookup", exc_type=ImportError)
compiled_lists = pytest.importorskip("searchsvc.postings.compiled_lists", exc_type=ImportError)
compiled_pairs = pytest.importorskip("searchsvc.postings.compiled_pairs", exc_type=ImportError)
compiled_ranks = pytest.importorskip("searchsvc.postings.compiled_ranks", exc_type=ImportError)
compiling = pytest.importorskip("searchsvc.postings.compiling", exc_type=ImportError)


@given(st.lists(st.text("a\u00e9质量𠮷\n", max_size=9), min_size=1, max_size=12), st.data())
def test_pairs_are_sorted_alike(texts, data):
    characters = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    sizes = np.array([len(text) for text in texts], np.uint32)
    ends = np.cumsum(sizes)
    kept = [p for p in range(len(characters)) if p + 1 not in ends and data.draw(st.booleans())]
    if not kept:
        return
    alphabet, ranks = _alphabet(characters)
    documents = np.cumsum(data.draw(st.lists(
        st.integers(1, 3), min_size=len(texts), max_size=len(texts)
    ))).astype(np.uint32)  # fmt: skip
    given_arrays = (
        characters, np.array(kept, np.uint32), ranks, len(alphabet), sizes, documents,
    )  # fmt: skip
    for one, other in zip(
        compiled_pairs.sort_pairs(*given_arrays), plain_pairs.sort_pairs(*given_arrays), strict=True
    ):
        assert one.tolist() == other.tolist()


@st.composite
def encoded(draw):
    """(bytes, documents, frequencies, positions, position starts) of one list."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_documents = draw(st.sampled_from([1, 9, 200, 3_000]))
    share = draw(st.sampled_from([0.01, 0.1, 0.3, 1.0]))
    documents = np.flatnonzero(rng.random(n_documents) < share).astype(np.uint32)
    if not documents.size:
        documents = np.array([n_documents - 1], np.uint32)
    most = draw(st.sampled_from([1, 3, 400]))
    frequencies = rng.integers(1, most + 1, documents.size).astype(np.uint32)
    slots = rng.integers(most + 1, 2 * most + 50, n_documents)
    starts = np.concatenate([[0], np.cumsum(slots)]).astype(np.uint32)
    within = [np.sort(rng.choice(int(slots[d]) - 1, int(f), replace=False))
              for d, f in zip(documents, frequencies, strict=True)]  # fmt: skip
    positions = np.concatenate(within).astype(np.uint32)
    lists = Lists(np.array([documents.size]), documents, frequencies, positions)
    data, _ = encode_lists(lists, n_documents, starts)
    placed = positions + np.repeat(starts[documents], frequencies)
    return data, documents, frequencies, placed, starts


@settings(max_examples=150)
@given(encoded(), st.data())
def test_readers_agree_with_what_was_encoded(found, drawn):
    data, documents, frequencies, positions, starts = found
    n_documents = starts.size - 1
    head = ListReader(data, n_documents).head(0, data.size)
    total = int(frequencies.sum())
    assert (head.n_documents, head.n_occurrences) == (documents.size, total)
    read = compiled_lists.read_ascending(data, head.documents, documents.size, n_documents, True)
    assert read.tolist() == documents.tolist()
    count = documents.size
    if total > count:
        read = compiled_lists.read_frequencies(data, head.frequencies, count, total)
        assert read.tolist() == frequencies.tolist()
    read = compiled_phase_in.read_positions(data, head.frequencies, documents, total, starts)
    assert read.tolist() == positions.tolist()
    numbers = st.sets(st.integers(0, n_documents - 1), max_size=30)
    candidates = np.array(sorted(drawn.draw(numbers)), np.uint32)
    rank = {int(d): n for n, d in enumerate(documents)}
    expected = [rank.get(int(c), -1) for c in candidates]
    kept = np.array([r for r in expected if r >= 0], np.int64)
    owners = np.repeat(np.arange(count), frequencies)
    for kind in (compiled_ranks, plain_ranks):
        ranks = kind.ranks_of(data, head.documents, count, n_documents, candidates)
        assert ranks.tolist() == expected
        if total > count:
            read = kind.frequencies_at(data, head.frequencies, total, kept)
            assert read.tolist() == frequencies[kept].tolist()
        parts = (data, head.documents, head.frequencies, count, total, n_documents)
        read = kind.positions_at(*parts, starts, kept)
        assert read.tolist() == positions[np.isin(owners, kept)].tolist()


def in_file(*arrays, mark=CHECKED):
    """The arrays in a file, the marks of its blocks, and where each array lies."""
    layout, content = np.zeros((8, 2), np.int64), b""
    for number, array in enumerate(arrays):
        if array is not None:
            content += bytes(-len(content) % 64)
            layout[number] = len(content), len(content) + array.nbytes
            content += array.tobytes()
    marks = np.full(-(-len(content) // BLOCK), mark, np.uint8)
    return np.frombuffer(content, np.uint8), marks, layout


def lists_in_file(data, places, mark=CHECKED):
    """As ``in_file``, of posting lists."""
    arrays = (places.bases, places.sizes, places.large, places.large_sizes)
    return in_file(None, None, None, data, *arrays, mark=mark)


WORDS = st.text("ab中", max_size=3).map(lambda text: "共同的开头" + text if "a" in text else text)
TERMS = st.one_of(WORDS.map(str.encode), st.binary(min_size=1, max_size=40))


@given(st.sets(TERMS, min_size=1, max_size=80), st.lists(TERMS, max_size=20))
def test_terms_are_found_where_python_finds_them(terms, others):
    words = sorted(terms)
    starts = np.concatenate([[0], np.cumsum([len(word) for word in words])]).astype(np.int64)
    table = TermTable(np.frombuffer(b"".join(words), np.uint8), starts)
    arrays = dictionary.encode_dictionary(table)
    plain = dictionary.TermDictionary(arrays, len(words))
    for word in [*words, *others, b""]:
        ordinal, found = plain._search(word)
        expected = ordinal if found == word else -1
        wanted = np.frombuffer(word, np.uint8)
        file, marks, layout = in_file(arrays.keys, arrays.blocks, arrays.entries)
        ours = compiled_lookup.find_term(file, marks, layout, len(words), wanted)
        assert ours == expected == (words.index(word) if word in terms else -1)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=80), st.integers(0, 2**32))
def test_heads_of_lists_are_found_where_python_finds_them(counts, seed):
    rng = np.random.default_rng(seed)
    n_documents = 2_000
    documents = [np.sort(rng.choice(n_documents, count, replace=False)) for count in counts]
    total = sum(counts)
    frequencies = rng.integers(1, rng.integers(2, 60), total)
    lists = Lists(
        np.array(counts),
        np.concatenate(documents).astype(np.uint32),
        frequencies.astype(np.uint32),
        None,
    )
    data, sizes = encode_lists(lists, n_documents, None)
    places = PlaceArrays.of(sizes)
    reader = ListReader(data, n_documents)
    arrays = (places.bases, places.sizes, places.large, places.large_sizes)
    stops = np.cumsum(sizes).tolist()
    file = lists_in_file(data, places)
    for ordinal in range(len(counts)):
        found, *head = compiled_lookup.list_head(*file, ordinal, n_documents)
        assert found == ordinal
        assert head == list(reader.head(places.place(ordinal), stops[ordinal]))
    start, stop = sorted(rng.integers(0, len(counts) + 1, 2).tolist())
    if start < stop:
        marks = np.zeros(n_documents, np.bool_)
        compiled_lookup.mark_documents(data, *arrays, start, stop, marks)
        assert set(np.flatnonzero(marks)) == set(np.concatenate(documents[start:stop]).tolist())


@given(encoded())
def test_nothing_is_read_of_blocks_that_nobody_made_sure_of(found):
    data = found[0]
    file, marks, layout = lists_in_file(data, PlaceArrays.of(np.array([data.size])), UNCHECKED)
    n_documents = found[-1].size - 1
    for _ in range(8):
        answer = compiled_lookup.list_head(file, marks, layout, 0, n_documents)
        if answer[0] == 0:
            break
        assert answer[0] == compiled_checks.UNCHECKED
        assert (marks == WANTED).any()
        marks[marks == WANTED] = CHECKED
    assert answer[0] == 0
    first, end = layout[3, 0], layout[3, 0] + answer[4]
    assert (marks[first // BLOCK : -(-end // BLOCK)] == CHECKED).all()


@settings(max_examples=150)
@given(encoded(), st.data())
def test_damaged_lists_are_read_within_their_bounds(found, drawn):
    data, starts = found[0], found[-1]
    n_documents = starts.size - 1
    size = drawn.draw(st.integers(2, data.size))
    data = data[:size].copy()
    for place in drawn.draw(st.lists(st.integers(0, size - 1), max_size=5)):
        data[place] ^= drawn.draw(st.integers(1, 255))
    places = PlaceArrays.of(np.array([size]))
    arrays = (places.bases, places.sizes, places.large, places.large_sizes)
    found, count, total, place, behind, stop = compiled_lookup.list_head(
        *lists_in_file(data, places), 0, n_documents
    )
    assert (found, stop) == (0, size)
    assert 1 <= count <= n_documents
    assert count <= total <= count + 8 * size
    read = compiled_lists.read_ascending(data, place, count, n_documents, True)
    assert read.max() < n_documents
    compiled_lists.read_frequencies(data, behind, count, total)
    compiled_phase_in.read_positions(data, behind, read, total, starts)
    every = np.arange(n_documents, dtype=np.uint32)
    ranks = compiled_ranks.ranks_of(data, place, count, n_documents, every)
    assert ranks.max() < count
    kept = np.unique(ranks[ranks >= 0])
    compiled_ranks.frequencies_at(data, behind, total, kept)
    positions = compiled_ranks.positions_at(
        data, place, behind, count, total, n_documents, starts, kept
    )
    assert positions.max(initial=0) <= starts[-1]
    compiled_lookup.mark_documents(data, *arrays, 0, 1, np.zeros(n_documents, np.bool_))


def test_compiled_code_is_kept_for_one_state_of_all_sources(tmp_path):
    (tmp_path / "postings").mkdir()
    (tmp_path / "evaluation").mkdir()
    source = tmp_path / "postings" / "constants.py"
    source.write_text("SLOTS = 64")
    first = compiling.code_folder(tmp_path)
    first.mkdir(parents=True)
    assert compiling.code_folder(tmp_path) == first and first.is_dir()
    source.write_text("SLOTS = 32")
    assert compiling.code_folder(tmp_path) != first
    assert not first.exists()
