"""A sample archive: newspaper pages written for this project, with the disorders of real ones."""

from __future__ import annotations

from pathlib import Path


def sample_path() -> Path:
    """The folder of the sample's pages, ``<newspaper>/<date>/<page>.txt``."""
    return Path(__file__).parent / "pages"
