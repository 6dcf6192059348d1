"""Readers: formats, encodings, rejects with file and line, compressed and damaged files."""

import gzip
import json
import lzma
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_files import PAGE, read

from searchsvc.articles import Article
from searchsvc.errors import SourceError
from searchsvc.settings import Settings
from searchsvc.sources import file_checksum, find_sources, read_source


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_page_reads_the_same_in_every_encoding(tmp_path, encoding):
    path = tmp_path / "page.txt"
    path.write_bytes(PAGE.encode(encoding))
    articles, rejects = read(path)
    assert not rejects
    article = next(a for a in articles if a.kind == "article")
    assert article.title == "供水管网改造让老街喝上放心水"
    assert (article.newspaper, str(article.date), article.page, article.section) == (
        "临江日报", "2020-05-06", "A02", "民生")  # fmt: skip
    assert [(p.name, p.role) for p in article.people] == [
        ("王小满", "reporter"),
        ("李大壮", "correspondent"),
    ]
    assert article.place == "临江"
    assert article.source.path == "page.txt"


def test_a_big5_page_is_no_mojibake(tmp_path):
    path = tmp_path / "page.txt"
    text = "僑鄉老街重現光彩\n記者在這裡看到，修復的騎樓是當地人的驕傲，來往的遊客不少，對於保護工作有了新的認識。\n"
    path.write_bytes(text.encode("big5"))
    articles, rejects = read(path)
    assert not rejects
    assert articles[0].title == "僑鄉老街重現光彩"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "source.empty"),
        (b" \n\t\n", "source.empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "source.binary"),
        (b"\xff\xfe\x00", "source.encoding"),
        ("聊城".encode() + b"\xff\xff\xff", "source.encoding"),
        (bytes(range(128, 256)) * 20, "source.encoding"),
    ],
)
def test_a_file_that_is_no_page_is_one_reject(tmp_path, content, code):
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    articles, rejects = read(path)
    assert not articles
    assert [r.error.code for r in rejects] == [code]
    assert rejects[0].message("en").startswith("page.txt: ")


def test_bad_records_are_named_by_line_and_the_rest_is_read(tmp_path):
    path = tmp_path / "news.jsonl"
    lines = [
        b'{"id": "a", "title": "\xe7\x94\xb2"}',
        b"{broken",
        b"[1, 2]",
        b"",
        b'{"id": "b"}',
        b'{"id": "c", "title": 5, "date": "2020-02-30"}',
        b'{"id": "d", "title": "\xff"}',
        b'{"id": "e e", "title": "x"}',
        b'{"id": "f", "title": "\\ud800"}',
        b'{"id": "g", "title": "t", "kind": "poem"}',
        b'{"title": "no id", "body": ["p1", "p2"]}',
        b"[" * 100_000,
    ]
    path.write_bytes(b"\n".join(lines))
    articles, rejects = read(path)
    assert [a.id for a in articles] == ["a", "news.jsonl-11"]
    assert [(r.line, r.error.code) for r in rejects] == [
        (2, "record.json"),
        (3, "record.not_object"),
        (5, "record.empty"),
        (6, "record.invalid"),
        (7, "record.encoding"),
        (8, "record.invalid"),
        (9, "record.surrogate"),
        (10, "record.invalid"),
        (12, "record.json"),
    ]
    assert "news.jsonl:2: " in rejects[0].message("zh")
    assert "YYYY-MM-DD" in rejects[3].message()


