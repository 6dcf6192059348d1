"""Near-duplicates across an archive: reprints and wire copies, found by MinHash signatures.

``signature`` is made of every article's text as it is indexed, ``ReprintWriter`` groups them at each
commit, ``Reprints`` tells a reader which documents belong together.
"""

from searchsvc.reprints.clusters import cluster_labels
from searchsvc.reprints.files import ReprintWriter, read_labels
from searchsvc.reprints.signatures import NO_SIGNATURE, signature

__all__ = ["NO_SIGNATURE", "ReprintWriter", "cluster_labels", "read_labels", "signature"]
