"""Relevance of rankings on collections with judged queries; see ``__main__`` and scripts/evaluate."""
