"""What is indexed is suggested; what is added and deleted since, too, and what went is not."""

import json
from threading import Thread

import pytest
from conftest import Quiet

from searchsvc import indexer
from searchsvc.errors import IndexDamagedError
from searchsvc.generations import current_generation
from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.suggestions.lexicon import Lexicon

RECORDS = [
    {
        "id": f"a{number}", "title": title, "body": f"{title}。著名作家杜若到了聊城。",
        "people": [{"name": "杜若", "role": "reporter"}], "newspaper": "澜江日报", "tags": ["古桥"],
    }
    for number, title in enumerate(
        ("石桥渡古桥修缮工程开工", "石桥渡古桥修缮工程完工", "著名古桥通车", "聊城举行会议")
    )
]  # fmt: skip


def write(path, *records):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    return path


@pytest.fixture
def settings(tmp_path):
    settings = Settings(index_dir=tmp_path / "index")
    indexer.reindex(settings, [write(tmp_path / "a.jsonl", *RECORDS)], Quiet())
    return settings


def texts(service, typed):
    return [entry.text for entry in service.suggest(typed, 20).entries]


def test_titles_people_newspapers_and_phrases_are_suggested(settings):
    service = open_service(settings)
    assert "石桥渡古桥修缮工程开工" in texts(service, "石桥")
    assert "石桥渡古桥修缮工程开工" in texts(service, "修缮")
    assert texts(service, "杜") == ["杜若"]
    assert texts(service, "澜江") == ["澜江日报"]
    assert "聊城" in texts(service, "liaoc")


def test_words_are_shown_as_they_are_printed(settings):
    assert "著名" in texts(open_service(settings), "著")


def test_added_articles_are_suggested_and_deleted_ones_no_longer(settings, tmp_path):
    service = open_service(settings)
    added = {
        "id": "b",
        "title": "沈丹阳谈古桥",
        "body": "商务部沈丹阳谈古桥。",
        "newspaper": "新报",
    }
    indexer.add(settings, [write(tmp_path / "b.jsonl", added)], Quiet())
    assert texts(service, "沈丹") == ["沈丹阳谈古桥"]
    assert service.search(SearchRequest(query="沈单阳谈")).suggestion == "沈丹阳谈"
    assert texts(service, "新报") == []
    assert texts(service, "新") == ["新报"]
    assert indexer.delete(settings, ["b", "absent"]) == 1
    assert texts(service, "沈丹") == []
    assert texts(service, "新") == []
    assert texts(service, "石桥")


def test_a_replaced_title_is_no_longer_suggested(settings, tmp_path):
    changed = {**RECORDS[3], "title": "聊城召开会议"}
    report = indexer.add(settings, [write(tmp_path / "b.jsonl", changed)], Quiet())
    assert report.replaced == 1
    found = texts(open_service(settings), "聊城")
    assert "聊城召开会议" in found
    assert "聊城举行会议" not in found


def test_a_search_says_what_was_probably_meant(settings):
    service = open_service(settings)
    assert service.search(SearchRequest(query="聊诚")).suggestion == "聊城"
    assert service.search(SearchRequest(query="聊城")).suggestion is None
    found = service.suggest("聊诚", 5)
    assert (found.entries, found.meant) == ((), "聊城")
    assert found.to_json()["suggestions"][0]["kind"] == "correction"


def test_a_damaged_file_is_an_error_that_names_it(settings):
    path = current_generation(settings.index_dir) / "suggestions" / "base.svc"
    content = bytearray(path.read_bytes())
    path.write_bytes(content[:-40])
    with pytest.raises(IndexDamagedError, match=r"base\.svc"):
        open_service(settings).suggest("石", 5)
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError, match=r"base\.svc"):
        Lexicon(path).verify()


def test_threads_share_an_archive(settings):
    service, found = open_service(settings), []

    def ask():
        found.append([texts(service, typed) for typed in ("石", "liao", "修缮")])

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(answer == found[0] for answer in found)
