"""Reading an index through: every byte against its checksum, every count against another.

Takes an index folder, gives what is wrong, generation by generation; mends nothing. Called by the
command line and by ``backups``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from searchsvc.analysis import Analyzer
from searchsvc.engines.choosing import require_folder
from searchsvc.engines.whoosh import committed_files, newest_side_files, newest_version, open_engine
from searchsvc.errors import IndexDamagedError, SearchsvcError
from searchsvc.generations import (
    MANIFEST,
    current_generation,
    data_folder,
    kept_generations,
    read_manifest,
)
from searchsvc.settings import Settings
from searchsvc.side_files import CHANGES, SOURCES, SUGGESTIONS, SideFiles
from searchsvc.source_records import read_records
from searchsvc.storage import Seal, check_seal, seal_of
from searchsvc.suggestions import Lexicon

_ROUNDS = 5
"""A generation is read at most this often, while others commit to it."""


@dataclass(frozen=True, slots=True)
class GenerationState:
    """A generation as it was found. ``problems`` is empty where all is well."""

    name: str
    articles: int
    files: int
    size_bytes: int
    problems: tuple[SearchsvcError, ...]


def verify(settings: Settings) -> list[GenerationState]:
    """The state of all generations that are kept, the current one first; read again where there was
    damage and a reindex removed one of them meanwhile.

    Raises SettingsError for an engine without a folder, IndexMissingError, and IndexDamagedError where
    the pointer itself cannot be read.
    """
    require_folder(settings)
    current_generation(settings.index_dir)
    while True:
        folders = kept_generations(settings.index_dir)
        states = [verify_generation(folder) for folder in folders]
        pruned = set(folders) - set(kept_generations(settings.index_dir))
        if not any(state.problems for state in states) or not pruned:
            return states


def verify_generation(folder: Path) -> GenerationState:
    """The state of a generation by reading all of it. Waits for no lock and holds up nobody.

    A commit meanwhile removes files of the one before: what is missed then is looked for again.
    """
    for _ in range(_ROUNDS):
        before = _version(folder)
        state = _checked(folder)
        if not state.problems or _version(folder) == before:
            break
    return state


def _version(folder: Path) -> str | None:
    """The newest commit's number, None where it cannot be read."""
    try:
        return newest_version(data_folder(folder))
    except IndexDamagedError:
        return None


def _checked(folder: Path) -> GenerationState:
    checking = _Checking(folder)
    for check in (
        checking.manifest,
        checking.engine,
        checking.suggestions,
        checking.sources,
        checking.listed,
    ):
        checking.note(check)
    files = checking.files
    return GenerationState(
        name=folder.name,
        articles=checking.articles,
        files=len(files),
        size_bytes=sum(seal.size_bytes for seal in files.values()),
        problems=tuple(checking.problems),
    )


def files_of(folder: Path) -> dict[Path, Seal]:
    """All files of a generation at its newest commit. None of them is ever changed.

    Raises IndexDamagedError; also where a commit removed one of them meanwhile.
    """
    committed, kept = committed_files(data_folder(folder))
    side = SideFiles.from_json(folder, kept)
    manifest = folder / MANIFEST
    try:
        return {
            **committed,
            **{side.path(role): side.seal(role) for role in side.files},
            manifest: seal_of(manifest),
        }
    except FileNotFoundError as error:
        raise IndexDamagedError("index.file_missing", path=manifest) from error
    except OSError as error:
        raise IndexDamagedError("index.damaged", path=manifest, reason=repr(error)) from error


class _Checking:
    """What is found on the way through a generation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[SearchsvcError] = []
        self.files: dict[Path, Seal] = {}
        self.articles = 0
        self._built: dict[str, int] | None = None

    def note(self, check: Callable[[], None]) -> None:
        """Keeps what a check finds, once each."""
        try:
            check()
        except SearchsvcError as error:
            if all(str(error) != str(known) for known in self.problems):
                self.problems.append(error)

    def manifest(self) -> None:
        """The manifest is whole."""
        self._built = dict(read_manifest(self.folder)["kinds"])

    def engine(self) -> None:
        """Every segment is whole; counts of articles agree with the manifest or among themselves."""
        engine = open_engine(data_folder(self.folder), Analyzer())
        try:
            engine.verify()
            stats = engine.stats()
            side = SideFiles.from_json(self.folder, engine.side_files)
        finally:
            engine.close()
        self.articles = stats["articles"]
        kinds = Counter(stats["kinds"])
        if kinds.total() != self.articles:
            raise _miscounted(self.folder, self.articles, kinds.total())
        if side.number == 1 and self._built is not None and kinds != Counter(self._built):
            raise _miscounted(self.folder, sum(self._built.values()), self.articles)

    def suggestions(self) -> None:
        """Suggestions are whole."""
        side = self._side_files()
        for role in (SUGGESTIONS, CHANGES):
            if role in side.files or role == SUGGESTIONS:
                Lexicon(side.path(role), side.seal(role)).verify()

    def sources(self) -> None:
        """Records of the sources are whole and can be read."""
        side = self._side_files()
        read_records(side.path(SOURCES), side.seal(SOURCES))

    def listed(self) -> None:
        """Every file is there, with the size that the commit says."""
        self.files = files_of(self.folder)
        for path, seal in self.files.items():
            if not path.exists():
                raise IndexDamagedError("index.file_missing", path=path)
            if (size := path.stat().st_size) != seal.size_bytes:
                raise IndexDamagedError(
                    "index.file_size", path=path, found=size, expected=seal.size_bytes
                )
            if path.suffix != ".svc":
                check_seal(path, seal)

    def _side_files(self) -> SideFiles:
        return SideFiles.from_json(self.folder, newest_side_files(data_folder(self.folder)))


def _miscounted(folder: Path, expected: int, found: int) -> IndexDamagedError:
    return IndexDamagedError("index.miscounted", path=folder, expected=expected, found=found)
