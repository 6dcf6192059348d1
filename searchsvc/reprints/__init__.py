"""Near-duplicates across an archive: reprints and wire copies, found by MinHash signatures.

``signatures`` are made of articles' texts as they are indexed, ``ReprintWriter`` groups them at each
commit, ``Reprints`` tells a reader which documents belong together.
"""

from searchsvc.reprints.clusters import cluster_labels
from searchsvc.reprints.files import ReprintLabels, ReprintWriter, reprint_files
from searchsvc.reprints.signatures import BINS, signatures

__all__ = [
    "BINS",
    "ReprintLabels",
    "ReprintWriter",
    "cluster_labels",
    "reprint_files",
    "signatures",
]
