"""Files of every format, whole and damaged, for the fuzzing of readers: tests and scripts share it."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile

from page_formats import alto, founder, hocr, mets, page_xml, pdf, pdf_lines, table_page

TEXT = """临江日报 2020年5月6日 星期三 A02 民生

供水管网改造让老街喝上放心水

□本报记者 王小满 通讯员 李大壮

　　本报临江讯 5月5日，记者在城南老街看到，新铺的供水管道已经通水。
"""
PARAGRAPHS = [line.strip() for line in TEXT.split("\n") if "。" in line]


def _zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tar(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _seeds():
    records = [{"id": f"a{n}", "title": f"标题{n}", "body": ["第一段", "第二段"]} for n in range(3)]
    lines = "\n".join(json.dumps(r, ensure_ascii=False) for r in records)
    table = 'id,标题,正文\na,甲,"第一段\n第二段"\nb,乙,丙\n'
    members = {"p.txt": TEXT.encode(), "n.jsonl": lines.encode(), "t.csv": table.encode("gbk")}
    yield "u.txt", TEXT.encode()
    yield "g.txt", TEXT.encode("gb18030")
    yield "w.txt", TEXT.encode("utf-16")
    yield "n.jsonl", lines.encode()
    yield "t.csv", table.encode("gbk")
    yield "t.tsv", table.replace(",", "\t").encode("utf-16")
    yield "alto.xml", alto(TEXT).encode()
    yield "page.xml", page_xml(TEXT).encode()
    yield "mets.xml", mets("临江日报", "2020-05-06", {"a.xml": "A01"}).encode()
    yield "h.hocr", hocr(TEXT).encode()
    yield "f.html", founder("标题", PARAGRAPHS, date="2020-05-06", nodename="A02").encode()
    yield "f.htm", table_page("标题", PARAGRAPHS).encode("gbk")
    yield "p.pdf", pdf([pdf_lines(TEXT)])
    yield "n.jsonl.xz", lzma.compress(lines.encode())
    yield "n.jsonl.gz", gzip.compress(lines.encode())
    yield "a.zip", _zip(members)
    yield "a.tar", _tar(members)
    yield "a.tgz", gzip.compress(_tar(members))
    yield "b.zip", _zip({"a.zip": _zip(members), "b.tar": _tar(members)})


SEEDS = dict(_seeds())
"""A small valid file of every format, by name."""

OPERATIONS = ("flip", "cut", "insert", "repeat", "zero")


def mutated(content, operation, place, size, insert):
    """The content with one change at ``place`` (a share of it) over ``size`` bytes."""
    at = int(place * len(content))
    before, part, after = content[:at], content[at : at + size], content[at + size :]
    match operation:
        case "flip":
            return before + bytes(b ^ 0x41 for b in part) + after
        case "cut":
            return before + after
        case "insert":
            return before + insert + part + after
        case "repeat":
            return before + part * 9 + after
        case "zero":
            return before + bytes(len(part)) + after
    raise ValueError(operation)
