"""The command line in processes of its own: what it prints, where, and how it ends."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from web_archive import running_server

from searchsvc.cli import commands, terminal
from searchsvc.settings import Settings

QUERY = "古桥 修缮"
ENVIRONMENT = {n: v for n, v in os.environ.items() if not n.startswith(("SEARCHSVC_", "LC_"))}


def searchsvc(*arguments, cwd=None, **environment):
    """A finished run; standard output and error as text."""
    return subprocess.run(
        [sys.executable, "-m", "searchsvc", *map(str, arguments)],
        env=ENVIRONMENT | {"LANG": "en_US.UTF-8", "PYTHONUTF8": "1"} | environment,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """An index of the sample archive."""
    folder = tmp_path_factory.mktemp("cli") / "index"
    done = searchsvc("reindex", "--sample", "--index", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def one_article(tmp_path_factory):
    """An index of one article, id ``a``, to be copied."""
    folder = tmp_path_factory.mktemp("one")
    source = write(folder / "one.jsonl", {"id": "a", "title": "老街", "body": "供水改造"})
    assert searchsvc("reindex", source, "--index", folder / "index").returncode == 0
    return folder / "index"


@pytest.fixture
def index(one_article, tmp_path):
    """The test's own index of one article, id ``a``."""
    return shutil.copytree(one_article, tmp_path / "index")


def write(path, *records):
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def ids(index):
    done = searchsvc("search", "*", "--json", "--index", index)
    return [hit["id"] for hit in json.loads(done.stdout)["hits"]]


def test_search_prints_the_hits(sample):
    done = searchsvc("search", QUERY, "--index", sample, "--lang", "en")
    assert done.returncode == 0
    assert "石桥渡古桥修缮工程" in done.stdout
    assert "澜江日报/2016-05-18/A01.txt:28-37" in done.stdout
    assert done.stderr == ""


def test_search_json_is_what_the_endpoint_answers(sample):
    from urllib.parse import quote  # noqa: PLC0415
    from urllib.request import urlopen  # noqa: PLC0415

    options = ("--facets", "newspaper", "--filter", "newspaper:澜江日报", "--sort", "newest")
    printed = json.loads(searchsvc("search", QUERY, "--json", *options, "--index", sample).stdout)
    with running_server(Settings(index_dir=sample)) as address:
        parameters = f"q={quote(QUERY)}&facets=newspaper&sort=newest&lang=en"
        url = f"{address}/api/search?{parameters}&filter=newspaper:{quote('澜江日报')}"
        with urlopen(url, timeout=120) as response:
            served = json.load(response)
    for answer in (printed, served):
        assert answer.pop("took_ms") >= 0
    assert printed == served
    assert printed["total"]


def test_finding_nothing_is_no_failure(sample):
    done = searchsvc("search", "龘龘龘", "--index", sample)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing found" in done.stderr


def test_a_hit_can_be_explained_and_likened(sample):
    hit = json.loads(searchsvc("search", QUERY, "--json", "--index", sample).stdout)["hits"][0]
    done = searchsvc("explain", QUERY, hit["id"], "--json", "--index", sample)
    assert json.loads(done.stdout)["score"] == pytest.approx(hit["score"], abs=1e-5)
    assert QUERY in searchsvc("explain", QUERY, hit["id"], "--index", sample).stdout
    done = searchsvc("explain", "龘龘龘", hit["id"], "--index", sample, "--lang", "en")
    assert (done.returncode, done.stdout) == (0, "")
    assert "does not find" in done.stderr
    done = searchsvc("similar", hit["id"], "--limit", "2", "--json", "--index", sample)
    likened = json.loads(done.stdout)
    assert hit["id"] not in {other["document"]["id"] for other in likened}
    printed = searchsvc("similar", hit["id"], "--limit", "2", "--index", sample).stdout
    assert [line.split()[-1] for line in printed.splitlines()] == [
        other["document"]["id"] for other in likened
    ]


def test_a_hit_can_be_shown(sample):
    hit = json.loads(searchsvc("search", QUERY, "--json", "--index", sample).stdout)["hits"][0]
    done = searchsvc("show", hit["id"], "--index", sample)
    assert done.returncode == 0
    assert hit["document"]["title"] in done.stdout
    as_json = searchsvc("show", hit["id"], "--json", "--index", sample)
    assert json.loads(as_json.stdout) == hit["document"]


