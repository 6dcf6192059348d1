"""The catalogues: the same keys and parameters in both languages, all of them used, none missing."""

import ast
import inspect
import json
import re
from pathlib import Path
from string import Formatter

import pytest

import searchsvc
from searchsvc import articles, messages
from searchsvc.cli import commands
from searchsvc.cli.translation import CLICK_SPEAKS, chinese_texts, help_texts
from searchsvc.results import FACETS

PACKAGE = Path(searchsvc.__file__).parent
CATALOGUES = PACKAGE / "messages"
AREAS = sorted({path.name.split(".")[0] for path in CATALOGUES.glob("*.json")})
SOURCES = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
TEMPLATES = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.html")}
CODE = re.compile(r"[a-z]+(\.[a-z_]+)+")


def catalogue(area, language):
    return json.loads((CATALOGUES / f"{area}.{language}.json").read_text(encoding="utf-8"))


def parameters(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def strings(path):
    """Every string constant of a module."""
    return {
        node.value
        for node in ast.walk(ast.parse(SOURCES[path]))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def formatted_prefixes(path):
    """The constant beginnings of f-strings, such as ``kind.`` of ``f"kind.{kind}"``."""
    return {
        node.values[0].value
        for node in ast.walk(ast.parse(SOURCES[path]))
        if isinstance(node, ast.JoinedStr)
        and node.values
        and isinstance(node.values[0], ast.Constant)
    }


def calls(path, *names):
    """(first argument, name) of the calls of these functions whose first argument is a constant."""
    for node in ast.walk(ast.parse(SOURCES[path])):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            if name in names:
                yield node.args[0].value


def error_codes():
    """The codes that error classes are made with."""
    for source in SOURCES.values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None) or ""
                if name.endswith("Error"):
                    yield from (
                        part.value
                        for part in ast.walk(node.args[0])
                        if isinstance(part, ast.Constant) and CODE.fullmatch(str(part.value))
                    )


@pytest.mark.parametrize(
    ("total", "told"), [(1, "1 article"), ("1", "1 article"), (0, "0 articles"), ("1,001", "1,001 articles")]
)  # fmt: skip
def test_english_counts_have_their_plural(total, told):
    assert messages.text("web.count_articles", total=total) == told


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_have_the_same_keys(area):
    assert catalogue(area, "en").keys() == catalogue(area, "zh").keys()


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_have_the_same_parameters(area):
    english, chinese = catalogue(area, "en"), catalogue(area, "zh")
    assert {k: parameters(v) for k, v in english.items()} == {
        k: parameters(v) for k, v in chinese.items()
    }


@pytest.mark.parametrize("area", AREAS)
def test_catalogues_are_sorted_and_no_text_is_empty(area):
    for language in messages.LANGUAGES:
        texts = catalogue(area, language)
        assert list(texts) == sorted(texts)
        assert all(texts.values())


def test_every_error_that_is_raised_has_a_text():
    codes = set(error_codes())
    assert codes
    assert codes - catalogue("errors", "en").keys() == set()


def test_every_error_text_is_used():
    written = set().union(*map(strings, SOURCES))
    assert catalogue("errors", "en").keys() - written == set()


@pytest.mark.parametrize(("area", "package"), [("cli", "cli"), ("web", "web")])
def test_every_message_that_is_said_exists(area, package):
    said = {
        key
        for path in SOURCES
        if path.is_relative_to(PACKAGE / package)
        for key in calls(path, "say")
    }
    in_templates = {
        key
        for text in TEMPLATES.values()
        if package == "web"
        for key in re.findall(r"\bsay\(\s*['\"]([\w.]+)['\"]\s*[,)]", text)
    }
    assert (said | in_templates) - catalogue(area, "en").keys() == set()


def test_every_message_named_in_full_exists():
    for path in SOURCES:
        for text in strings(path):
            area, _, key = text.partition(".")
            if area in ("cli", "notices") and CODE.fullmatch(text) and path.parts[-2] != "cli":
                assert key in catalogue(area, "en"), f"{path.name}: {text}"


@pytest.mark.parametrize(("area", "package"), [("cli", "cli"), ("web", "web")])
def test_every_message_is_used(area, package):
    paths = [path for path in SOURCES if path.is_relative_to(PACKAGE / package)]
    constants = set().union(*(strings(path) for path in paths))
    constants |= {
        text.removeprefix(f"{area}.")
        for path in SOURCES
        for text in strings(path)
        if text.startswith(f"{area}.")
    }
    prefixes = {p for path in paths for p in formatted_prefixes(path) if p.endswith(".")}
    if package == "web":
        html = "\n".join(TEMPLATES.values())
        constants |= set(re.findall(r"['\"]([\w.]+)['\"]", html))
        prefixes |= set(re.findall(r"['\"]([\w.]+\.)['\"] *[~+]", html))
    unused = [
        key
        for key in catalogue(area, "en")
        if key not in constants and not key.startswith(tuple(prefixes))
    ]
    assert unused == []


@pytest.mark.parametrize("area", ["cli", "web"])
def test_every_kind_flag_role_and_facet_has_a_name(area):
    keys = catalogue(area, "en").keys()
    wanted = {f"kind.{kind}" for kind in articles.KINDS}
    wanted |= {f"flag.{flag}" for flag in articles.FLAGS}
    wanted |= {f"role.{role}" for role in articles.ROLES if role}
    wanted |= {f"facet.{facet}" for facet in FACETS}
    named = {key.partition(".")[0] for key in keys}
    assert {key for key in wanted if key.partition(".")[0] in named} - keys == set()


def test_every_help_text_of_the_command_line_is_there_in_chinese():
    shared = {"Show this message and exit."}
    assert help_texts(commands) | shared == chinese_texts("help").keys()


def test_what_is_said_for_click_in_chinese_it_says_itself_with_the_same_fields():
    required = {"required"}  # click keeps this one in a table
    said = {text for module in CLICK_SPEAKS for text in texts_for_gettext(module)} | required
    chinese = chinese_texts("click")
    assert chinese.keys() - said == set()
    for english, text in chinese.items():
        assert parameters(text) <= parameters(english), english


def texts_for_gettext(module):
    """The texts that a module gives to ``_`` and ``ngettext``."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "ngettext"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def test_a_locale_gives_the_language():
    assert messages.closest_language("zh_CN.UTF-8") == "zh"
    assert messages.closest_language("zh-TW") == "zh"
    assert messages.closest_language("de_DE.UTF-8") == "en"
    assert messages.closest_language(None) == "en"


def test_an_unknown_key_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        messages.text("cli.there_is_no_such_message")
