"""The OpenSearch engine: one index on a cluster, for archives that outgrow a machine."""
