"""Generations: the switch is atomic, interrupted builds leave no trace, damage is named."""

import json
import os
import subprocess
import sys

import pytest

from searchsvc import generations
from searchsvc.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    OperatorError,
    StorageError,
)
from searchsvc.generations import (
    begin_generation,
    current_generation,
    data_folder,
    publish_generation,
    read_manifest,
    switch_back,
    write_lock,
)


def publish(index_dir, content):
    folder = begin_generation(index_dir)
    (data_folder(folder) / "postings").write_text(content)
    publish_generation(index_dir, folder, {"articles": 1})
    return folder


def test_a_published_generation_is_current(tmp_path):
    folder = publish(tmp_path, "one")
    assert current_generation(tmp_path) == folder
    assert read_manifest(folder)["articles"] == 1


def test_an_empty_folder_has_no_index(tmp_path):
    with pytest.raises(IndexMissingError, match="searchsvc reindex"):
        current_generation(tmp_path)


def test_the_previous_generation_stays_and_older_ones_go(tmp_path):
    first, second, third = (publish(tmp_path, text) for text in ("one", "two", "three"))
    assert not first.exists()
    assert second.exists()
    assert current_generation(tmp_path) == third


def test_rollback_goes_back_and_forth(tmp_path):
    with pytest.raises(OperatorError):
        switch_back(tmp_path)
    first, second = publish(tmp_path, "one"), publish(tmp_path, "two")
    assert switch_back(tmp_path) == first == current_generation(tmp_path)
    assert switch_back(tmp_path) == second == current_generation(tmp_path)


def test_an_interrupted_build_is_not_seen_and_later_removed(tmp_path):
    first = publish(tmp_path, "one")
    leftover = begin_generation(tmp_path)
    (data_folder(leftover) / "half").write_text("…")
    assert current_generation(tmp_path) == first
    publish(tmp_path, "two")
    assert not leftover.exists()


def test_a_failing_switch_leaves_the_old_generation(tmp_path, monkeypatch):
    first = publish(tmp_path, "one")
    folder = begin_generation(tmp_path)

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StorageError, match="disk is full"):
        publish_generation(tmp_path, folder, {})
    assert current_generation(tmp_path) == first


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"format_version": 999}', "has format 999"),
    ],
)
def test_a_damaged_manifest_is_named(tmp_path, content, problem):
    folder = publish(tmp_path, "one")
    (folder / generations.MANIFEST).write_text(content)
    with pytest.raises(IndexDamagedError, match=problem):
        read_manifest(folder)


def test_every_flipped_byte_of_manifest_and_pointer_is_found(tmp_path):
    folder = publish(tmp_path, "one")
    publish(tmp_path, "two")
    for path, read in (
        (folder / generations.MANIFEST, lambda: read_manifest(folder)),
        (tmp_path / generations.CURRENT, lambda: current_generation(tmp_path)),
    ):
        content = path.read_bytes()
        for place in range(len(content)):
            for flip in (1, 0x10, 0xFF):
                altered = bytearray(content)
                altered[place] ^= flip
                path.write_bytes(altered)
                with pytest.raises(IndexDamagedError):
                    read()
        path.write_bytes(content)
        read()


def test_an_index_of_an_older_format_is_told_by_its_format_and_kept_by_the_next_build(tmp_path):
    older = tmp_path / "generations" / "20200101T000000000000"
    older.mkdir(parents=True)
    (older / generations.MANIFEST).write_text('{"format_version": 4, "files": {}}')
    (tmp_path / generations.CURRENT).write_text(f"{older.name}\n")
    for read in (lambda: current_generation(tmp_path), lambda: read_manifest(older)):
        with pytest.raises(IndexDamagedError, match=r"has format 4.*searchsvc reindex"):
            read()
    folder = publish(tmp_path, "one")
    assert current_generation(tmp_path) == folder
    assert older.exists()


@pytest.mark.parametrize("damage", ["", "lost", None])
def test_a_lost_or_damaged_pointer_costs_no_whole_generation(tmp_path, damage):
    first = publish(tmp_path, "one")
    pointer = tmp_path / generations.CURRENT
    pointer.unlink() if damage is None else pointer.write_text(damage)
    begin_generation(tmp_path)
    assert first.exists()
    second = publish(tmp_path, "two")
    assert current_generation(tmp_path) == second
    assert switch_back(tmp_path) == first


def test_as_many_generations_are_kept_as_asked_for(tmp_path):
    folders = []
    for text in ("one", "two", "three", "four"):
        folder = begin_generation(tmp_path)
        (data_folder(folder) / "postings").write_text(text)
        publish_generation(tmp_path, folder, {}, kept=3)
        folders.append(folder)
    assert [folder.exists() for folder in folders] == [False, True, True, True]


def test_a_pointer_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / generations.CURRENT).write_text("../../etc\n")
    with pytest.raises(IndexDamagedError):
        current_generation(tmp_path)


def test_a_second_writer_is_refused_at_once_and_a_dead_one_is_forgotten(tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path;"
            "from searchsvc.generations import write_lock\n"
            "with write_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(IndexLockedError, match="another process"), write_lock(tmp_path):
        pass
    holder.kill()
    holder.wait()
    with write_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StorageError, match="cannot be written"),
        write_lock(tmp_path / "file" / "x"),
    ):
        pass


def test_the_manifest_is_readable_json(tmp_path):
    folder = publish(tmp_path, "one")
    assert json.loads((folder / generations.MANIFEST).read_text())["articles"] == 1
