"""Source files to articles: one small reader per format, streaming, with counted rejects.

``find_sources`` lists the files of given paths, ``read_source`` reads one of them.
"""

from searchsvc.sources.files import find_sources, read_source, sources_checksum
from searchsvc.sources.model import Reject, SourceFile

__all__ = ["Reject", "SourceFile", "find_sources", "read_source", "sources_checksum"]
