"""A small archive for the web tests, indexed for real, and the real server over it."""

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from conftest import Quiet

from searchsvc.indexer import reindex
from searchsvc.settings import Settings

BRIDGE = "linjiang-1"
HOSTILE = "hostile"
PLAIN = "plain"

PAGE = """临江日报 2018年7月30日 星期一 A03版 要闻

老街改造留住乡愁

□记者 王小满 通讯员 李青禾 报道
本报临江讯 7月29日，老街改造二期工程开工，沿河的二十六处老屋将原样修缮，街坊们的茶馆也会留下来。

施工方介绍，改造期间老街照常通行，预计明年春天完工。
"""

RECORDS = [
    {
        "id": BRIDGE,
        "kicker": "跨江通道再添一座",
        "title": "临江大桥今日通车",
        "subtitle": "两岸车程缩短到五分钟",
        "byline": "本报记者 王小满 通讯员 李青禾",
        "people": [
            {"name": "王小满", "role": "reporter"},
            {"name": "李青禾", "role": "correspondent"},
        ],
        "newspaper": "临江日报",
        "date": "2018-07-30",
        "page": "A01",
        "section": "要闻",
        "place": "临江",
        "flags": ["truncated"],
        "body": [
            {"text": "本报讯 昨日上午十时，临江大桥正式通车，两岸居民步行过桥。"},
            {"text": "五年建成", "role": "subhead"},
            {"text": "大桥全长2840米，建设历时五年，凝聚了三千名建设者的汗水。"},
            {"text": "图为大桥夜景。", "role": "caption"},
        ],
        "source": {"path": "2018/linjiang.txt", "lines": [[3, 9], [14, 15]]},
    },
    {
        "id": HOSTILE,
        "title": "<script>alert('标题')</script> & 大桥",
        "kicker": "<b>引题</b>",
        "byline": "<i>署名</i>",
        "people": [{"name": '"><img src=x onerror=alert(1)>', "role": "author"}],
        "newspaper": "<u>晚报</u>",
        "date": "2018-08-02",
        "section": '"><svg onload=alert(2)>',
        "tags": ["<em>标签</em>"],
        "url": "javascript:alert(3)",
        "body": "正文里也有<script>alert('正文')</script>，还有大桥与<mark>假标记</mark>。",
        "source": {"path": "<hr>.txt", "lines": [[1, 1]]},
    },
    {"id": PLAIN, "body": "只有正文的一条，没有日期，也没有标题，提到了大桥。"},
    {
        "id": "photo-1",
        "kind": "photo",
        "title": "渔民在江边晾晒渔网",
        "flags": ["generated_title"],
        "newspaper": "临江日报",
        "date": "2018-07-31",
        "section": "摄影",
        "body": "渔民在江边晾晒渔网，准备开渔。",
    },
    {
        "id": "ad-1",
        "kind": "ad",
        "title": "大桥牌香皂",
        "newspaper": "临江日报",
        "date": "2018-07-30",
        "body": "大桥牌香皂，零售价三元。",
    },
    *(
        {
            "id": f"paper-{n}",
            "title": f"供水管网改造第{n}期完工",
            "people": [{"name": ("陈一", "赵二", "钱三")[n % 3], "role": "reporter"}],
            "newspaper": ("临江日报", "青禾晚报")[n % 2],
            "date": f"{2018 + n % 3}-0{1 + n % 9}-15",
            "section": ("要闻", "民生")[n % 2],
            "body": f"第{n}期供水管网改造完工，沿线居民用上了放心水。" * (1 + n % 4),
        }
        for n in range(25)
    ),
]


def write_sources(folder: Path) -> Path:
    """Writes the records and the page into ``folder`` and gives it."""
    folder.mkdir(parents=True)
    lines = (json.dumps(record, ensure_ascii=False) for record in RECORDS)
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "A03.txt").write_text(PAGE, encoding="utf-8")
    return folder


def build_archive(folder: Path, **settings: object) -> Settings:
    """Indexes the archive in ``folder``; gives the settings to open it."""
    made = Settings(index_dir=folder / "index", **settings)
    report = reindex(made, [write_sources(folder / "sources")], Quiet())
    assert report.rejects == 0
    return made


def start_server(
    settings: Settings,
    *arguments: str,
    environment: dict[str, str] | None = None,
    program: Sequence[str] = ("-m", "searchsvc"),
) -> subprocess.Popen[str]:
    """``searchsvc serve`` in a process of its own; of our own variables it has those given."""
    inherited = {n: v for n, v in os.environ.items() if not n.startswith("SEARCHSVC_")}
    command = [sys.executable, *program, "serve", "--index", str(settings.index_dir)]
    return subprocess.Popen(
        [*command, *arguments],
        env=inherited | {"SEARCHSVC_LANG": "en"} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address_of(server: subprocess.Popen[str]) -> str:
    """The address that a server prints once it listens, without the last slash."""
    assert server.stdout is not None
    assert select.select([server.stdout], [], [], 60)[0], "the server printed no address"
    return re.search(r"http://\S+(?=/)", server.stdout.readline())[0]


@contextmanager
def running_server(settings: Settings, **environment: str):
    """A server on a free port of loopback; gives its address, stops it at the end."""
    server = start_server(settings, "--port", "0", environment=environment)
    try:
        yield address_of(server)
    finally:
        server.terminate()
        server.communicate(timeout=120)
