"""FORMAT.md says what is on the disk: its tables, and a reader written from it in plain Python."""

import json
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import postings_model as model
import pytest
import zstandard

import searchsvc.postings
from searchsvc.postings.container import FORMAT_VERSION
from searchsvc.postings.runs import Tokens

TEXT = Path(searchsvc.postings.__file__).with_name("FORMAT.md").read_text(encoding="utf-8")
DTYPES = {"u1": "|u1", "u2": "<u2", "u4": "<u4", "u8": "<u8", "i1": "|i1"}
N_DOCUMENTS = 700


def documents():
    for n in range(N_DOCUMENTS):
        document = {
            "words": {"共": 1, f"w{n % 60}": 1 + n % 3, "long" * 6 + f"{n % 5}": 1},
            "tag": {f"t{n % 9}": 1, "共": 1},
            "year": {str(2012 + n % 4): 1},
            "date": n,
            "record": f"第{n}条".encode(),
        }
        if n % 3:
            document["pairs"] = Tokens(["共同", "同富", "共同"], [0, 1, 5 + n])
        if n == 17:
            document["words"]["once"] = 300
        yield document


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Arrays and metadata of a container, read as the page says."""
    folder = tmp_path_factory.mktemp("format")
    index = model.create(folder)
    model.add(index, model.numbered(list(documents())), run_size=900)
    (path,) = folder.glob("*.svc")
    data = path.read_bytes()
    magic, version = struct.unpack_from("<8sI", data)
    assert (magic, version) == (b"SVCSEG\r\n", FORMAT_VERSION)
    start, size, check, total, end = struct.unpack("<QIIQ8s", data[-32:])
    assert (total, end) == (len(data), b"\0SVCEND\n")
    assert zlib.crc32(data[start : start + size]) == check
    directory = json.loads(data[start : start + size])
    arrays = {}
    for name, (dtype, count, offset) in directory["arrays"].items():
        arrays[name] = np.frombuffer(data, dtype, count, offset)
        assert offset % 64 == 0
    first, check = directory["checksums"]
    assert first % 64 == 0
    assert zlib.crc32(data[first:start]) == check
    checksums = [zlib.crc32(data[place : min(place + 16_384, first)])
                 for place in range(0, first, 16_384)]  # fmt: skip
    assert np.frombuffer(data[first:start], "<u4").tolist() == checksums
    return arrays, directory["metadata"]


def test_the_page_is_about_this_version():
    assert TEXT.startswith(f"# Format {FORMAT_VERSION}:")


def test_every_array_has_a_row_with_its_dtype(content):
    arrays, _ = content
    rows = re.findall(r"^\|(?:[^|]*\|)?? `([\w/]+)` \| (\w\d)[^|]*\|", TEXT, re.M)
    described = {(name, dtype) for name, dtype in rows}
    for name, array in arrays.items():
        short = name if name.startswith("stored/") else name.rpartition("/")[2]
        if name.startswith("columns/") and short == "values":
            continue  # the schema's dtype, or the smallest that holds the ordinals
        code = {full: code for code, full in DTYPES.items()}[array.dtype.str]
        assert (short, code) in described, name


def varint(data, place):
    value = shift = 0
    while data[place] & 128:
        value |= (data[place] & 127) << shift
        place, shift = place + 1, shift + 7
    return value | data[place] << shift, place + 1


def bit(data, place, number):
    return data[place + number // 8] >> number % 8 & 1


def ascending(data, place, n, universe, dense):
    """The values and the place behind them."""
    if dense and 4 * n > universe:
        return [v for v in range(universe) if bit(data, place, v)], place + -(-universe // 8)
    width = max(0, (universe // n).bit_length() - 1)
    step = 8 if n == 1 else 4 if n < 8 else 1
    width = (width + step // 2) // step * step
    size = -(-(n + ((universe - 1) >> width)) // 8)
    set_bits = [b for b in range(8 * size) if bit(data, place, b)]
    values = [(b - i) << width for i, b in enumerate(set_bits)]
    place += size
    shift = 0
    for bits in [8] * (width >> 3) + [b for b in (4, 2, 1) if width & b]:
        for i in range(n):
            part = data[place + i * bits // 8] >> i * bits % 8 & ((1 << bits) - 1)
            values[i] |= part << shift
        place += -(-n * bits // 8)
        shift += bits
    return values, place


def posting_list(data, place, position_starts):
    """(document, frequency) pairs, global positions or None, and the place behind the list."""
    head, place = varint(data, place)
    df = cf = head >> 1
    if head & 1:
        more, place = varint(data, place)
        cf += more
    found, place = ascending(data, place, df, N_DOCUMENTS, True)
    frequencies = [1] * df
    if head & 1:
        last = [b for b in range(cf) if bit(data, place, b)]
        frequencies = [b - a for a, b in zip([-1, *last], last, strict=False)]
        place += -(-cf // 8)
    if position_starts is None:
        return list(zip(found, frequencies, strict=True)), None, place
    n_blocks = -(-df // 64)
    entries = [
        struct.unpack_from("<I", data, place + 4 * block)[0] for block in range(n_blocks - 1)
    ]
    behind = place + 4 * (n_blocks - 1)
    positions = []
    for block, start in enumerate([0, *entries]):
        assert place == behind + start or not block
        chosen = list(zip(found, frequencies, strict=True))[64 * block :][:64]
        coded = [
            (int(position_starts[d]), int(position_starts[d + 1]) - int(position_starts[d]) - 1)
            for d, frequency in chosen
            for _ in range(frequency)
        ]
        number = 8 * (behind + start)
        single = number + -(-sum(u.bit_length() - 1 for _, u in coded) // 8) * 8
        place = single // 8
        n_single = 0
        for first, u in coded:
            k = u.bit_length() - 1
            value = sum(bit(data, 0, number + i) << i for i in range(k))
            number += k
            if value >= 2 ** (k + 1) - u:
                value = 2 * value + bit(data, place, n_single) - (2 ** (k + 1) - u)
                n_single += 1
            positions.append(first + value)
        place += -(-n_single // 8)
    return list(zip(found, frequencies, strict=True)), positions, place


def terms(entries):
    place, term, number, found = 0, b"", 0, []
    while place < len(entries):
        shared, size = entries[place] >> 4, entries[place] & 15
        assert number % 16 or not shared
        place += 1
        if size == 15:
            more, place = varint(entries, place)
            size += more
        term = term[:shared] + entries[place : place + size]
        place, number = place + size, number + 1
        found.append(term)
    return found


@pytest.mark.parametrize("name", ["words", "pairs", "tag", "id"])
def test_a_plain_reader_finds_terms_and_postings(content, name):
    arrays, metadata = content
    every = list(documents())
    expected = model.postings(model.numbered(every), name)
    found = terms(arrays[f"fields/{name}/entries"].tobytes())
    assert found == list(expected)
    assert metadata["fields"][name]["n_terms"] == len(found)
    described = metadata["fields"][name]
    lengths = arrays.get(f"fields/{name}/lengths", np.zeros(1, np.uint32)).tolist()
    assert described["n_tokens"] == sum(lengths)
    assert described["n_having"] == sum(length > 0 for length in lengths)
    assert described["longest"] == max(lengths)
    heads = [int.from_bytes(term[:8].ljust(8, b"\0"), "big") for term in found[::16]]
    assert arrays[f"fields/{name}/keys"].tolist() == heads
    data, place = arrays[f"fields/{name}/lists"].tobytes(), 0
    starts = arrays.get(f"fields/{name}/position_starts")
    sizes = arrays[f"fields/{name}/sizes"]
    for ordinal, (term, frequencies) in enumerate(expected.items()):
        if ordinal % 32 == 0:
            assert arrays[f"fields/{name}/bases"][ordinal // 32] == place
        pairs, positions, behind = posting_list(data, place, starts)
        assert dict(pairs) == frequencies
        assert behind - place == sizes[ordinal]
        place = behind
        if positions is not None:
            within = model.positions(every, name, term)
            assert positions == [int(starts[d]) + p for d, p in within]
    assert place == len(data)


def test_a_plain_reader_finds_records(content):
    arrays, metadata = content
    assert metadata["record_form"] == "record"
    ends = arrays["stored/ends"].tolist()
    records, sizes = [], iter(arrays["stored/sizes"].tolist())
    for start, end, gb18030 in zip([0, *ends], ends, arrays["stored/encodings"], strict=False):
        dictionary = arrays["stored/dictionary"].tobytes()
        decompressor = zstandard.ZstdDecompressor(
            zstandard.ZstdCompressionDict(
                zstandard.decompress(dictionary), zstandard.DICT_TYPE_RAWCONTENT
            )
            if dictionary
            else None
        )
        block = decompressor.decompress(arrays["stored/data"].tobytes()[start:end])
        while block:
            size = next(sizes)
            record, block = block[:size], block[size:]
            records.append(record.decode("gb18030").encode() if gb18030 else record)
    assert records == [document["record"] for document in documents()]
    assert next(sizes, None) is None


def test_a_plain_reader_finds_columns(content):
    arrays, metadata = content
    assert metadata["columns"] == {"date": "number", "tag": "keyword", "year": "keyword"}
    assert arrays["columns/date/values"].tolist() == list(range(N_DOCUMENTS))
    years = terms(arrays["fields/year/entries"].tobytes())
    shown = [years[ordinal].decode() for ordinal in arrays["columns/year/values"]]
    assert shown == [next(iter(document["year"])) for document in documents()]
    tags = terms(arrays["fields/tag/entries"].tobytes())
    entries = zip(arrays["columns/tag/documents"], arrays["columns/tag/ordinals"], strict=True)
    assert [(int(d), tags[o].decode()) for d, o in entries] == [
        (n, tag)
        for n, document in enumerate(documents())
        for tag in sorted(document["tag"], key=str.encode)
    ]
