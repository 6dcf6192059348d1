"""Stored records come back as they went in, whatever they are and however many there are."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import IndexDamagedError
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.records import decode_record, encode_record
from searchsvc.postings.stored import SAMPLED_BYTES, StoredReader, StoredWriter

WORDS = ["今天", "北京", "天安门", "广场", "举行", "升旗", "仪式", "，", "。", "abc", "123", "\n"]


def written(path, records):
    container = ContainerWriter(path)
    writer = StoredWriter(container)
    for record in records:
        writer.add(record)
    writer.finish()
    container.close({})
    return Container(path)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [b""],
        [b"", "马".encode(), b"", b"\xff\x00", "𠮷".encode()],
        [b"\xff" * 40_000, "天".encode() * 20_000, b"x"],
    ],
)
def test_records_of_any_kind_are_read_back(tmp_path, records):
    reader = StoredReader(written(tmp_path / "c", records))
    assert list(reader.records()) == records
    assert [reader.record(n) for n in range(len(records))] == records
    for beyond in (-1, len(records)):
        with pytest.raises(IndexError):
            reader.record(beyond)


def test_every_character_survives_the_encoding_of_blocks(tmp_path):
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    records = [every[start : start + 5_000].encode() for start in range(0, len(every), 5_000)]
    container = written(tmp_path / "c", records)
    assert container.array("stored/encodings").all()
    assert list(StoredReader(container).records()) == records


def test_many_records_share_a_dictionary_and_are_read_by_many_threads(tmp_path):
    random = Random(1)
    records, size = [], 0
    while size < SAMPLED_BYTES + 500_000:
        records.append("".join(random.choices(WORDS, k=random.randrange(900))).encode())
        size += len(records[-1])
    container = written(tmp_path / "c", records)
    assert len(container.array("stored/dictionary"))
    reader = StoredReader(container)
    asked = [random.randrange(len(records)) for _ in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(reader.record, asked)) == [records[n] for n in asked]
    assert list(reader.records()) == records


def test_a_block_that_cannot_be_decompressed_is_called_damage(tmp_path):
    path = tmp_path / "c"
    written(path, ["天安门".encode() * 9])
    content = bytearray(path.read_bytes())
    content[64] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError) as caught:
        StoredReader(Container(path)).record(0)
    assert str(path) in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_stored_fields_are_read_back_without_pickle(values):
    assert decode_record(encode_record(values, ""), "") == values


def test_what_cannot_be_stored_is_refused():
    with pytest.raises(TypeError):
        encode_record({"a": object()}, "")
    with pytest.raises(TypeError):
        encode_record({"record": "text"}, "record")
    assert decode_record(encode_record({}, "record"), "record") == {}
