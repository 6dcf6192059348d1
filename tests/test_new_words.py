"""New words: n-grams as a brute force counts them, and words that no dictionary knows."""

import json
import random
import re
from collections import Counter, defaultdict
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import Quiet, record
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from test_cli import searchsvc

from searchsvc import indexer
from searchsvc.analysis import Analyzer
from searchsvc.analysis.dictionary import read_dictionary
from searchsvc.new_words import find_new_words
from searchsvc.new_words import grams as grams_module
from searchsvc.new_words.grams import MAX_CHARS, CharacterRuns
from searchsvc.settings import Settings

ANALYZER = Analyzer()


def counted(texts, size, least):
    """{n-gram: (count, entropy before, entropy behind)}, by counting."""
    counts, before, behind = Counter(), defaultdict(Counter), defaultdict(Counter)
    for number, run in enumerate(run for text in texts for run in re.findall("[一-龥]+", text)):
        for start in range(len(run) - size + 1):
            gram, end = run[start : start + size], start + size
            counts[gram] += 1
            before[gram][run[start - 1] if start else f"start {number}"] += 1
            behind[gram][run[end] if end < len(run) else f"end {number}"] += 1

    def entropy(chars):
        return sum(n / chars.total() * log2(chars.total() / n) for n in chars.values())

    return {
        gram: (count, entropy(before[gram]), entropy(behind[gram]))
        for gram, count in counts.items()
        if count >= least
    }


@pytest.mark.parametrize("bucket", [1, 20, 1_000_000])
@hypothesis_settings(max_examples=40)
@given(
    texts=st.lists(st.text("人民大会堂，a\n", max_size=40), max_size=12), least=st.integers(2, 4)
)
def test_grams_are_those_of_a_count(texts, least, bucket):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams_module, "BUCKET", bucket)
        runs = CharacterRuns(Path(folder) / "runs", texts)
        by_size = runs.grams(least)
    assert runs.counts.sum() == sum(len(re.findall("[一-龥]", text)) for text in texts)
    assert len(by_size) == MAX_CHARS - 1
    for size, grams in enumerate(by_size, 2):
        found = {
            grams.text(row): (grams.counts[row], grams.before[row], grams.behind[row])
            for row in range(len(grams.counts))
        }
        expected = counted(texts, size, least)
        assert found.keys() == expected.keys()
        for gram, measures in expected.items():
            assert found[gram] == pytest.approx(measures, abs=1e-9)


@pytest.fixture(scope="module")
def archive():
    """Articles of common words in which 霾雾镇 and 朴槿惠 stand here and there."""
    rng = random.Random(1)
    words = [
        "今天",
        "天气",
        "经济",
        "发展",
        "学校",
        "老师",
        "城市",
        "道路",
        "桥梁",
        "工程",
        "公司",
        "产品",
        "市场",
        "农民",
        "粮食",
        "医院",
        "医生",
    ]
    records = []
    for number in range(60):
        text = [rng.choice(words) for _ in range(80)]
        for new in ("霾雾镇", "朴槿惠", "经济发展"):
            text[rng.randrange(80)] = new
        records.append(record(number, "".join(text)))
    return records


def test_words_that_no_dictionary_knows_are_found_with_counts_and_an_example(build_engine, archive):
    engine = build_engine(*archive)
    total, found = find_new_words(engine, ANALYZER, 10)
    words = {word.word: word for word in found}
    assert total == len(words)
    assert {"霾雾镇", "朴槿惠"} <= set(words)
    assert "经济发展" not in words  # of words that are known
    assert not {"雾镇", "槿惠", "霾雾", "朴槿"} & set(words)  # pieces
    new = words["朴槿惠"]
    assert new.count == sum("朴槿惠" in one["body"] for one in archive) == new.articles
    assert new.word in new.example
    assert engine.article(new.example_id)
    assert new.cut == tuple(ANALYZER.words("朴槿惠"))


def test_a_word_of_the_user_dictionary_is_not_new(build_engine, archive, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("朴槿惠\n", encoding="utf-8")
    _, found = find_new_words(build_engine(*archive), Analyzer(path), 10)
    assert "朴槿惠" not in {word.word for word in found}


def test_an_archive_without_new_words_has_none(build_engine):
    assert list(find_new_words(build_engine(record(1, "今天天气好。")), ANALYZER, 2)[1]) == []


def test_the_command_prints_a_user_dictionary(tmp_path, archive):
    source = tmp_path / "articles.jsonl"
    source.write_text("\n".join(json.dumps(one) for one in archive), encoding="utf-8")
    settings = Settings(index_dir=tmp_path / "index")
    indexer.reindex(settings, [source], Quiet())
    printed = searchsvc("words", "--index", settings.index_dir, "--lang", "zh")
    assert printed.returncode == 0
    assert "候选新词" in printed.stderr
    path = tmp_path / "words.txt"
    path.write_text(printed.stdout, encoding="utf-8")
    assert {"霾雾镇", "朴槿惠"} <= {entry.word for entry in read_dictionary(path)}
    as_json = searchsvc("words", "--json", "--limit", "1", "--index", settings.index_dir)
    answer = json.loads(as_json.stdout)
    assert answer["total"] >= len(answer["words"]) == 1
    assert answer["words"][0]["count"] >= 10
