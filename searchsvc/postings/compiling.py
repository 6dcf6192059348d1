"""How loops are compiled by numba, and where their machine code is kept.

numba asks only the file of a function whether what it kept still holds, not the files of the functions
and constants that are compiled into it. So the code is kept in a folder named by a digest of every
module that could be compiled in; folders of other states are removed. Where the package's folder
cannot be written, numba keeps the code in a folder of the user's. Raises ImportError where numba is
missing.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])

_PACKAGES = ("postings", "evaluation")


def code_folder(package: Path) -> Path:
    """Where code compiled from the sources of ``package`` as they are lies; removes that of others."""
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(path for name in _PACKAGES for path in (package / name).glob("*.py")):
        digest.update(source.read_bytes())
    folder = package / "__pycache__" / "numba" / digest.hexdigest()
    if folder.parent.is_dir() and not folder.exists():
        shutil.rmtree(folder.parent, ignore_errors=True)
    return folder


_FOLDER = str(code_folder(Path(__file__).parents[1]))


def compiled(signature: Any) -> Callable[[_Function], _Function]:
    """numba's decorator with types: read-only input takes writable arrays too."""
    return _kept(signature)


def bare(signature: Any) -> Callable[[_Function], _Function]:
    """As ``compiled``, for steps of innermost loops: such a function allocates nothing.

    It then takes arrays without counting references to them, which would cost more than the step.
    """
    # numba 0.68 names _nrt nowhere but in its options.
    return _kept(signature, error_model="numpy", _nrt=False)


def _kept(signature: Any, **options: Any) -> Callable[[_Function], _Function]:
    def decorate(function: _Function) -> _Function:
        config: Any = numba.config
        usual = config.CACHE_DIR
        config.CACHE_DIR = _FOLDER
        try:
            return cast(
                _Function, numba.njit(signature, cache=True, nogil=True, **options)(function)
            )
        finally:
            config.CACHE_DIR = usual

    return decorate
