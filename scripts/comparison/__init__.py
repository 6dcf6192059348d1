"""The same queries asked of two engines over the same articles; see ``__main__`` and scripts/compare-engines."""
