"""Faults of disk, power and processes leave the old index or the new one; and the harness that says
so finds what was broken on purpose. scripts/fault-injection tries everything, this a sample.
"""

import os
import random
import types

import pytest
from faults.flips import flip_bytes
from faults.harness import (
    Tally,
    bench,
    cut_power,
    every_fault,
    every_kill,
    every_site,
    fail_then_cut,
    inject,
    kill,
)
from faults.scenarios import scenarios

from searchsvc import generations, storage
from searchsvc.engines.whoosh import generation
from searchsvc.postings import container, index, writer
from searchsvc.storage import sync

SCENARIOS = {scenario.name: scenario for scenario in scenarios()}
SEED = int(os.environ.get("FAULT_SEED", "8"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_of_all_faults_leaves_the_old_index_or_the_new_one(name):
    rng, tally = random.Random(SEED), Tally()
    with bench(SCENARIOS[name]) as tried:
        points = every_fault(tried.log)
        inject(tried, tally, lambda _: rng.sample(points, min(12, len(points))))
        kills = every_kill(tried.log)
        kill(tried, tally, rng.sample(kills, min(20, len(kills))))
        cut_power(tried, tally, rng, most=30)
        fail_then_cut(tried, tally, rng, most=4)
    assert tally.failures == []
    assert tally.tried["kill"] >= 10
    assert tally.tried["power cut"] >= 7


def test_every_operation_is_seen_and_asked_for_by_the_program():
    with bench(SCENARIOS["reindex"]) as tried:
        kinds = {operation.kind for operation in tried.log}
        assert kinds >= {"open", "create", "write", "fsync", "rename", "unlink", "mkdir", "mmap"}
        assert len(every_site(tried.log)) > 60
        synced = [o.path for o in tried.log if o.kind == "fsync"]
    assert {os.path.basename(path) for path in synced} >= {"data", "generations", "CURRENT.new"}  # noqa: PTH119


def without_sync(monkeypatch):
    """Segments that are not synced."""
    shown = types.SimpleNamespace(fstat=os.fstat, fsync=lambda _: None)
    monkeypatch.setattr(container, "os", shown)


def without_folder_sync(monkeypatch):
    """A commit that may be there before the names of its segments are."""
    monkeypatch.setattr(writer, "sync", lambda _: None)


def renamed_too_early(monkeypatch):
    """A commit that is renamed into its place before its content is synced."""

    def replace_file(path, content):
        aside = path.with_name(path.name + ".new")
        aside.write_bytes(content)
        aside.replace(path)
        sync(path.parent)
        sync(path)

    monkeypatch.setattr(index, "publish_file", replace_file)


def current_before_manifest(monkeypatch):
    """A generation that is current before it is whole."""

    def publish(index_dir, folder, manifest, kept):
        generations.make_current(index_dir, folder, kept)
        generations.publish_generation(index_dir, folder, manifest, kept)

    monkeypatch.setattr(generation, "publish_generation", publish)


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        (without_sync, "add"),
        (without_folder_sync, "add"),
        (renamed_too_early, "delete"),
        (current_before_manifest, "reindex"),
    ],
)
def test_a_power_cut_finds_a_missing_sync_and_a_wrong_order(broken, name, monkeypatch):
    broken(monkeypatch)
    tally = Tally()
    with bench(SCENARIOS[name]) as tried:
        cut_power(tried, tally, random.Random(SEED), next_runs=10_000)
    assert tally.failures


def test_a_kill_finds_a_file_that_is_written_in_its_place(monkeypatch):
    monkeypatch.setattr(
        generations, "publish_file", lambda path, content: path.write_bytes(content)
    )
    tally = Tally()
    with bench(SCENARIOS["rollback"]) as tried:
        kill(tried, tally, every_kill(tried.log))
    assert tally.failures


def test_a_fault_finds_a_writer_that_removes_what_is_committed(monkeypatch):
    close = writer.BatchWriter._close

    def removing(self):
        for segment in self._finished:
            segment.path(self._folder).unlink(missing_ok=True)
        close(self)

    monkeypatch.setattr(writer.BatchWriter, "_close", removing)
    tally = Tally()
    with bench(SCENARIOS["add"]) as tried:
        syncs = [n for n, operation in enumerate(tried.log) if operation.kind == "fsync"]
        inject(tried, tally, lambda _: [(n, "EIO") for n in syncs])
    assert tally.failures


def test_a_power_cut_finds_a_writer_that_removes_what_an_unconfirmed_commit_may_need(monkeypatch):
    close = writer.BatchWriter._close

    def removing(self):
        self._remove_unfinished()
        close(self)

    monkeypatch.setattr(writer.BatchWriter, "_close", removing)
    tally = Tally()
    with bench(SCENARIOS["delete"]) as tried:
        fail_then_cut(tried, tally, random.Random(SEED))
    assert tally.failures


def test_a_fault_finds_an_error_that_says_otherwise(monkeypatch):
    monkeypatch.setattr(generations, "publish_file", storage.replace_file)
    tally = Tally()
    with bench(SCENARIOS["rollback"]) as tried:
        inject(tried, tally, every_fault)
    assert any("and told" in failure for failure in tally.failures)


def test_a_flipped_byte_is_found_by_verify_and_never_answers():
    tally = Tally()
    flip_bytes(120, random.Random(SEED), tally, verified=40)
    assert tally.failures == []
    assert tally.tried["flipped byte touched"] == 120