def test_statistics_say_what_is_there(sample):
    numbers = json.loads(searchsvc("stats", "--json", "--index", sample).stdout)
    assert numbers["articles"] == sum(numbers["kinds"].values()) > 60
    assert "articles" in searchsvc("stats", "--index", sample).stdout


def test_the_state_of_a_cluster_is_said(capsys):
    terminal.print_stats({"articles": 4_000, "cluster": {"status": "green", "nodes": 3}})
    assert capsys.readouterr().out == "articles: 4,000\ncluster: status green  nodes 3\n"


def test_analysis_is_shown():
    done = searchsvc("analyze", "臺灣同胞")
    assert "台湾" in done.stdout
    words = json.loads(searchsvc("analyze", "--json", "臺灣同胞").stdout)["words"]
    assert words[0] == {"term": "台湾", "position": 0, "start": 0, "end": 2}


def test_labels_are_one_object_a_page(tmp_path):
    for name in ("a.txt", "b.txt"):
        text = "老街供水改造收官\n\n□ 本报记者 王小满\n\n7月3日，老街的新水管通了水。\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = searchsvc("segment", "--labels", "a.txt", "b.txt", cwd=tmp_path)
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [page["id"] for page in pages] == ["a.txt", "b.txt"]
    block = pages[0]["line_labels"]["1"][0]
    assert pages[0]["line_labels"] == {
        "1": [block, "headline"],
        "3": [block, "byline"],
        "5": [block, "body"],
    }
    assert "老街供水改造收官" in searchsvc("segment", "a.txt", cwd=tmp_path).stdout


PAGE = "老街供水改造收官\n\n□ 本报记者 王小满\n\n7月3日，老街的新水管通了水。\n\n居民都说好。\n"


def test_every_line_is_explained(tmp_path):
    (tmp_path / "a.txt").write_text(PAGE, encoding="utf-8")
    shown = searchsvc("segment", "--explain", "--lang", "en", "a.txt", cwd=tmp_path).stdout
    (cues,) = re.findall(r"3 byline +[0-9]+% +□ 本报记者 王小满\n[│ ]+(.*)\n", shown)
    assert {"names who wrote or photographed", "ends in a person's name"} & set(cues.split(", "))
    (line,) = searchsvc("segment", "--json", "a.txt", cwd=tmp_path).stdout.splitlines()
    page = json.loads(line)
    assert [entry["role"] for entry in page["lines"]] == ["headline", "byline", "body", "body"]
    assert all(0 < entry["probability"] <= 1 for entry in page["lines"])
    assert page["articles"][0]["people"] == [{"name": "王小满", "role": "reporter"}]


def test_corrections_are_written_shown_and_applied(tmp_path):
    (tmp_path / "a.txt").write_text(PAGE, encoding="utf-8")
    refused = searchsvc("correct", "a.txt", "--split", "99", "--lang", "en", cwd=tmp_path)
    assert refused.returncode != 0
    assert "99" in refused.stderr
    assert not (tmp_path / "a.txt.corrections.json").exists()
    done = searchsvc(
        "correct", "a.txt", "--split", "7", "--set", "7", "title", "群众反响", "--by", "王编辑",
        "--lang", "en", cwd=tmp_path,
    )  # fmt: skip
    assert "2 corrections in force" in done.stdout
    page = json.loads(searchsvc("segment", "--json", "a.txt", cwd=tmp_path).stdout)
    assert [a["title"] for a in page["articles"]] == ["老街供水改造收官", "群众反响"]
    searchsvc("correct", "a.txt", "--undo", cwd=tmp_path)
    history = searchsvc("correct", "a.txt", "--lang", "en", cwd=tmp_path).stdout
    assert history.count("王编辑") == 2
    assert "does not count" in history
    page = json.loads(searchsvc("segment", "--json", "a.txt", cwd=tmp_path).stdout)
    assert len(page["articles"]) == 2


