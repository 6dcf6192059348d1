"""scripts/opensearch-cluster: real nodes, each a process of its own."""

import json
import subprocess
from pathlib import Path

import opensearch_cluster
import pytest

SCRIPT = Path(__file__).parents[1] / "scripts/opensearch-cluster"


def run(*arguments):
    return subprocess.run(
        [SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_ports_are_free_and_different():
    nodes = opensearch_cluster.planned(3, 0)
    assert len({port for n in nodes for port in (n.http, n.transport)}) == 6


def test_a_pid_of_another_process_is_not_believed(tmp_path):
    node = opensearch_cluster.Node("node1", 1, 2)
    (tmp_path / "node1").mkdir()
    (tmp_path / "node1/pid").write_text("1", encoding="ascii")
    assert opensearch_cluster.pid(tmp_path, node) is None


def test_status_of_no_cluster_is_stopped(tmp_path):
    done = run("status", "--json", "--folder", tmp_path)
    assert done.returncode == 3
    assert json.loads(done.stdout) == {"status": "stopped", "nodes": []}


@pytest.mark.opensearch
def test_the_cluster_has_its_nodes_and_says_so(cluster):
    found = json.loads(run("status", "--json").stdout)
    assert found["status"] == "green"
    assert [n["url"] for n in found["nodes"]] == [n.url for n in cluster]
    assert len(cluster) == 3