@pytest.mark.parametrize(("suffix", "compress"), [("xz", lzma.compress), ("gz", gzip.compress)])
def test_a_damaged_archive_keeps_what_was_read(tmp_path, suffix, compress):
    lines = [json.dumps({"id": str(n), "title": f"第{n}条 {n * 7919}"}) for n in range(20_000)]
    packed = compress("\n".join(lines).encode())
    path = tmp_path / f"news.jsonl.{suffix}"
    path.write_bytes(packed)
    assert len(read(path)[0]) == 20_000
    path.write_bytes(packed[: len(packed) // 2])
    articles, rejects = read(path)
    assert 1_000 < len(articles) < 20_000
    assert [r.error.code for r in rejects] == ["source.damaged"]


def test_a_line_without_end_is_refused_without_being_held(tmp_path):
    path = tmp_path / "news.jsonl"
    with path.open("wb") as file:
        file.writelines(b"x" * 1_000_000 for _ in range(100))
        file.write(b'\n{"id": "a", "title": "t"}\n')
    tracemalloc.start()
    articles, rejects = read(path, Settings(max_line_chars=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert [a.id for a in articles] == ["a"]
    assert [(r.line, r.error.code) for r in rejects] == [(1, "record.line_too_long")]


def test_other_exports_fields_are_understood(tmp_path):
    path = tmp_path / "news.jsonl"
    path.write_text(
        json.dumps(
            {"id": "x1", "title": "标题", "text": "第一段\n第二段", "source": "CCTV新闻联播",
             "editor": "视频编辑：张贝龙 文字编辑：温凤浩", "tags": "香港,回归", "author": "记者 甲乙"}
        )
    )  # fmt: skip
    (article,) = read(path)[0]
    assert [p.text for p in article.body] == ["第一段", "第二段"]
    assert article.newspaper == "CCTV新闻联播"
    assert [(p.name, p.role) for p in article.people] == [
        ("张贝龙", "editor"),
        ("温凤浩", "editor"),
    ]
    assert article.tags == ("香港", "回归")
    assert article.source.lines == ((1, 1),)


def test_a_folder_is_walked_in_order_and_unknown_files_are_named(tmp_path):
    for name in ("b/2.txt", "a/1.txt", ".hidden/x.txt", "a/.y.txt", "a/photo.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(PAGE, encoding="utf-8")
    files = find_sources([tmp_path])
    assert [f.name for f in files] == ["a/1.txt", "a/photo.jpg", "b/2.txt"]
    (reject,) = read_source(files[1], lambda n: None)
    assert reject.error.code == "source.unknown_format"
    assert [f.name for f in find_sources([tmp_path, tmp_path / "a"])] == [f.name for f in files]


def test_missing_and_absent_paths_are_errors(tmp_path):
    with pytest.raises(SourceError, match="no file or folder"):
        find_sources([tmp_path / "nowhere"])
    with pytest.raises(SourceError, match="no source was given"):
        find_sources([])


def test_a_file_that_vanishes_is_a_reject(tmp_path):
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    (file,) = find_sources([path])
    path.unlink()
    (reject,) = read_source(file, lambda n: None)
    assert reject.error.code == "source.unreadable"


def test_the_checksum_tells_content_alone(tmp_path):
    path = tmp_path / "page.txt"
    path.write_text("甲", encoding="utf-8")
    first = file_checksum(*find_sources([path]))
    path.rename(tmp_path / "other.txt")
    assert file_checksum(*find_sources([tmp_path / "other.txt"])) == first
    path.write_text("乙", encoding="utf-8")
    assert file_checksum(*find_sources([path])) != first


def test_files_of_one_name_in_several_folders_are_told_apart(tmp_path):
    for folder in ("x/2018", "x/2019", "y/2019"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "A01.txt").write_text(PAGE, encoding="utf-8")
    given = [tmp_path / "x/2018", tmp_path / "x/2019", tmp_path / "y/2019"]
    assert [f.name for f in find_sources(given)] == ["A01.txt", "2019/A01.txt", "y/2019/A01.txt"]


def test_the_news_corpus_reads_without_reject(shared):
    (file,) = find_sources([shared / "news/xwlb_2012_2026.jsonl.xz"])
    kinds = [type(item) for _, item in zip(range(5_000), read_source(file, int), strict=False)]
    assert kinds == [Article] * 5_000


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("gb18030", "ignore")))
def test_any_bytes_give_articles_or_rejects(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("any")
    for name in ("a.txt", "b.jsonl", "c.jsonl.xz", "d.jsonl.gz"):
        path = folder / name
        path.write_bytes(content)
        articles, rejects = read(path)
        assert articles or rejects
