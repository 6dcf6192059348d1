"""The evaluation command: its measures by hand, its baselines by the formula, its two halves."""

import json
from collections import Counter
from math import log, log2

import numpy as np
import pytest
from relevance.__main__ import main
from relevance.baselines import Baseline
from relevance.collection import Collection, Query, read_collection
from relevance.measures import measure, p_value

from searchsvc.analysis import bigram_terms

TEXTS = ["古桥修缮工程开工", "古桥边的石碑", "渔网改造与古桥古桥", "大米丰收"]


def test_measures_by_hand():
    found = ["x", "b", "y", "a"]
    grades = {"a": 1.0, "b": 1.0, "c": 1.0}
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    expected = (1 / 2, (1 / log2(3) + 1 / log2(5)) / ideal, 0.0, 2 / 3)
    assert measure(found, grades) == pytest.approx(expected)
    assert measure([], grades) == (0.0, 0.0, 0.0, 0.0)
    assert measure(["x"] * 10 + ["a"], {"a": 1.0}) == (0.0, 0.0, 0.0, 1.0)


def test_the_paired_test_tells_a_difference_from_noise():
    rng = np.random.default_rng(1)
    ours = rng.random(400)
    assert p_value(ours, ours) == 1.0
    assert p_value(ours, ours - 0.05) < 0.001
    assert p_value(ours, ours + rng.choice([-0.05, 0.05], 400)) > 0.05


def test_the_baseline_is_bm25():
    records = tuple({"id": str(n), "text": text} for n, text in enumerate(TEXTS))
    baseline = Baseline(Collection(records, (Query("q", "古桥石碑", {"1": 1.0}),)), bigram_terms)

    def score(text, k1=0.9, b=0.4):
        counts = [Counter(bigram_terms(t)) for t in TEXTS]
        mean = sum(c.total() for c in counts) / len(counts)
        total = 0.0
        for term in bigram_terms("古桥石碑"):
            df = sum(term in c for c in counts)
            tf, length = Counter(bigram_terms(text))[term], len(bigram_terms(text))
            idf = log(1 + (len(TEXTS) - df + 0.5) / (df + 0.5))
            total += idf * tf / (tf + k1 * (1 - b + b * length / mean)) if tf else 0.0
        return total

    by_score = sorted(range(3), key=lambda n: -score(TEXTS[n]))
    assert baseline.rank("古桥石碑", 0.9, 0.4) == [str(n) for n in by_score]


@pytest.fixture
def folder(tmp_path):
    docs = [{"id": str(n), "title": f"第{n}条", "text": t} for n, t in enumerate(TEXTS)]
    queries = [{"id": f"q{n}", "text": t[:4], "type": "x"} for n, t in enumerate(TEXTS)]
    for name, records in (("docs", docs), ("queries", queries)):
        lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("".join(f"q{n}\t{n}\t1\n" for n in range(4)))
    return tmp_path


def test_nothing_but_the_chosen_fields_is_read(folder):
    collection = read_collection(folder, ["text"])
    assert {name for record in collection.documents for name in record} == {"id", "text"}
    assert len(read_collection(folder, ["text"], limit=3).documents) == 4  # all answer a query
    assert read_collection(folder, ["text"], of_type="y").queries == ()


def test_a_missing_document_is_told(folder):
    (folder / "qrels.tsv").write_text("q0\t99\t1\n")
    with pytest.raises(SystemExit, match="99"):
        read_collection(folder, ["text"])


def test_the_command_prints_both_halves(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["evaluate", str(folder), "--fields", "text"])
    main()
    printed = capsys.readouterr().out
    assert [line.split()[1] for line in printed.splitlines() if " half" in line] == ["half"] * 2
    assert printed.count("searchsvc ") == printed.count("jieba BM25") == 2
    assert "1.0000" in printed


def test_it_can_be_asked_alone(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["evaluate", str(folder), "--fields", "text", "--alone"])
    main()
    printed = capsys.readouterr().out
    assert printed.count("searchsvc ") == 2
    assert "BM25" not in printed


@pytest.mark.opensearch
def test_a_cluster_is_asked_the_same(folder, cluster, capsys, monkeypatch):
    hosts = ",".join(node.url for node in cluster)
    given = ["evaluate", str(folder), "--fields", "text", "--alone", "--hosts", hosts]
    monkeypatch.setattr("sys.argv", given)
    main()
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    ours = [row[1:5] for row in rows if row[:1] == ["searchsvc"]]
    assert len(ours) == 2
    assert [row[2:6] for row in rows if row[:2] == ["on", "OpenSearch"]] == ours
