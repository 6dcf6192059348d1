"""Starts, stops and shows an OpenSearch cluster on loopback; see scripts/opensearch-cluster.

::

    <folder>/cluster.json        the nodes: name, ports
    <folder>/<name>/pid          the process of a node that was started
    <folder>/<name>/log          what it printed
    <folder>/<name>/node_1/      its configuration and data, kept until ``stop --discard``

Nothing but the standard library, so that it runs before searchsvc is installed. Linux only: a pid is
believed only where the process is a node of this folder (``/proc``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

JAVA = Path(__file__).parent / "opensearch"
CLASSPATH = JAVA / "target" / "classpath"
FOLDER = JAVA / "target" / "cluster"
MAIN = "searchsvc.ClusterNode"
CLUSTER = "searchsvc-test"
GREEN_WITHIN_S = 240
STOPPED_WITHIN_S = 60
JVM = (
    # those of OpenSearch's own jvm.options that matter to a small node
    "-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30",
    "-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true", "-Dio.netty.noUnsafe=true", "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.allocator.numDirectArenas=0", "-XX:-OmitStackTraceInFastThrow",
)  # fmt: skip

_open = build_opener(ProxyHandler({})).open  # loopback is asked directly, whatever proxy is set


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its name and its ports on 127.0.0.1."""

    name: str
    http: int
    transport: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.http}"


