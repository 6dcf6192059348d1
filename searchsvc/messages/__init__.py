"""Every text that a person reads, by message key and language.

Takes a key such as ``errors.query.too_long`` and its parameters, gives the sentence in English
or Chinese. The catalogues are ``<area>.<language>.json`` beside this file; the key's first part
names the area. Called by the errors, the command line and the web pages.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


@cache
def _catalogue(area: str, language: str) -> dict[str, str]:
    source = files(__name__).joinpath(f"{area}.{language}.json")
    catalogue: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return catalogue


def text(key: str, language: str = "en", /, **params: object) -> str:
    """The sentence for ``key``, with ``params`` filled in by ``str.format``.

    Raises KeyError for a key that the catalogue lacks.
    """
    area, _, name = key.partition(".")
    return _catalogue(area, language)[name].format(**params)


def closest_language(preferred: str | None) -> str:
    """The catalogue language for a locale name such as ``zh_CN.UTF-8`` (English otherwise)."""
    return "zh" if (preferred or "").lower().startswith("zh") else "en"
