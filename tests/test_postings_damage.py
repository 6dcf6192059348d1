"""Files that are truncated, altered or of another version are refused, and the error says which."""

import os
import struct
from pathlib import Path

import numpy as np
import postings_model as model
import pytest

from searchsvc.errors import CommittedError, IndexDamagedError
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.deletes import read_deletes, write_deletes
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter
from searchsvc.storage import Seal

DOCUMENTS = model.numbered(
    [
        {
            "words": {"天安门": 2, "广场": 300},
            "pairs": Tokens(["天安", "安门", "天安"], [0, 1, 7]),
            "tag": {"要闻": 1, "北京": 1},
            "year": {"2018": 1},
            "date": 20180731,
            "record": "天安门广场".encode(),
        }
    ]
    * 40
)


@pytest.fixture
def index(tmp_path):
    index = model.create(tmp_path / "index")
    model.add(index, DOCUMENTS)
    return index


@pytest.fixture
def path(index):
    (path,) = Path(index.storage.folder).glob("*.svc")
    return path


def rewrite(path, content):
    """Alters a file and keeps what its writer sealed: size (where possible) and time."""
    status = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def n_blocks(path):
    """How many blocks of a container have a checksum."""
    return len(Container(path).marks)


def test_an_untouched_index_opens_and_verifies(index):
    (segment,) = model.segments(index)
    segment.container.verify()


@pytest.mark.parametrize("kept", [0, 1, 63, 64, 95, 96, 1_000, -100, -32, -1])
def test_a_truncated_file_is_refused(index, path, kept):
    rewrite(path, path.read_bytes()[:kept])
    with pytest.raises(IndexDamagedError) as caught:
        index.reader()
    assert str(path) in str(caught.value)
    assert "searchsvc reindex" in str(caught.value)


def test_a_lengthened_file_is_refused(index, path):
    rewrite(path, path.read_bytes() + b"\0")
    with pytest.raises(IndexDamagedError):
        index.reader()


def test_every_flipped_byte_is_found_by_a_full_check(path):
    content = path.read_bytes()
    for place in range(0, len(content), 11):
        altered = bytearray(content)
        altered[place] ^= 0x10
        path.write_bytes(altered)
        with pytest.raises(IndexDamagedError) as caught:
            Container(path).verify()
        assert str(path) in str(caught.value)


def test_a_flipped_byte_in_checksums_directory_header_or_tail_is_found_at_once(path):
    content = path.read_bytes()
    start = struct.unpack_from("<Q", content, len(content) - 32)[0] - 4 * n_blocks(path)
    for place in [*range(64), *range(start, len(content), 3)]:
        altered = bytearray(content)
        altered[place] ^= 0x01
        path.write_bytes(altered)
        with pytest.raises(IndexDamagedError):
            Container(path)


def test_an_altered_array_is_found_when_it_is_first_asked_for(index, path):
    content = path.read_bytes()
    container = Container(path)
    for name in container._arrays:
        start, stop = container.extent(name)
        for place in {start, (start + stop) // 2, stop - 1} if stop > start else ():
            altered = bytearray(content)
            altered[place] ^= 1
            rewrite(path, altered)
            with pytest.raises(IndexDamagedError, match=name.rpartition("/")[2]):
                Container(path).array(name)


def test_an_altered_record_is_found_when_it_is_read(index, path):
    content = path.read_bytes()
    start, stop = Container(path).extent("stored/data")
    (segment,) = model.segments(index)
    records = [segment.stored(number) for number in range(len(DOCUMENTS))]
    for place in range(start, stop):
        for flip in (1, 0x40, 0xFF):
            altered = bytearray(content)
            altered[place] ^= flip
            rewrite(path, altered)
            try:
                (segment,) = model.segments(index)
                found = [segment.stored(number) for number in range(len(DOCUMENTS))]
            except IndexDamagedError:
                continue
            assert found == records


def test_a_file_in_the_place_of_another_is_refused(index, path):
    content = path.read_bytes()
    (segment,) = index._segments()
    writer = ContainerWriter(path.with_name("other"))
    writer.close({"n_documents": 40, "record_form": "record", "fields": {}, "columns": {}})
    other = path.with_name("other").read_bytes()
    rewrite(path, other)
    with pytest.raises(IndexDamagedError):
        index.reader()
    assert segment.seal().size_bytes == len(content)


def test_an_untouched_file_with_another_time_still_opens(index, path):
    os.utime(path, ns=(0, 0))
    index.reader().close()


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4_000_000_000])
def test_another_format_version_is_refused_by_name(index, path, version):
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 8, version)
    rewrite(path, content)
    with pytest.raises(IndexDamagedError) as caught:
        index.reader()
    assert caught.value.code == "index.format"
    assert str(version) in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(index, path):
    path.unlink()
    with pytest.raises(IndexDamagedError) as caught:
        index.reader()
    assert caught.value.code == "index.file_missing"
    assert str(path) in str(caught.value)


def test_damaged_deletes_are_refused(tmp_path):
    path = tmp_path / "deletes"
    deleted = np.arange(21) % 3 == 0
    write_deletes(path, deleted)
    assert np.array_equal(read_deletes(path, 21), deleted)
    content = path.read_bytes()
    altered = [content[:-1], content + b"\0", b"", content[:10]]
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1
        altered.append(bytes(flipped))
    for content in altered:
        path.write_bytes(content)
        with pytest.raises(IndexDamagedError):
            read_deletes(path, 21)
    path.unlink()
    with pytest.raises(IndexDamagedError):
        read_deletes(path, 21)


def test_missing_deletes_are_refused(index):
    writer = BatchWriter(index)
    writer.delete_document(3)
    writer.commit(merge=False)
    (path,) = Path(index.storage.folder).glob("*.deletes*")
    path.unlink()
    with pytest.raises(IndexDamagedError) as caught:
        index.reader()
    assert str(path) in str(caught.value)


def test_a_damaged_source_of_a_merge_is_left_alone_and_what_was_added_is_kept(index, path):
    content = bytearray(path.read_bytes())
    content[8] = 9
    rewrite(path, content)
    writer = BatchWriter(index)
    writer.add_document(id={"b": 1}, record=b"x")
    with pytest.raises(CommittedError) as caught:
        writer.commit(optimize=True)
    assert isinstance(caught.value.__cause__, IndexDamagedError)
    assert path.read_bytes() == content
    assert [segment.n_documents for segment in index._segments()] == [len(DOCUMENTS), 1]
    assert len(list(path.parent.glob("*.svc"))) == 2


def test_a_container_gives_back_arrays_of_every_kind(tmp_path):
    arrays = {
        "none": np.zeros(0, np.uint32),
        "bytes": np.arange(65, dtype=np.uint8),
        "wide": np.arange(5, dtype=np.uint64) << np.uint64(60),
        "signed": np.array([-1, 3], np.int16),
        "fractions": np.array([0.5, -2.0], np.float32),
    }
    writer = ContainerWriter(tmp_path / "c")
    for name, array in arrays.items():
        writer.add(name, array)
    seal = writer.close({"n": 1})
    container = Container(tmp_path / "c", seal)
    assert container.metadata == {"n": 1}
    for name, array in arrays.items():
        read = container.array(name)
        assert read.dtype == array.dtype
        assert np.array_equal(read, array)
        assert not read.flags.writeable
    with pytest.raises(IndexDamagedError):
        Container(tmp_path / "c", Seal(seal.size_bytes, seal.checksum ^ 1))
