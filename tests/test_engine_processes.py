"""Processes that read while another commits: every answer is right for the commit it comes from."""

import json
import subprocess
import sys
from pathlib import Path

from conftest import DOCUMENTS, record

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.engines.whoosh import create_writer, open_engine, open_writer
from searchsvc.query import parse_query

READERS = 2
COMMITS = 8
PER_COMMIT = 8
QUERIES = {
    '"青禾大米"': lambda text: "青禾大米" in text,
    "共同": lambda text: "共同" in text,
    '"青禾大米" -石桥': lambda text: "青禾大米" in text and "石桥" not in text,
    '共同 OR "石桥渡"': lambda text: "共同" in text or "石桥渡" in text,
    '"第3条"': lambda text: "第3条" in text,
}
"""Queries, and which texts they ask for."""

READER = """
import sys
sys.path[:0] = sys.argv[1:3]
from test_engine_processes import read
read(sys.argv[3])
"""


def text_of(number, commit):
    """The text of an article as a commit writes it."""
    parts = [f"第{number}条,第{commit}版。", "大家有共同的话题。"]
    if number % 3 == 0:
        parts.append("青禾大米上市。")
    if (number + commit) % 4 == 0:
        parts.append("石桥渡古桥修缮。" * (1 + number % 5))
    return "".join(parts)


def changes(commit):
    """What a commit deletes and what it writes, by number; some it writes are there already."""
    new = range(PER_COMMIT * commit, PER_COMMIT * (commit + 1))
    if commit == 0:
        return [], list(new)
    before = PER_COMMIT * (commit - 1)
    return [before + 1], [before + 2, *new]


def expected(last):
    """The text of every article that the commits up to the last one leave."""
    texts = {}
    for commit in range(last + 1):
        deleted, written = changes(commit)
        for number in deleted:
            del texts[f"a{number}"]
        texts |= {f"a{number}": text_of(number, commit) for number in written}
    return texts


def commit_changes(writer, number):
    deleted, written = changes(number)
    for article in (*deleted, *(written if number else ())):
        writer.delete([f"a{article}"])
    for article in written:
        values = record(article, text_of(article, number), "标题")
        writer.add(DOCUMENTS([Article.from_record(values)]))
    if number:
        writer.delete(["amarker"])
    writer.add(DOCUMENTS([Article.from_record(record("marker", "标记", str(number)))]))
    writer.commit()


def commit_of(engine):
    """The number of the commit that an engine reads, which its marker says."""
    return int(engine.article("amarker").title)


def check(engine):
    """What is wrong with the answers of an engine that has just been opened."""
    texts = expected(commit_of(engine))
    wrong = []
    for query, matches in QUERIES.items():
        tree = parse_query(query)
        found = engine.search(Search(tree=tree, limit=1_000))
        top = engine.search(Search(tree=tree, limit=5))
        bodies = {hit.article.id: hit.article.body[0].text for hit in found.hits}
        wanted = {name: text for name, text in texts.items() if matches(text)}
        best = [(hit.article.id, hit.score) for hit in found.hits[:5]]
        if bodies != wanted or found.total != top.total or found.total != len(wanted):
            wrong.append((commit_of(engine), query, sorted(bodies.items() ^ wanted.items())))
        if [(hit.article.id, hit.score) for hit in top.hits] != best:
            wrong.append((commit_of(engine), query, "order"))
    return wrong


def read(folder):
    """Opens the newest version and checks it, again and again until the last commit is there."""
    analyzer, seen = Analyzer(), []
    while COMMITS - 1 not in seen:
        engine = open_engine(Path(folder), analyzer)
        wrong = check(engine)
        if wrong:
            print(json.dumps({"wrong": wrong}))
            return
        seen.append(commit_of(engine))
        engine.close()
    print(json.dumps({"commits": seen}))


def test_readers_in_other_processes_never_get_a_wrong_answer(tmp_path):
    writer = create_writer(tmp_path)
    commit_changes(writer, 0)
    assert not check(open_engine(tmp_path, Analyzer()))
    tests = Path(__file__).parent
    paths = [str(tests), str(tests.parent / "scripts")]
    command = [sys.executable, "-c", READER, *paths, str(tmp_path)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(READERS)]
    for number in range(1, COMMITS):
        commit_changes(open_writer(tmp_path), number)
    reports = [json.loads(reader.communicate()[0]) for reader in readers]
    assert [report for report in reports if "wrong" in report] == []
    assert all(report["commits"] == sorted(report["commits"]) for report in reports)