def test_articles_are_added_replaced_and_deleted(index, tmp_path):
    more = write(tmp_path / "more.jsonl", {"id": "a", "title": "新"}, {"id": "b", "title": "乙"})
    done = searchsvc("add", more, "--index", index)
    assert done.returncode == 0
    assert "1 of them replaced" in done.stdout
    assert sorted(ids(index)) == ["a", "b"]
    done = searchsvc("delete", "b", "nowhere", "--index", index)
    assert (done.returncode, done.stdout) == (0, "Deleted 1; 1 were not there.\n")
    assert ids(index) == ["a"]


def test_a_rollback_can_be_undone(index, tmp_path):
    other = write(tmp_path / "other.jsonl", {"id": "z", "title": "另"})
    searchsvc("reindex", other, "--index", index)
    for expected in ("a", "z"):
        assert searchsvc("rollback", "--index", index).returncode == 0
        assert ids(index) == [expected]


def test_it_indexes_again_only_when_something_changed_and_says_why(tmp_path):
    source = write(tmp_path / "s.jsonl", {"id": "a", "title": "甲"})
    words = tmp_path / "words.txt"
    words.write_text("青禾大米\n", encoding="utf-8")

    def run(*options):
        done = searchsvc("reindex", "--if-changed", source, "--index", tmp_path / "index", *options)
        assert done.returncode == 0
        return done.stderr

    assert "There is no index" in run()
    assert "is up to date" in run()
    write(source, {"id": "b", "title": "乙"})
    assert "sources changed" in run()
    assert "dictionary" in run("--user-dictionary", words)