def main() -> None:
    """Does what the command line asks for."""
    parser = argparse.ArgumentParser(prog="scripts/opensearch-cluster", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("command", choices=("start", "stop", "status"))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--nodes", type=int, default=3, help="how many (start; 3)")
    parser.add_argument("--port", type=int, default=0, help="first of the ports; 0: free ones")
    parser.add_argument("--heap", default="512m", help="Java heap of each node (512m)")
    parser.add_argument("--node", type=int, help="only this one, from 1 (start, stop)")
    parser.add_argument("--kill", action="store_true", help="stop by SIGKILL")
    parser.add_argument("--discard", action="store_true", help="stop, and remove all data")
    parser.add_argument("--json", action="store_true", help="status as JSON")
    given = parser.parse_args()
    given.folder = given.folder.absolute()
    try:
        {"start": start, "stop": stop, "status": status}[given.command](given)
    except (OSError, subprocess.SubprocessError) as error:
        fail(str(error), str(error))


def start(given: argparse.Namespace) -> None:
    """Starts the nodes that are not running, and waits until the cluster is green."""
    nodes = known_nodes(given.folder)
    if not nodes or (len(nodes) != given.nodes and not any(pid(given.folder, n) for n in nodes)):
        discard(given.folder)
        nodes = planned(given.nodes, given.port)
        given.folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps([asdict(node) for node in nodes], indent=1)
        (given.folder / "cluster.json").write_text(content, encoding="utf-8")
    build()
    wanted = chosen(nodes, given.node)
    for node in wanted:
        if pid(given.folder, node) is None:
            launch(given.folder, node, nodes, given.heap)
    running = [node for node in nodes if pid(given.folder, node)]
    say(f"waiting for {len(running)} nodes", f"正在等待 {len(running)} 个节点")
    health = wait_for(given.folder, wanted, len(running))
    say(f"the cluster is {health['status']}", f"集群状态：{health['status']}")
    print(",".join(node.url for node in running))


def stop(given: argparse.Namespace) -> None:
    """Stops the nodes by their pids and waits until they are gone."""
    nodes = known_nodes(given.folder)
    stopping = {}
    for node in chosen(nodes, given.node):
        number = pid(given.folder, node)
        if number is not None:
            os.kill(number, signal.SIGKILL if given.kill else signal.SIGTERM)
            stopping[node.name] = number
            say(f"stopping {node.name} (pid {number})", f"正在停止 {node.name}（pid {number}）")
    deadline = time.monotonic() + STOPPED_WITHIN_S
    for node in nodes:
        number = stopping.get(node.name)
        while number is not None and pid(given.folder, node) == number:
            if time.monotonic() > deadline:
                os.kill(number, signal.SIGKILL)
            time.sleep(0.1)
    if given.discard and given.node is None:
        discard(given.folder)
    say("stopped", "已停止")


def status(given: argparse.Namespace) -> None:
    """Prints the nodes and the state of the cluster; fails where no node answers."""
    nodes = known_nodes(given.folder)
    found = [asdict(n) | {"url": n.url, "pid": pid(given.folder, n)} for n in nodes]
    health = next(filter(None, map(health_of, nodes)), None)
    state = health["status"] if health else "stopped"
    if given.json:
        print(json.dumps({"status": state, "nodes": found}))
    else:
        for node in found:
            print(node["name"], node["url"], node["pid"] or "-")
        print(state)
    if health is None:
        sys.exit(3)


def planned(count: int, first: int) -> list[Node]:
    """Nodes with ports of their own: from ``first`` upwards, or free ones."""
    ports = [first + n for n in range(2 * count)] if first else free_ports(2 * count)
    return [Node(f"node{n + 1}", ports[n], ports[count + n]) for n in range(count)]


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def known_nodes(folder: Path) -> list[Node]:
    """The nodes that were planned in this folder; none where there are none."""
    path = folder / "cluster.json"
    if not path.exists():
        return []
    return [Node(**fields) for fields in json.loads(path.read_text(encoding="utf-8"))]


def running_nodes(folder: Path = FOLDER) -> list[Node]:
    """The nodes that were started in this folder and run; for tests."""
    return [node for node in known_nodes(folder) if pid(folder, node)]


def chosen(nodes: list[Node], number: int | None) -> list[Node]:
    """One of the nodes, or all."""
    if number is None:
        return nodes
    if not 1 <= number <= len(nodes):
        fail(f"there is no node {number}", f"没有第 {number} 个节点")
    return [nodes[number - 1]]


def build() -> None:
    """Compiles the node and fetches the server, once."""
    sources = (JAVA / "pom.xml", *JAVA.rglob("*.java"))
    newest = max(path.stat().st_mtime for path in sources)
    if CLASSPATH.exists() and CLASSPATH.stat().st_mtime >= newest:
        return
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            fail(
                f"{program} is missing; on Debian: apt install openjdk-17-jdk-headless maven",
                f"缺少 {program}；在 Debian 上请运行：apt install openjdk-17-jdk-headless maven",
            )
    say("fetching OpenSearch with Maven (once)", "正在用 Maven 获取 OpenSearch（只需一次）")
    made = CLASSPATH.with_name("classpath.new")
    goals = ("compile", "dependency:build-classpath", f"-Dmdep.outputFile={made}")
    subprocess.run(
        ("mvn", "-q", "-B", "-Dstyle.color=never", "-f", str(JAVA / "pom.xml"), *goals), check=True
    )
    made.touch()
    made.replace(CLASSPATH)


def launch(folder: Path, node: Node, nodes: list[Node], heap: str) -> None:
    """Starts the process of a node and notes its pid."""
    home = folder / node.name
    home.mkdir(parents=True, exist_ok=True)
    seeds = ",".join(f"127.0.0.1:{n.transport}" for n in nodes)
    managers = ",".join(n.name for n in nodes)
    classes = f"{JAVA / 'target' / 'classes'}{os.pathsep}{CLASSPATH.read_text(encoding='utf-8')}"
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(
            ("java", f"-Xms{heap}", f"-Xmx{heap}", *JVM, "-cp", classes.strip(), MAIN, CLUSTER,
             node.name, str(home), str(node.http), str(node.transport), seeds, managers),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=home,
        )  # fmt: skip
    (home / "pid").write_text(str(process.pid), encoding="ascii")
    while pid(folder, node) is None and process.poll() is None:
        time.sleep(0.05)  # until it has its own command line
    say(
        f"started {node.name} at {node.url} (pid {process.pid})",
        f"已启动 {node.name}：{node.url}（pid {process.pid}）",
    )


def pid(folder: Path, node: Node) -> int | None:
    """The pid of a node's process, where it lives and is that node's."""
    try:
        number = int((folder / node.name / "pid").read_text(encoding="ascii"))
        command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return number if os.fsencode(folder / node.name) in command else None


def wait_for(folder: Path, wanted: list[Node], count: int) -> Any:
    """The cluster's health, when so many nodes have joined and all shards are where they belong.

    With fewer nodes than planned, yellow will do: replicas may have no place.
    """
    deadline = time.monotonic() + GREEN_WITHIN_S
    enough = ("green",) if count == len(known_nodes(folder)) else ("green", "yellow")
    while True:
        health = health_of(wanted[0])
        if health and health["number_of_nodes"] >= count and health["status"] in enough:
            return health
        for node in wanted:
            if pid(folder, node) is None:
                log = folder / node.name / "log"
                fail(f"{node.name} ended; see {log}", f"{node.name} 已退出；请看 {log}")
        if time.monotonic() > deadline:
            fail("the cluster did not become green", "集群没有变为 green")
        time.sleep(0.5)


def health_of(node: Node) -> Any:
    """What a node says of its cluster's health; None where it does not answer."""
    try:
        with _open(f"{node.url}/_cluster/health", timeout=5) as answer:
            return json.load(answer)
    except (URLError, OSError, ValueError):
        return None


def discard(folder: Path) -> None:
    """Removes a cluster's folder, if it is one."""
    if (folder / "cluster.json").exists():
        shutil.rmtree(folder)


def say(english: str, chinese: str) -> None:
    """One line on standard error, in the language of the locale."""
    names = ("SEARCHSVC_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen_language = next(filter(None, map(os.environ.get, names)), "")
    print(chinese if chosen_language.lower().startswith("zh") else english, file=sys.stderr)


def fail(english: str, chinese: str) -> NoReturn:
    """Ends with a message."""
    say(f"error: {english}", f"错误：{chinese}")
    sys.exit(1)


if __name__ == "__main__":
    main()
