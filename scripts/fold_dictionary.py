"""Writes searchsvc/analysis/folded_words.txt; see scripts/fold-dictionary.

Takes jieba's own dictionary; gives its words of two and more characters that folding changes into
something that is not in it, as folded, with the frequency and part of speech of the commonest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jieba

from searchsvc.analysis import dictionary
from searchsvc.text import fold_text

HEADER = (
    "# Words of jieba's dictionary as text folds to them; written by scripts/fold-dictionary.\n"
)


def folded_lines() -> Iterator[str]:
    """The file's lines, sorted by word."""
    with jieba.Tokenizer().get_dict_file() as file:
        entries = [line.decode("utf-8").split() for line in file]
    known = {word for word, *_ in entries}
    found: dict[str, tuple[int, str]] = {}
    for word, frequency, tag in entries:
        folded = fold_text(word)
        if len(folded) > 1 and folded not in known:
            found[folded] = max(found.get(folded, (0, "")), (int(frequency), tag))
    yield HEADER
    for word, (number, tag) in sorted(found.items()):
        yield f"{word} {number} {tag}\n"


def main() -> None:
    """Writes the file beside ``searchsvc.analysis.dictionary``."""
    path = Path(dictionary.__file__).with_name("folded_words.txt")
    path.write_text("".join(folded_lines()), encoding="utf-8")


if __name__ == "__main__":
    main()
