"""Corrections by people: what they change, where they lie, and when they no longer hold."""

import json

import pytest
from test_pages import GAMES, GAMES_MORE, WATER, WATER_MORE

from searchsvc.articles import Article
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import Correction, page_articles, segment_lines, text_lines
from searchsvc.sources import Reject, find_sources, read_source
from searchsvc.sources.checksums import file_checksum
from searchsvc.sources.corrections import corrections_path, read_corrections, write_corrections

TEXT = f"供水改造\n□记者 王小满\n{WATER}\n{WATER_MORE}\n\n运动会闭幕\n□记者 李大壮\n{GAMES}\n{GAMES_MORE}"
LINES = text_lines(TEXT)


def corrected(*records):
    page = segment_lines(LINES, [Correction.from_record(record) for record in records])
    return page_articles(page, "p.txt")


def spans(articles):
    return [(a.kind, [n for p in a.body for n in p.lines]) for a in articles]


def test_without_corrections_the_segmenter_speaks():
    assert spans(corrected()) == [("article", [3, 4]), ("article", [8, 9])]


def test_a_split_begins_an_article():
    found = corrected({"action": "split", "line": 4})
    assert spans(found) == [("article", [3]), ("article", [4]), ("article", [8, 9])]
    assert "generated_title" in found[1].flags


def test_a_split_before_a_heading_takes_it_along():
    split, merged = {"action": "split", "line": 6}, {"action": "merge", "line": 8, "into": 3}
    found = corrected(merged, split)
    assert [a.title for a in found] == ["供水改造", "运动会闭幕"]


def test_a_merge_makes_one_article():
    (found,) = corrected({"action": "merge", "line": 9, "into": 1})
    assert [n for p in found.body for n in p.lines if p.role == "text"] == [3, 4, 8, 9]
    assert found.source.lines == ((1, 9),)


def test_fields_are_set():
    found = corrected(
        {"action": "set", "line": 8, "field": "title", "value": "新标题"},
        {"action": "set", "line": 8, "field": "byline", "value": "记者 张三丰 通讯员 李四"},
        {"action": "set", "field": "date", "value": "2018-07-31"},
        {"action": "set", "field": "newspaper", "value": "临江日报"},
    )
    assert found[1].title == "新标题"
    assert [(p.name, p.role) for p in found[1].people] == [
        ("张三丰", "reporter"),
        ("李四", "correspondent"),
    ]
    assert {(a.newspaper, str(a.date)) for a in found} == {("临江日报", "2018-07-31")}


def test_a_block_is_marked_as_an_ad():
    found = corrected({"action": "set", "line": 8, "field": "kind", "value": "ad"})
    assert [a.kind for a in found] == ["article", "ad"]
    assert [n for p in found[1].body for n in p.lines] == [6, 7, 8, 9]


def test_a_line_gets_another_role():
    found = corrected({"action": "role", "line": 4, "value": "subhead"})
    assert [p.role for p in found[0].body] == ["text", "subhead"]


def test_undo_takes_back_the_last_one_in_force():
    split, undo = {"action": "split", "line": 4}, {"action": "undo"}
    other = {"action": "set", "line": 1, "field": "title", "value": "甲"}
    assert spans(corrected(split, undo)) == spans(corrected())
    assert len(corrected(split, other, undo)) == 3
    assert spans(corrected(split, other, undo, undo, undo)) == spans(corrected())


@pytest.mark.parametrize(
    "record",
    [[], {}, {"action": "cut"}, {"action": "split", "line": "4"}, {"action": "split", "line": True},
     {"action": "role", "line": 4, "value": "poem"}, {"action": "merge", "line": 4},
     {"action": "set", "line": 4, "field": "id", "value": "x"}, {"action": "split", "line": 4, "why": "x"},
     {"action": "set", "line": 4, "field": "kind", "value": "poem"},
     {"action": "set", "field": "date", "value": "31.7.2018"}],
)  # fmt: skip
def test_what_is_no_correction_is_refused(record):
    with pytest.raises(RecordError):
        Correction.from_record(record)


def test_a_line_that_the_page_does_not_have_is_refused():
    for line in (5, 99):
        with pytest.raises(RecordError, match=str(line)):
            corrected({"action": "split", "line": line})


@pytest.fixture
def page_file(tmp_path):
    path = tmp_path / "A03.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def read(folder):
    (source,) = [s for s in find_sources([folder]) if s.path.suffix == ".txt"]
    items = list(read_source(source, lambda _: None))
    return (
        [item for item in items if isinstance(item, Article)],
        [item for item in items if isinstance(item, Reject)],
    )


def test_corrections_beside_a_page_are_applied_when_it_is_read(page_file):
    write_corrections(page_file, LINES, [Correction("split", line=4, by="王编辑")])
    articles, rejects = read(page_file.parent)
    assert (len(articles), rejects) == (3, [])
    page_file.write_bytes(TEXT.replace("\n", "\r\n").encode("gb18030"))
    assert len(read(page_file.parent)[0]) == 3


def test_a_correction_makes_the_file_another(page_file):
    (source,) = find_sources([page_file.parent])
    before = file_checksum(source)
    write_corrections(page_file, LINES, [Correction("split", line=4)])
    assert find_sources([page_file.parent]) == [source]
    assert file_checksum(source) != before


def test_corrections_of_other_lines_are_named_and_not_applied(page_file):
    write_corrections(page_file, LINES, [Correction("split", line=4)])
    page_file.write_text(TEXT.replace("老街", "新街"), encoding="utf-8")
    articles, rejects = read(page_file.parent)
    assert len(articles) == 2
    assert [(r.path, r.error.code) for r in rejects] == [
        ("A03.txt.corrections.json", "source.corrections_stale")
    ]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"corrections": [{"action": "cut"}]}'])
def test_a_damaged_file_of_corrections_is_named(page_file, content):
    record = json.loads(content) if content.startswith("{") and content != "{}" else None
    if record:
        content = json.dumps({**record, "page_sha256": LINES.checksum})
    corrections_path(page_file).write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_corrections(page_file, LINES)
    assert caught.value.code == "source.corrections_invalid"
    articles, rejects = read(page_file.parent)
    assert len(articles) == 2
    assert len(rejects) == 1


def test_the_file_keeps_its_history(page_file):
    first = [Correction("split", line=4, at="2026-01-02T03:04:05+00:00", by="王编辑")]
    write_corrections(page_file, LINES, first)
    write_corrections(page_file, LINES, [*read_corrections(page_file, LINES), Correction("undo")])
    assert read_corrections(page_file, LINES) == [*first, Correction("undo")]
    names = sorted(path.name for path in page_file.parent.iterdir())
    assert names == ["A03.txt", "A03.txt.corrections.json"]
