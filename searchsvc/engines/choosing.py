"""The engine that the settings name. Called by the indexer, the service and the command line.

An engine is a package beside this module whose front door has ``open_generations`` and
``DocumentMaker``. It is imported when it is asked for, since its library may not be installed.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.engines.contract import DocumentMaker, Generations, SharedBuild
from searchsvc.errors import SettingsError
from searchsvc.settings import ENGINES, Settings

_PACKAGES: Final = {name: f"{__package__}.{name}" for name in ENGINES}


def open_generations(settings: Settings) -> Generations:
    """The generations of the archive that the settings name. Raises SettingsError."""
    found: Generations = _front_door(settings.engine).open_generations(settings)
    return found


def make_documents(engine: str, user_dictionary: Path | None) -> DocumentMaker:
    """What makes an engine's documents. Raises SettingsError."""
    found: DocumentMaker = _front_door(engine).DocumentMaker(user_dictionary)
    return found


def open_shared_build(
    settings: Settings, generations: Generations, analyzer: Analyzer, identity: str, parts: int
) -> SharedBuild:
    """Joins the shared build of this identity, or begins it.

    Raises SettingsError where the engine is one machine's.
    """
    door = _front_door(settings.engine)
    if not hasattr(door, "open_shared_build"):
        raise SettingsError("engine.not_shared", engine=settings.engine)
    found: SharedBuild = door.open_shared_build(generations, analyzer, identity, parts)
    return found


def require_folder(settings: Settings) -> None:
    """Raises SettingsError where the archive does not lie in a folder of this machine."""
    if settings.engine != "whoosh":
        raise SettingsError("engine.no_folder", engine=settings.engine)


def _front_door(engine: str) -> Any:
    try:
        return importlib.import_module(_PACKAGES[engine])
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("searchsvc"):
            raise
        raise SettingsError("engine.not_installed", engine=engine, library=error.name) from error
