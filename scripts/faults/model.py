"""What a disk may hold after a power cut: a strict model, in the manner of ALICE.

(Pillai and others, "All File Systems Are Not Created Equal", OSDI 2014.) Data that was not synced
may be lost, torn or zero; names that were made, changed or removed and whose folder was not synced
may each be lost or not, in any order. A file's own sync does not keep its name.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from faults.shim import Operation

MOST_SUBSETS_OF = 4
RANDOM_SUBSETS = 6


@dataclass(eq=False)
class File:
    """A file: what the program sees of it, and what is safe on the disk."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""

    @property
    def dirty(self) -> bool:
        """Whether anything may be lost."""
        return bytes(self.now) != self.safe


@dataclass(eq=False)
class Folder:
    """A folder: its names as the program sees them, and those that are safe."""

    now: dict[str, File | Folder] = field(default_factory=dict)
    safe: dict[str, File | Folder] = field(default_factory=dict)


@dataclass(eq=False)
class Change:
    """A change of names that no sync has made safe yet: of (folder, name) to what, None for none."""

    steps: tuple[tuple[Folder, str, File | Folder | None], ...]

    def apply(self, names: dict[Folder, dict[str, File | Folder]]) -> None:
        """Does it to names by folder."""
        for folder, name, node in self.steps:
            own = names.setdefault(folder, dict(folder.safe))
            if node is None:
                own.pop(name, None)
            else:
                own[name] = node


Tree = dict[str, bytes | None]
"""Content by path, None for a folder."""


class Disk:
    """The tree below a folder, driven by the operations of a shim."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._top = _read(root)
        self._pending: list[Change] = []

    def do(self, operation: Operation) -> None:
        """Follows an operation."""
        path = operation.path
        if operation.kind == "create":
            folder, name = self._place(path)
            found = folder.now.get(name)
            if isinstance(found, File):
                found.now.clear()
            else:
                self._change((folder, name, File()))
        elif operation.kind == "write":
            file = self._node(path)
            assert isinstance(file, File)
            end = operation.offset + len(operation.data)
            file.now.extend(bytes(max(0, end - len(file.now))))
            file.now[operation.offset : end] = operation.data
        elif operation.kind == "truncate":
            file = self._node(path)
            assert isinstance(file, File)
            del file.now[operation.offset :]
        elif operation.kind == "fsync":
            self._sync(self._node(path))
        elif operation.kind == "rename":
            folder, name = self._place(path)
            target, other = self._place(operation.other)
            node = folder.now[name]
            self._change((folder, name, None), (target, other, node))
        elif operation.kind in ("unlink", "rmdir"):
            folder, name = self._place(path)
            if name in folder.now:
                self._change((folder, name, None))
        elif operation.kind == "mkdir":
            folder, name = self._place(path)
            self._change((folder, name, Folder()))

    def after_power_cut(self, rng: random.Random) -> Iterator[Tree]:
        """Trees that may be found; the same may come twice."""
        pending, everything = self._pending, tuple(self._pending)
        subsets: list[Sequence[Change]] = [(), everything]
        if len(pending) <= MOST_SUBSETS_OF:
            subsets += [c for n in range(1, len(pending)) for c in combinations(pending, n)]
        else:
            subsets += [[p for p in pending if p is not left] for left in pending]
            subsets += [[only] for only in pending]
            subsets += [[p for p in pending if rng.random() < 0.5] for _ in range(RANDOM_SUBSETS)]
        for subset in subsets:
            yield self._tree(subset, "lost")
            yield self._tree(subset, "kept")
        for fate in ("torn", "zeros"):
            yield self._tree(everything, fate)

    def after_kill(self) -> Tree:
        """The tree as the program sees it."""
        return self._tree(self._pending, "kept")

    def _tree(self, changes: Sequence[Change], fate: str) -> Tree:
        names: dict[Folder, dict[str, File | Folder]] = {}
        for change in changes:
            change.apply(names)
        tree: Tree = {}

        def walk(folder: Folder, before: str) -> None:
            for name, node in names.get(folder, folder.safe).items():
                path = before + name
                if isinstance(node, Folder):
                    tree[path] = None
                    walk(node, path + "/")
                else:
                    tree[path] = _content(node, fate)

        walk(self._top, "")
        return tree

    def _change(self, *steps: tuple[Folder, str, File | Folder | None]) -> None:
        for folder, name, node in steps:
            if node is None:
                folder.now.pop(name, None)
            else:
                folder.now[name] = node
        self._pending.append(Change(steps))

    def _sync(self, node: File | Folder | None) -> None:
        if isinstance(node, File):
            node.safe = bytes(node.now)
        elif node is not None:
            kept = []
            for change in self._pending:
                if all(folder is not node for folder, _, _ in change.steps):
                    kept.append(change)
                    continue
                for folder, name, to in change.steps:
                    if to is None:
                        folder.safe.pop(name, None)
                    else:
                        folder.safe[name] = to
            self._pending = kept

    def _place(self, path: str) -> tuple[Folder, str]:
        parts = Path(path).relative_to(self._root).parts
        folder = self._top
        for part in parts[:-1]:
            inner = folder.now[part]
            assert isinstance(inner, Folder)
            folder = inner
        return folder, parts[-1]

    def _node(self, path: str) -> File | Folder | None:
        if path == str(self._root):
            return self._top
        folder, name = self._place(path)
        return folder.now.get(name)


def write_tree(tree: Tree, root: Path) -> None:
    """Makes a tree below a new folder."""
    root.mkdir(parents=True)
    for name, content in sorted(tree.items()):
        path = root / name
        if content is None:
            path.mkdir(exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def digest(tree: Tree) -> str:
    """Names a tree."""
    found = hashlib.blake2b(digest_size=16)
    for name, content in sorted(tree.items()):
        found.update(repr((name, None if content is None else len(content))).encode())
        found.update(content or b"")
    return found.hexdigest()


def _content(file: File, fate: str) -> bytes:
    """What is found of a file. What was safe stays what it is where the end alone is added or cut off."""
    if fate == "lost" or not file.dirty:
        return file.safe
    now = bytes(file.now)
    if fate == "kept":
        return now
    kept = next((k for k in (file.safe, now) if now.startswith(k) and file.safe.startswith(k)), b"")
    changed = now.removeprefix(kept)
    return kept + (changed[: len(changed) // 2] if fate == "torn" else bytes(len(changed)))


def _read(folder: Path) -> Folder:
    found = Folder()
    for path in folder.iterdir():
        if path.is_dir():
            found.now[path.name] = _read(path)
        else:
            content = path.read_bytes()
            found.now[path.name] = File(bytearray(content), content)
    found.safe = dict(found.now)
    return found
