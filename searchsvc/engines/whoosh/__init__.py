"""The Whoosh engine: one folder, no server. The only importer of whoosh."""

from searchsvc.engines.whoosh.engine import WhooshEngine, newest_version, open_engine
from searchsvc.engines.whoosh.writer import WhooshWriter, create_writer, open_writer

__all__ = [
    "WhooshEngine",
    "WhooshWriter",
    "create_writer",
    "newest_version",
    "open_engine",
    "open_writer",
]
