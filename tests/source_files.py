"""What the tests of readers share: a page, and reading one file with everything counted."""

from searchsvc.articles import Article
from searchsvc.settings import Settings
from searchsvc.sources import Reject, find_sources, read_source

DEFAULTS = Settings()
PAGE = """临江日报 2020年5月6日 星期三 A02 民生

供水管网改造让老街喝上放心水

□本报记者 王小满 通讯员 李大壮

本报临江讯 5月5日，记者在城南老街看到，新铺的供水管道已经通水，三百二十户居民结束了水压不足的日子。

改造工程总投资一千二百万元，更换老旧管道十八公里，预计六月底全部完成并移交物业管理单位使用。
"""


def read(path, settings=DEFAULTS):
    """Articles and rejects of one file, and the bytes that were told of."""
    (file,) = find_sources([path])
    told = []
    items = list(read_source(file, told.append, settings))
    assert sum(told) == file.size_bytes
    articles = [item for item in items if isinstance(item, Article)]
    return articles, [item for item in items if isinstance(item, Reject)]


def codes(rejects):
    """(path below the file, line, code) of rejects."""
    return [(r.path, r.line, r.error.code) for r in rejects]


def told(article):
    """What an article says, without where it stands."""
    return {
        **{k: v for k, v in article.to_record().items() if k not in ("id", "source", "url")},
        "body": [(p.role, p.text) for p in article.body],
    }
