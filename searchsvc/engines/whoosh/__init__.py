"""The Whoosh engine: one folder, no server."""

from searchsvc.engines.whoosh.documents import DocumentMaker
from searchsvc.engines.whoosh.engine import WhooshEngine
from searchsvc.engines.whoosh.generation import WhooshGenerations, open_generations
from searchsvc.engines.whoosh.opening import (
    committed_files,
    newest_side_files,
    newest_version,
    open_engine,
)
from searchsvc.engines.whoosh.writer import WhooshWriter, create_writer, open_writer

__all__ = [
    "DocumentMaker",
    "WhooshEngine",
    "WhooshGenerations",
    "WhooshWriter",
    "committed_files",
    "create_writer",
    "newest_side_files",
    "newest_version",
    "open_engine",
    "open_generations",
    "open_writer",
]
