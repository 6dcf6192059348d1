"""The sample archive: newspaper pages written for this project, with the disorders of real ones.

Takes nothing; gives the folder of the pages, ``<newspaper>/<date>/<page>.txt`` in UTF-8. Called by
the command line, which indexes it when it is given nothing else, and by the tests. The newspapers,
places, people and events are invented; phone numbers start with 0000.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample_path() -> Path:
    """The folder of the sample's pages."""
    return Path(str(files(__package__).joinpath("pages")))
