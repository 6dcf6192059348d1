"""Packed files and archives: members are read wherever they lie, hostile ones are counted rejects."""

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile

import pytest
from source_files import PAGE, codes, read, told

from searchsvc.settings import Settings

RECORD = json.dumps({"id": "a", "title": "甲"}).encode()


def zip_of(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("p.txt.xz", lzma.compress),
        ("p.txt.gz", gzip.compress),
        ("p.txt.bz2", bz2.compress),
        ("a.zip", lambda page: zip_of({"临江日报/p.txt": page})),
        ("a.tar", lambda page: tar_of({"临江日报/p.txt": page})),
        ("a.tar.gz", lambda page: gzip.compress(tar_of({"p.txt": page}))),
        ("a.tgz", lambda page: gzip.compress(tar_of({"p.txt": page}))),
        ("a.tar.xz", lambda page: lzma.compress(tar_of({"p.txt": page}))),
        ("a.tar.bz2", lambda page: bz2.compress(tar_of({"p.txt": page}))),
        ("b.zip", lambda page: zip_of({"in.tar.gz": gzip.compress(tar_of({"p.txt": page}))})),
        ("b.tar.xz", lambda page: lzma.compress(tar_of({"in.zip": zip_of({"p.txt": page})}))),
        ("c.zip", lambda page: zip_of({"p.txt.gz": gzip.compress(page)})),
    ],
)
def test_a_page_reads_the_same_in_every_packing(tmp_path, name, pack):
    plain = read(written(tmp_path, "p.txt", PAGE.encode()))[0]
    articles, rejects = read(written(tmp_path, name, pack(PAGE.encode())))
    assert not rejects
    assert [told(a) for a in articles] == [told(a) for a in plain]
    assert articles[0].source.path.startswith(name)


def test_member_names_of_other_systems_tell_the_issue(tmp_path):
    name = "临江日报/2020-05-06/A03.txt".encode("gbk")  # without a mark, as of old on Windows
    stand_in = b"Q" * len(name)
    packed = zip_of({stand_in.decode(): "老街喝上了放心水，居民说水压足了。".encode()})
    articles, rejects = read(written(tmp_path, "w.zip", packed.replace(stand_in, name)))
    assert not rejects
    assert articles[0].source.path == "w.zip/临江日报/2020-05-06/A03.txt"
    assert (articles[0].newspaper, str(articles[0].date)) == ("临江日报", "2020-05-06")


def test_unknown_and_broken_members_are_named_and_the_rest_is_read(tmp_path):
    members = {
        "a.jpg": b"\xff\xd8\xff",
        "b.jsonl": b"{broken\n" + RECORD,
        "empty.txt": b"",
        ".hidden/x.txt": b"\xff",
        "__MACOSX/._b.jsonl": b"\0",
        "c.zip": b"PK no zip",
    }
    for name, pack in (("m.zip", zip_of), ("m.tar", tar_of)):
        articles, rejects = read(written(tmp_path, name, pack(members)))
        assert [a.id for a in articles] == ["a"]
        assert codes(rejects) == [
            (f"{name}/a.jpg", None, "source.unknown_format"),
            (f"{name}/b.jsonl", 1, "record.json"),
            (f"{name}/empty.txt", None, "source.empty"),
            (f"{name}/c.zip", None, "source.damaged"),
        ]


@pytest.mark.parametrize(
    "name", ["../up.jsonl", "a/../../up.jsonl", "/etc/abs.jsonl", "C:/x.jsonl"]
)
def test_a_name_that_leads_out_is_a_reject(tmp_path, name):
    before = sorted(tmp_path.parent.rglob("*"))
    for archive, pack in (("e.zip", zip_of), ("e.tar", tar_of)):
        articles, rejects = read(
            written(tmp_path, archive, pack({name: RECORD, "good.jsonl": RECORD}))
        )
        assert [a.source.path for a in articles] == [f"{archive}/good.jsonl"]
        assert [r.error.code for r in rejects] == ["source.escapes"]
    left = set(tmp_path.parent.rglob("*")) - set(before)
    assert {p.name for p in left} == {"e.zip", "e.tar"}


def test_a_member_without_a_name_is_a_reject(tmp_path):
    packed = zip_of({"Q": RECORD, "good.jsonl": RECORD})
    local, central = packed.index(b"PK\x03\x04"), packed.index(b"PK\x01\x02")
    data = bytearray(packed)
    data[central + 28] = 0  # the length of the name; what it was becomes a comment of one byte
    data[central + 32] = 1
    data[local + 26] = 0
    articles, rejects = read(written(tmp_path, "n.zip", bytes(data)))
    assert [a.id for a in articles] == ["a"]
    assert codes(rejects) == [("n.zip/", None, "source.escapes")]


