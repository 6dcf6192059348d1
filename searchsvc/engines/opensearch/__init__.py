"""The OpenSearch engine: one index on a cluster, for archives that outgrow a machine."""

from searchsvc.engines.opensearch.documents import DocumentMaker
from searchsvc.engines.opensearch.generation import OpenSearchGenerations, open_generations
from searchsvc.engines.opensearch.parts import open_shared_build

__all__ = ["DocumentMaker", "OpenSearchGenerations", "open_generations", "open_shared_build"]
