"""Word lists: what changed since the index was built, and which change needs a reindex."""

import json

import pytest
from conftest import Quiet
from test_cli import searchsvc

from searchsvc import indexer
from searchsvc.errors import IndexDamagedError, SettingsError
from searchsvc.results import SearchRequest
from searchsvc.service import SearchService, open_service
from searchsvc.settings import Settings


@pytest.fixture
def lists(tmp_path):
    """Writes a list and gives its path."""

    def write(name, *lines):
        path = tmp_path / f"{name}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text('{"id": "a", "title": "侨批馆", "body": "买了电脑。"}\n', encoding="utf-8")
    return path


def states(settings):
    return {
        words.name: (words.change, words.needs_reindex)
        for words in SearchService(settings).word_lists()
    }


def test_a_change_of_the_dictionary_needs_a_reindex_and_others_do_not(tmp_path, lists, source):
    settings = Settings(
        index_dir=tmp_path / "index",
        user_dictionary=lists("words", "侨批馆"),
        synonyms=lists("synonyms", "电脑, 计算机"),
        stop_words=lists("stop", "的"),
    )
    indexer.reindex(settings, [source], Quiet())
    same = dict.fromkeys(("user_dictionary", "synonyms", "stop_words"), ("none", False))
    assert states(settings) == same
    lists("words", "# 说明", "", "侨批馆")
    lists("synonyms", "电脑, 计算机  # 说明")
    assert states(settings) == same
    lists("synonyms", "电脑, 计算机, 微机")
    lists("stop", "的", "了")
    changed = {"synonyms": ("changed", False), "stop_words": ("changed", False)}
    assert states(settings) == same | changed
    assert open_service(settings).search(SearchRequest(query="微机")).total == 1
    lists("words", "侨批馆", "侨批")
    assert states(settings)["user_dictionary"] == ("changed", True)
    with pytest.raises(IndexDamagedError, match="another user dictionary"):
        open_service(settings)
    assert SearchService(settings).stats()["articles"] == 1
    indexer.reindex(settings, [source], Quiet())
    assert states(settings) == same


def test_lists_come_and_go(tmp_path, lists, source):
    plain = Settings(index_dir=tmp_path / "index")
    indexer.reindex(plain, [source], Quiet())
    assert states(plain) == {}
    listed = Settings(
        index_dir=plain.index_dir,
        user_dictionary=lists("words", "侨批馆"),
        stop_words=lists("stop", "的"),
    )
    assert states(listed) == {"user_dictionary": ("new", True), "stop_words": ("new", False)}
    indexer.reindex(listed, [source], Quiet())
    assert states(plain) == {"user_dictionary": ("gone", True), "stop_words": ("gone", False)}


def test_a_list_that_cannot_be_read_stops_a_reindex_before_it_begins(tmp_path, lists, source):
    settings = Settings(index_dir=tmp_path / "index", synonyms=lists("synonyms", "电脑"))
    with pytest.raises(SettingsError, match="line 1"):
        indexer.reindex(settings, [source], Quiet())
    assert not settings.index_dir.exists()


def test_the_command_line_tells(tmp_path, lists, source):
    config = tmp_path / "searchsvc.toml"
    config.write_text('synonyms = "synonyms.txt"\nuser_dictionary = "words.txt"\n')
    lists("synonyms", "电脑, 计算机")
    lists("words", "侨批馆")
    searchsvc("reindex", source.name, cwd=tmp_path)
    lists("synonyms", "电脑, 计算机, 微机")
    told = searchsvc("update", source.name, "--lang", "en", cwd=tmp_path)
    assert "synonyms.txt, 3 words, changed since" in told.stderr
    assert "needs no reindex" in told.stderr
    lists("words", "侨批馆", "侨批")
    shown = searchsvc("stats", "--lang", "en", cwd=tmp_path)
    assert "needs a reindex" in shown.stdout
    numbers = json.loads(searchsvc("stats", "--json", cwd=tmp_path).stdout)
    assert numbers["word_lists"]["user_dictionary"] == {
        "path": "words.txt",
        "words": 2,
        "built_with_words": 1,
        "change": "changed",
        "needs_reindex": True,
    }
    told = searchsvc("reindex", "--if-changed", source.name, "--lang", "en", cwd=tmp_path)
    assert told.returncode == 0
    assert "words.txt, 2 words, changed since the index was built (1 then)" in told.stderr
    shown = searchsvc("stats", "--lang", "zh", cwd=tmp_path)
    assert "用户词典：words.txt，2 词，与建索引时相同" in shown.stdout
