"""Every text that a person reads, by message key and language.

Takes a key such as ``errors.query.too_long`` and its parameters, gives the sentence in English
or Chinese. The catalogues are ``<area>.<language>.json`` beside this file; the key's first part
names the area. Called by the errors, the command line and the web pages.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from string import Formatter

LANGUAGES = ("en", "zh")


class _Counting(Formatter):
    """Also chooses by number: ``{count:article|articles}`` is "article" where ``count`` is 1."""

    def format_field(self, value: object, format_spec: str) -> str:
        """One value as its format says."""
        one, choice, many = format_spec.partition("|")
        if choice:
            return one if str(value) == "1" else many
        return format(value, format_spec)


_counting = _Counting()


@cache
def _catalogue(area: str, language: str) -> dict[str, str]:
    source = files(__name__).joinpath(f"{area}.{language}.json")
    catalogue: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return catalogue


def text(key: str, language: str = "en", /, **params: object) -> str:
    """The sentence for ``key``, with ``params`` filled in.

    Raises KeyError for a key that the catalogue lacks.
    """
    area, _, name = key.partition(".")
    sentence = _catalogue(area, language)[name]
    return (_counting.format if "|" in sentence else str.format)(sentence, **params)


def closest_language(preferred: str | None) -> str:
    """The catalogue language for a locale name such as ``zh_CN.UTF-8`` (English otherwise)."""
    return "zh" if (preferred or "").lower().startswith("zh") else "en"
