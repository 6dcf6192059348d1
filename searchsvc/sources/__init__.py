"""Source files to articles: one small reader per format, streaming, with counted rejects.

``find_sources`` lists the files of given paths, ``read_source`` reads one of them as
articles, ``read_pages`` as the pages that are still to be segmented.
"""

from searchsvc.sources.checksums import UNREADABLE, file_checksum, stamp
from searchsvc.sources.files import read_pages, read_source
from searchsvc.sources.finding import find_sources
from searchsvc.sources.model import NamedPage, Reject, SourceFile

__all__ = [
    "UNREADABLE", "NamedPage", "Reject", "SourceFile", "file_checksum", "find_sources", "read_pages",
    "read_source", "stamp",
]  # fmt: skip
