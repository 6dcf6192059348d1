"""Commands that read the index: ``search``, ``show``, ``stats``, ``analyze``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from searchsvc.cli.edge import common_options, dictionary_option, language, say, settings_from
from searchsvc.cli.remote import client_from, remote_options
from searchsvc.cli.terminal import (
    print_analysis,
    print_article,
    print_results,
    print_stats,
    print_suggestions,
    word_list_line,
)
from searchsvc.requests import MAX_SUGGESTIONS, SUGGESTIONS, notice_text, parse_request
from searchsvc.service import SearchService, open_service

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("query", default="")
@click.option("--page", type=int, default=1, show_default=True, help="Page of hits, from 1.")
@click.option("--per-page", type=int, default=10, show_default=True, help="Hits on a page.")
@click.option("--sort", metavar="ORDER", help="relevance, newest or oldest.  [default: relevance]")
@click.option(
    "--filter", "filters", multiple=True, metavar="NAME:VALUE",
    help="Keep hits with this value, e.g. newspaper:澜江日报; may be repeated.",
)  # fmt: skip
@click.option("--date-from", metavar="DATE", help="First day: 2018, 2018-07 or 2018-07-31.")
@click.option("--date-to", metavar="DATE", help="Last day.")
@click.option("--facets", metavar="NAMES", help="Count values of e.g. newspaper,year,person.")
@click.option("--cursor", metavar="CURSOR", help="Go on after a page: its next_cursor.")
@click.option("--fold", metavar="WHAT", help="reprints: one hit for each text, the earliest.")
@click.option("--literal", is_flag=True, help="Find only text that stands exactly as typed.")
@click.option("--fields", metavar="NAMES", help="Document fields to give, e.g. title,date.")
@click.option("--explain", is_flag=True, help="Say how each score comes about (with --json).")
@_json
@remote_options
@dictionary_option
@common_options
def search(query: str, filters: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Print the hits of a query, best first.

    A query is words, "exact phrases", AND OR NOT - ( ), 标题:词, 记者:人名, 日期:[2018-07 TO
    2018-08], 质量*, "甲 乙"~5.
    """
    names = (
        "page",
        "per_page",
        "sort",
        "date_from",
        "date_to",
        "facets",
        "cursor",
        "fields",
        "fold",
    )
    parameters = [(name, str(given[name])) for name in names if given[name] is not None]
    parameters += [("filter", value) for value in filters]
    parameters += [(name, "true") for name in ("explain", "literal") if given[name]]
    settings = settings_from(given)
    request = parse_request([("q", query), *parameters], settings)
    archive = client_from(given) or open_service(settings)
    results = archive.search(request)
    if as_json:
        _print_json(results.to_json(lambda notice: notice_text(notice, language())))
    else:
        print_results(results, language())


@click.command()
@click.argument("text")
@click.option(
    "--limit", type=click.IntRange(1, MAX_SUGGESTIONS), default=SUGGESTIONS, show_default=True,
    help="How many.",
)  # fmt: skip
@_json
@remote_options
@dictionary_option
@common_options
def suggest(text: str, limit: int, as_json: bool, **given: Any) -> None:
    """List what completes a text while it is typed; letters are also read as pinyin."""
    if (client := client_from(given)) is not None:
        found = [asdict(one) for one in client.suggest(text, limit)]
    else:
        answer = open_service(settings_from(given)).suggest(text, limit).to_json()
        found = answer["suggestions"]
    if as_json:
        _print_json(found)
    elif found:
        print_suggestions(found)
    else:
        click.echo(say("nothing_completes", typed=text), err=True)


@click.command()
@click.argument("article_id", metavar="ID")
@_json
@remote_options
@dictionary_option
@common_options
def show(article_id: str, as_json: bool, **given: Any) -> None:
    """Show one article."""
    archive = client_from(given) or open_service(settings_from(given))
    article = archive.article(article_id)
    if as_json:
        _print_json(article.to_record())
    else:
        print_article(article)


@click.command()
@_json
@remote_options
@dictionary_option
@common_options
def stats(as_json: bool, **given: Any) -> None:
    """Say what the index holds, how it was built, and whether word lists changed since."""
    if (client := client_from(given)) is not None:
        numbers = client.stats()
        _print_json(numbers) if as_json else print_stats(numbers)
        return
    service = SearchService(settings_from(given))
    numbers, lists = service.stats(), service.word_lists()
    if as_json:
        _print_json({**numbers, "word_lists": {words.name: words.to_json() for words in lists}})
    else:
        print_stats(numbers)
        for words in lists:
            click.echo(word_list_line(words))


@click.command()
@click.argument("text")
@_json
@remote_options
@dictionary_option
@common_options
def analyze(text: str, as_json: bool, **given: Any) -> None:
    """Show how a text is folded and cut into words and bigrams."""
    archive = client_from(given) or SearchService(settings_from(given))
    analysis = archive.analyze(text)
    if as_json:
        _print_json(analysis)
    else:
        print_analysis(analysis)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
