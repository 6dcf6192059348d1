"""Titles and standards that texts cite."""

import pytest

from searchsvc.pages.citations import cited_standards, cited_titles


@pytest.mark.parametrize(
    ("text", "standards"),
    [
        ("制定的GB/T33230-2016《铝及铝合金》和GB/T 33226—2016", ("GB/T 33230-2016", "GB/T 33226-2016")),
        ("执行GB 2760和DB37/T 1234-2019", ("GB 2760", "DB37/T 1234-2019")),
        ("团体标准T/CCIA 001-2020、Q/ABC 12-2018", ("T/CCIA 001-2020", "Q/ABC 12-2018")),
        ("按NY/T 391-2013，JGJ 52-2006施工", ("NY/T 391-2013", "JGJ 52-2006")),
        ("通过ISO9001质量管理、ISO 9001:2015认证", ("ISO 9001", "ISO 9001:2015")),
        ("GB/T 7714-2015与GB/T7714-2015", ("GB/T 7714-2015",)),
        ("A4纸、5G网络、G20峰会、360极限飞球、iPhone 15", ()),
    ],
)  # fmt: skip
def test_standards_are_written_as_their_bodies_do(text, standards):
    assert cited_standards([text]) == standards


def test_titles_are_told_once_with_titles_inside_them():
    texts = [
        "《关于提升标准化建设水平的意见》和《关于印发〈办法〉的通知》",
        "又见《关于提升标准化建设水平的意见》",
    ]
    assert cited_titles(texts) == ("关于提升标准化建设水平的意见", "关于印发〈办法〉的通知")
    assert cited_titles(["《关于印发《办法》的通知》"]) == ("关于印发《办法》的通知",)
    assert cited_titles(["没有书名号，《未闭合"]) == ()
