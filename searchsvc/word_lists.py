"""The operator's word lists against what an index was built with: what changed, and what that asks for.

Takes settings and a manifest, gives the state of each list. The user dictionary cuts texts as they are
indexed, so that a change of it needs a reindex; synonyms and stop words are looked at when a query is
asked, and need none. Digests are of what a file says, not of its comments and blanks. Called by the
indexer, which records them in the manifest, by ``stats`` and by ``update`` and ``reindex --if-changed``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from searchsvc.analysis import Analyzer, read_dictionary
from searchsvc.equivalents import read_stop_words, read_synonyms
from searchsvc.settings import Settings

WORD_LISTS: Final = ("user_dictionary", "synonyms", "stop_words")
"""The settings that name them."""


@dataclass(frozen=True, slots=True)
class WordList:
    """How many words a list has, and a short name of what it says."""

    words: int
    digest: str


@dataclass(frozen=True, slots=True)
class WordListState:
    """A list now, and as the index was built (None: there is none, or it was not recorded).

    ``change`` is ``none``, ``new``, ``gone`` or ``changed``.
    """

    name: str
    path: Path | None
    now: WordList | None
    built_with: WordList | None
    change: str
    needs_reindex: bool

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; the name is the key that it stands under."""
        return {
            "path": None if self.path is None else str(self.path),
            "words": self.now.words if self.now else 0,
            "built_with_words": self.built_with.words if self.built_with else 0,
            "change": self.change,
            "needs_reindex": self.needs_reindex,
        }


def word_lists(settings: Settings) -> dict[str, WordList]:
    """The lists that the settings name. Raises SettingsError where one cannot be read."""
    found = {}
    if settings.user_dictionary is not None:
        entries = read_dictionary(settings.user_dictionary)
        found["user_dictionary"] = _list([(e.word, e.frequency, e.tag) for e in entries])
    if settings.synonyms is not None:
        found["synonyms"] = _list(sorted(read_synonyms(settings.synonyms).items()))
    if settings.stop_words is not None:
        found["stop_words"] = _list(sorted(read_stop_words(settings.stop_words)))
    return found


def record(lists: Mapping[str, WordList]) -> dict[str, Any]:
    """The lists as a manifest keeps them."""
    return {name: asdict(words) for name, words in lists.items()}


def word_list_states(settings: Settings, manifest: Mapping[str, Any]) -> list[WordListState]:
    """The state of each list that there is or was. Raises SettingsError."""
    lists = word_lists(settings)
    recorded = {name: WordList(**kept) for name, kept in manifest.get("word_lists", {}).items()}
    states = []
    for name in WORD_LISTS:
        now, before = lists.get(name), recorded.get(name)
        if now is None and before is None:
            continue
        change = "none" if now == before else _change(now, before)
        indexed = name == "user_dictionary"
        stale = indexed and manifest["analysis"] != Analyzer(settings.user_dictionary).fingerprint
        states.append(WordListState(name, getattr(settings, name), now, before, change, stale))
    return states


def _change(now: WordList | None, before: WordList | None) -> str:
    if before is None:
        return "new"
    return "gone" if now is None else "changed"


def _list(entries: list[Any]) -> WordList:
    return WordList(len(entries), hashlib.sha256(repr(entries).encode()).hexdigest()[:12])