def test_links_and_devices_in_a_tar_are_rejects(tmp_path):
    kinds = {}
    for name, kind in (("l", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE)):
        info = tarfile.TarInfo(f"{name}.jsonl")
        info.type, info.linkname = kind, "/etc/passwd"
        kinds[info] = b""
    articles, rejects = read(written(tmp_path, "k.tar", tar_of({**kinds, "good.jsonl": RECORD})))
    assert [a.id for a in articles] == ["a"]
    assert [r.error.code for r in rejects] == ["source.no_file"] * 3


def test_an_encrypted_member_is_a_reject(tmp_path):
    data = bytearray(zip_of({"a.jsonl": RECORD}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    assert codes(read(written(tmp_path, "x.zip", bytes(data)))[1]) == [
        ("x.zip/a.jsonl", None, "source.encrypted")
    ]


BOMB_BYTES = 20 << 20


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("b.jsonl.xz", lzma.compress),
        ("b.txt.gz", gzip.compress),
        ("b.zip", lambda bomb: zip_of({"b.jsonl": bomb, "after.jsonl": RECORD})),
        ("b.tar.xz", lambda bomb: lzma.compress(tar_of({"b.bin": bomb, "after.jsonl": RECORD}))),
        ("n.zip", lambda bomb: zip_of({"i.zip": zip_of({"b.csv": bomb})})),
    ],
)
def test_a_bomb_is_stopped_by_its_ratio(tmp_path, name, make):
    path = written(tmp_path, name, make(b" " * BOMB_BYTES))
    articles, rejects = read(path)
    assert articles == []
    assert "source.archive_ratio" in [r.error.code for r in rejects]
    assert len(rejects) <= 3


def test_an_archive_over_its_limits_keeps_what_was_read(tmp_path):
    lines = {
        f"{n}.jsonl": json.dumps({"id": f"a{n}", "title": os.urandom(500).hex()}).encode()
        for n in range(9)
    }
    path = written(tmp_path, "a.zip", zip_of(lines))
    for settings, code in (
        (Settings(max_archive_files=5), "source.archive_files"),
        (Settings(max_archive_bytes=5_000), "source.archive_size"),
    ):
        articles, rejects = read(path, settings)
        assert 3 <= len(articles) <= 5
        assert code in [r.error.code for r in rejects]
    nested = zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.jsonl": RECORD})})})
    deep = written(tmp_path, "deep.zip", nested)
    assert [a.id for a in read(deep)[0]] == ["a"]
    assert codes(read(deep, Settings(max_archive_depth=2))[1]) == [
        ("deep.zip/a.zip/b.zip", None, "source.archive_depth")
    ]


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress, bz2.compress, bytes])
def test_a_truncated_tar_keeps_what_was_read_and_says_so(tmp_path, pack):
    suffix = {lzma.compress: ".xz", gzip.compress: ".gz", bz2.compress: ".bz2"}.get(pack, "")
    noise = {f"{n}.jsonl": RECORD.replace(b'"a"', b'"a%d"' % n) for n in range(50)}
    data = pack(tar_of(noise | {"noise.bin": os.urandom(100_000)}))
    path = written(tmp_path, f"t.tar{suffix}", data)
    assert len(read(path)[0]) == 50
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(data[: int(len(data) * share)])
        articles, rejects = read(path)
        assert len(articles) <= 50
        assert "source.damaged" in [r.error.code for r in rejects]


def test_an_archive_that_lists_no_file_is_one_reject(tmp_path):
    packed = bytearray(zip_of({"a.jsonl": RECORD}))
    end = packed.rindex(b"PK\x05\x06")
    packed[end + 10 : end + 16] = bytes(6)  # the numbers of entries and of the directory's bytes
    tar = bytes(1024) + tar_of({"a.jsonl": RECORD})
    for name, data in (("e.zip", zip_of({})), ("z.zip", bytes(packed)), ("e.tar", tar)):
        articles, rejects = read(written(tmp_path, name, data))
        assert not articles
        assert codes(rejects) == [(name, None, "source.no_members")]


def test_a_truncated_zip_is_one_reject(tmp_path):
    data = zip_of({f"{n}.jsonl": RECORD for n in range(20)})
    assert codes(read(written(tmp_path, "t.zip", data[:-30]))[1]) == [
        ("t.zip", None, "source.damaged")
    ]


def test_a_zip_whose_member_is_damaged_reads_the_others(tmp_path):
    members = {f"{n}.jsonl": RECORD.replace(b'"a"', b'"a%d"' % n) for n in range(3)}
    data = bytearray(zip_of(members))
    second = data.index(b"1.jsonl") + len("1.jsonl")
    data[second + 3] ^= 0xFF
    articles, rejects = read(written(tmp_path, "d.zip", bytes(data)))
    assert {a.id for a in articles} >= {"a0", "a2"}
    assert rejects
    assert {r.path for r in rejects} == {"d.zip/1.jsonl"}


def test_a_tar_header_that_would_fill_the_memory_is_refused(tmp_path):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 8 << 30
    data = info.tobuf(tarfile.GNU_FORMAT) + b"1" * 10_240
    assert codes(read(written(tmp_path, "h.tar", data))[1]) == [("h.tar", None, "source.damaged")]
