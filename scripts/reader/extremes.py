"""An archive of what pages have to bear: very long texts, thousands of people and places.

Made anew with a fixed rule each time; gives records as the indexer reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = "安邦成德恩方国海嘉康立明宁平强荣胜同伟祥"
_ROLES = ("reporter", "correspondent", "photographer", "author", "editor", "")
PEOPLE = 3_000


def write_extremes(path: Path) -> Path:
    """Writes the archive as JSON Lines and gives the path."""
    with path.open("w", encoding="utf-8") as file:
        for record in _records():
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def person(number: int) -> str:
    """A name of three characters; another one for each number below 8,000."""
    rest, last = divmod(number, 20)
    first, middle = divmod(rest, 20)
    return _FAMILY[first % 20] + _GIVEN[middle] + _GIVEN[last]


def _records() -> Iterator[dict[str, Any]]:
    yield {
        "id": "long",
        "kicker": "一条引题写得同样长，" * 12,
        "title": "这是一条长得不合常理的标题，它一直写到再也写不下去为止，" * 12,
        "subtitle": "副题也不肯停下，" * 12,
        "newspaper": "北方某某地区工人农民知识分子联合出版的一份名称很长的日报" * 3,
        "date": "2018-07-30",
        "page": "A01",
        "section": "经济社会文化教育科技卫生体育综合新闻版" * 4,
        "people": [{"name": person(n), "role": _ROLES[n % 6]} for n in range(40)],
        "body": ["一段很长的正文，没有停顿" * 400, "W" * 900, "https://example.org/" + "a/" * 200],
        "source": {"path": "一层/" * 60 + "末.txt", "lines": [[n, n + 1] for n in range(1, 80, 3)]},
    }
    yield {
        "id": "crowd",
        "title": "一份长名单",
        "newspaper": "澜江日报",
        "date": "2018-07-31",
        "people": [{"name": person(n), "role": "author"} for n in range(400)],
        "body": "这里是一份名单。",
    }
    for n in range(PEOPLE):
        yield {
            "id": f"listed-{n}",
            "title": f"名单第{n + 1}号",
            "newspaper": f"{_FAMILY[n % 20]}城日报",
            "date": f"{1950 + n % 70}-{1 + n % 12:02}-{1 + n % 28:02}",
            "page": f"A{1 + n % 16:02}",
            "section": f"{_GIVEN[n % 20]}版",
            "place": person(n)[:2] + "县",
            "people": [{"name": person(n), "role": _ROLES[n % 6]}],
            "body": f"名单上的第{n + 1}个人是{person(n)}，见于《{person(n)}文集》。",
        }
