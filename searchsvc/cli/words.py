"""The command ``words``: candidates for the user dictionary, found in the archive."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import click

from searchsvc.analysis import Analyzer
from searchsvc.cli.edge import common_options, dictionary_option, say, settings_from
from searchsvc.new_words import NewWord, find_new_words
from searchsvc.service import open_service


@click.command()
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, help="Words shown."
)
@click.option(
    "--least", type=click.IntRange(2), default=10, show_default=True, metavar="N",
    help="Only what stands N times or more.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@dictionary_option
@common_options
def words(limit: int, least: int, as_json: bool, **given: Any) -> None:
    """Find words in the archive that no dictionary knows, for the user dictionary.

    Prints lines of a user dictionary: a word, and in a comment its counts, how it is cut now, and an
    example. Delete what is no word.
    """
    settings = settings_from(given)
    engine = open_service(settings).refresh()[1]
    total, found = find_new_words(engine, Analyzer(settings.user_dictionary), least)
    shown = list(islice(found, limit))
    if as_json:
        listed = [word.to_json() for word in shown]
        click.echo(json.dumps({"total": total, "words": listed}, ensure_ascii=False, indent=2))
        return
    click.echo(say("words.found", total=f"{total:,}", shown=f"{len(shown):,}"), err=True)
    for word in shown:
        click.echo(_line(word))


def _line(word: NewWord) -> str:
    """A line of a user dictionary; the comment holds no control characters."""
    comment = say(
        "words.comment",
        count=f"{word.count:,}",
        articles=f"{word.articles:,}",
        cut="|".join(word.cut),
        example="".join(char if char.isprintable() else " " for char in word.example),
        id=word.example_id,
    )
    return f"{''.join(word.word.split())}\t# {comment}"