def test_rejects_are_listed_with_file_and_line_and_the_rest_is_indexed(tmp_path):
    (tmp_path / "s.jsonl").write_text('{"id": "a", "title": "甲"}\n{broken\n', encoding="utf-8")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    out = tmp_path / "rejects.jsonl"
    done = searchsvc(
        "reindex", "s.jsonl", "empty.txt", "--rejects", out, "--json", "--index", "i", cwd=tmp_path
    )
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert (report["articles"], report["rejects"]) == (1, 2)
    rejects = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rejects == report["reject_list"]
    assert [(r["path"], r["line"]) for r in rejects] == [("s.jsonl", 2), ("empty.txt", None)]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["search", "x", "--index", "nowhere"], 1, "searchsvc reindex"),
        (["reindex", "nowhere"], 1, "no file or folder"),
        (["show", "x", "--index", "INDEX"], 1, "no article"),
        (["search", '"unclosed', "--index", "INDEX"], 2, "never closed"),
        (["search", "聊" * 10_000, "--index", "INDEX"], 2, "10000 characters"),
        (["search", "x", "--sort", "best", "--index", "INDEX"], 2, "sort"),
        (["search", "x", "--per-page", "0", "--index", "INDEX"], 2, "per_page"),
        (["serch"], 2, "search"),
        (["search", "--pge", "2"], 2, "--page"),
        (["reindex"], 2, "--sample"),
        (["delete"], 2, "ID"),
        ([], 2, "Commands"),
    ],
)
def test_exit_codes_and_messages(index, tmp_path, arguments, code, told):
    done = searchsvc(*(str(index) if a == "INDEX" else a for a in arguments), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_in_a_query_is_pointed_at(index):
    done = searchsvc("search", '供水 "改造', "--index", index)
    assert done.stderr.endswith('  供水 "改造\n       ^\n')


@pytest.mark.parametrize("name", ["search", "reindex"])
def test_help_speaks_both_languages(name):
    english = searchsvc(name, "-h", "--lang", "en")
    chinese = searchsvc(name, "-h", LANG="zh_CN.UTF-8")
    assert english.returncode == chinese.returncode == 0
    assert not re.search("[\u4e00-\u9fff]{6}", english.stdout)
    assert re.search("[\u4e00-\u9fff]{3}", chinese.stdout)
    assert english.stdout.count("--") == chinese.stdout.count("--")


def test_the_list_of_commands_is_in_chinese_even_before_a_command():
    listed = searchsvc("-h", "search", LANG="zh_CN.UTF-8").stdout.partition("命令:")[2]
    lines = listed.strip().splitlines()
    assert {line.split()[0] for line in lines} == set(commands.commands)
    assert all(re.search("[\u4e00-\u9fff]{3}", line) for line in lines)


def test_a_command_is_imported_when_it_is_called():
    code = (
        "import sys; from searchsvc.cli import commands; print({'numpy', 'flask'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("typed", "english", "chinese"),
    [
        (["xyz"], "No such command 'xyz'.", "没有命令 'xyz'。"),
        (
            ["serch"],
            "No such command 'serch'. (Did you mean one of: 'search', 'serve'?)",
            "没有命令 'serch'。 （是不是下列之一：'search', 'serve'？）",
        ),
        (
            ["search", "--user-dictionry"],
            "No such option '--user-dictionry'. Did you mean '--user-dictionary'?",
            "没有选项 '--user-dictionry'。 是不是 '--user-dictionary'？",
        ),
        (
            ["search", "--page"],
            "Option '--page' requires an argument.",
            "选项 '--page' 要带一个值。",
        ),
        (
            ["search", "--page", "x"],
            "Invalid value for '--page': 'x' is not a valid integer.",
            "'--page' 的值不对：'x' 不是数。",
        ),
        (
            ["suggest", "桥", "--limit", "99"],
            "Invalid value for '--limit': 99 is not in the range 1<=x<=50.",
            "'--limit' 的值不对：99 不在 1<=x<=50 的范围内。",
        ),
        (["show"], "Missing argument 'ID'.", "缺少参数 'ID'."),
        (["show", "a", "b"], "Got unexpected extra argument (b)", "多出参数：b"),
        (
            ["correct", "nowhere.txt"],
            "Invalid value for 'PAGE': File 'nowhere.txt' does not exist.",
            "'PAGE' 的值不对：文件 'nowhere.txt' 不存在。",
        ),
    ],
)
def test_a_wrong_command_is_told_in_both_languages(typed, english, chinese):
    for language, mark, message in (("en", "error: ", english), ("zh", "错误：", chinese)):
        done = searchsvc(*typed, SEARCHSVC_LANG=language)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[-1] == f"{mark}{message}"


def test_a_group_without_a_command_shows_its_help():
    done = searchsvc("keys", SEARCHSVC_LANG="zh")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == searchsvc("keys", "-h", SEARCHSVC_LANG="zh").stdout


def test_messages_follow_the_locale(tmp_path):
    told = [
        searchsvc("search", "x", "--index", tmp_path / "none", LANG=lang).stderr
        for lang in ("zh_CN.UTF-8", "en_US.UTF-8", "C")
    ]
    assert told[0].startswith("错误")
    assert told[1] == told[2] != told[0]


def test_long_work_shows_a_bar_on_a_terminal(tmp_path):
    source = write(
        tmp_path / "s.jsonl", *({"id": str(n), "body": "供水改造" * 50} for n in range(3_000))
    )
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "searchsvc", "reindex", str(source)]
    process = subprocess.Popen(
        [*command, "--index", str(tmp_path / "index")],
        env=ENVIRONMENT | {"LANG": "en_US.UTF-8", "TERM": "xterm", "COLUMNS": "120"},
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 4096):
            shown += chunk
    except OSError:  # the terminal's other end is closed
        pass
    finally:
        os.close(master)
    assert process.wait() == 0
    assert "━".encode() in shown
    assert re.search(rb"[0-9,]+ articles, [0-9,]+/s", shown)


def test_an_interrupted_reindex_says_so_and_keeps_the_index(index, tmp_path):
    # What a shell starts in its background ignores interrupts, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    records = ({"id": str(n), "body": "供水改造" * 100} for n in range(20_000))
    source = write(tmp_path / "many.jsonl", *records)
    command = [sys.executable, "-m", "searchsvc", "reindex", str(source), "--index", str(index)]
    process = subprocess.Popen(
        command,
        env=ENVIRONMENT | {"LANG": "en_US.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "reading" not in process.stderr.readline():
        pass
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.endswith("interrupted\n")
    assert ids(index) == ["a"]


def test_a_reader_that_goes_away_is_no_error(sample):
    line = f"{sys.executable} -m searchsvc search '*' --per-page 100 --index {sample} | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == b""
