"""Tables: what spreadsheets write, rows that are none, field names of others."""

import json

import pytest
from source_files import codes, read

from searchsvc.errors import SettingsError
from searchsvc.settings import Settings, load_settings

HEADER = "编号,标题,正文,日期,版次,报纸,备注\r\n"
ROWS = (
    'a1,古桥修缮完工,"第一段，有逗号。\n第二段说“石碑”。",2020-05-06,A02,临江日报,x\r\n'
    "a2,旧城改造启动,居民陆续搬回了修好的老街。,2020-05-07,A01,临江日报,\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_reads_the_same_in_every_encoding_of_a_spreadsheet(tmp_path, encoding):
    path = tmp_path / "导出.csv"
    path.write_bytes((HEADER + ROWS).encode(encoding))
    articles, rejects = read(path)
    assert not rejects
    first = articles[0]
    assert (first.id, first.title, str(first.date), first.page, first.newspaper) == (
        "a1", "古桥修缮完工", "2020-05-06", "A02", "临江日报")  # fmt: skip
    assert [p.text for p in first.body] == ["第一段，有逗号。", "第二段说“石碑”。"]
    assert [a.source.lines for a in articles] == [((2, 2),), ((4, 4),)]


def test_unicode_text_with_tabs_and_a_big5_table_are_read(tmp_path):
    tabbed = tmp_path / "a.tsv"
    tabbed.write_bytes("title\tbody\n甲\t乙\n".encode("utf-16"))
    assert [a.title for a in read(tabbed)[0]] == ["甲"]
    big5 = tmp_path / "b.csv"
    rows = "標題,内文\n".replace("内", "內") + "僑鄉老街重現光彩,修復的騎樓是當地人的驕傲。\n" * 3
    big5.write_bytes(rows.encode("big5"))
    settings = Settings(record_fields=(("標題", "title"), ("內文", "body")))
    articles, rejects = read(big5, settings)
    assert not rejects
    assert {a.title for a in articles} == {"僑鄉老街重現光彩"}


def test_a_bad_row_is_named_and_the_rest_is_read(tmp_path):
    path = tmp_path / "t.csv"
    lines = [
        b"id,title,date",
        b"a,one,2020-01-01",
        b'b,"never closed,2020-01-01',
        b"c,three,2020-01-01",
        b"d,four,2020-01-01,more,cells",
        b"",
        b"e,\xff\xfe\xff,2020-01-01",
        b"f,six,yesterday",
        b'g,"se"ven,2020-01-01',
        b"h,eight",
        b"i,,",
        b"j,ten\0,2020-01-01",
    ]
    path.write_bytes(b"\n".join(lines))
    articles, rejects = read(path)
    assert [a.id for a in articles] == ["a", "c", "h"]
    assert sorted(codes(rejects)) == [
        ("t.csv", 3, "record.row"),
        ("t.csv", 5, "record.columns"),
        ("t.csv", 7, "record.encoding"),
        ("t.csv", 8, "record.invalid"),
        ("t.csv", 9, "record.row"),
        ("t.csv", 11, "record.empty"),
        ("t.csv", 12, "record.control"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "source.empty"), (b"a,b\n1,2\n", "source.table_header"), (b"title\n", "source.empty")],
)
def test_a_file_that_is_no_table_is_one_reject(tmp_path, content, code):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert codes(read(path)[1]) == [("t.csv", None, code)]


def test_field_names_are_mapped_by_the_settings(tmp_path, monkeypatch):
    path = tmp_path / "n.jsonl"
    path.write_text(json.dumps({"Headline": "标题", "全文": "第一段", "when": "2020-05-06"}))
    monkeypatch.setenv("SEARCHSVC_RECORD_FIELDS", "Headline=title, 全文=body,when=date")
    (article,) = read(path, load_settings())[0]
    assert (article.title, str(article.date)) == ("标题", "2020-05-06")
    config = tmp_path / "c.toml"
    config.write_text('record_fields = {Headline = "title", when = "date"}', encoding="utf-8")
    monkeypatch.setenv("SEARCHSVC_CONFIG", str(config))
    monkeypatch.delenv("SEARCHSVC_RECORD_FIELDS")
    assert load_settings().record_fields == (("Headline", "title"), ("when", "date"))
    monkeypatch.setenv("SEARCHSVC_RECORD_FIELDS", "Headline=colour")
    with pytest.raises(SettingsError, match="colour"):
        load_settings()
