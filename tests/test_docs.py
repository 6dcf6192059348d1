"""The documents say what the code does: commands, settings, routes, modules, links."""

import importlib
import os
import re
import shlex
from pathlib import Path

import click
import pytest
from test_imports import LAYERS, PACKAGE

from searchsvc.cli import commands
from searchsvc.cli.reference import TABLES, with_tables
from searchsvc.requests import PARAMETERS
from searchsvc.schema import FIELD_BY_NAME
from searchsvc.web import create_app

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), ROOT / "index" / "README.md")
}
README, ARCHITECTURE = DOCUMENTS["README.md"], DOCUMENTS["ARCHITECTURE.md"]
API, QUERIES, SETTINGS = (DOCUMENTS[f"{name}.md"] for name in ("API", "QUERIES", "SETTINGS"))

FENCED = re.compile(r"^```\w*\n(.*?)^```", re.S | re.M)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def code_lines(text):
    """The command lines of a document: lines of code blocks, and code in running text."""
    for block in FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(FENCED.sub("", text))


def command_lines(text, program):
    return [line.strip() for line in code_lines(text) if line.strip().split(" ")[0] == program]


def placeholder_free(line):
    """The words of a command line, without comment."""
    return shlex.split(line, comments=True)


def options_of(command):
    return {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {
        "--help",
        "-h",
    }


SEARCHSVC_LINES = [
    (name, line) for name, text in DOCUMENTS.items() for line in command_lines(text, "searchsvc")
]


def test_the_documents_show_commands():
    assert SEARCHSVC_LINES


@pytest.mark.parametrize(("document", "line"), SEARCHSVC_LINES)
def test_a_command_in_the_documents_exists_with_its_options(document, line):
    words = placeholder_free(line)[1:]
    if not words or words[0].isupper():
        return
    assert words[0] in commands.commands, f"{document}: {line}"
    command = commands.commands[words.pop(0)]
    if isinstance(command, click.Group) and words:
        assert words[0] in command.commands, f"{document}: {line}"
        command = command.commands[words.pop(0)]
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in options_of(command), f"{document}: {line}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_generated_tables_are_those_of_the_code(document):
    """Mended by: python -m searchsvc.cli.reference QUERIES.md SETTINGS.md"""
    assert with_tables(DOCUMENTS[document]) == DOCUMENTS[document]


def test_every_generated_table_has_its_place():
    assert "<!-- generated:commands -->" in SETTINGS
    assert "<!-- generated:settings -->" in SETTINGS
    assert "<!-- generated:fields -->" in QUERIES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_whole(name):
    rows = TABLES[name]().splitlines()
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert len(rows) > 3


def test_every_command_and_option_explains_itself():
    for command in commands.commands.values():
        assert command.get_short_help_str(200).endswith(".")
        for option in (p for p in command.params if isinstance(p, click.Option)):
            assert option.help or option.show_default, f"{command.name} {option.name}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_script_in_the_documents_can_be_run(document):
    for line in code_lines(DOCUMENTS[document]):
        for name in re.findall(r"(?<![\w/])((?:scripts|\.ci)/[\w./-]+)", line):
            assert (ROOT / name).exists(), f"{document}: {line}"
            if not Path(name).suffix and len(Path(name).parts) == 2 and not (ROOT / name).is_dir():
                assert os.access(ROOT / name, os.X_OK), f"{document}: {line}"


def modules():
    return {
        path.name.removesuffix(".py")
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }


def mapped_modules():
    """The modules of ARCHITECTURE.md's table, in its order."""
    rows = re.findall(r"^\| *((?:`\w+`,? *)+)\|", ARCHITECTURE, re.M)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_the_architecture_maps_every_module_and_no_other():
    assert sorted(mapped_modules()) == sorted(modules())


def test_the_architecture_lists_modules_in_the_order_of_imports():
    order = [LAYERS.index(name) for name in mapped_modules() if name not in ("sample", "__main__")]
    assert order == sorted(order)


def test_modules_named_in_the_architecture_exist():
    for name in INLINE.findall(ARCHITECTURE):
        if re.fullmatch(r"(?:searchsvc/)?[\w/]+\.py", name):
            below = name.removeprefix("searchsvc/")
            where = ROOT if below.split("/")[0] in ("tests", "scripts") else PACKAGE
            siblings = [p.name for p in PACKAGE.rglob("*.py")]
            assert (where / below).is_file() or below in siblings, name
        elif (parts := name.split("."))[0] in modules() and len(parts) > 1:
            assert exists(parts), name


def exists(parts):
    """Whether a dotted name below the package is a module or something in one."""
    found = importlib.import_module("searchsvc")
    for number, part in enumerate(parts, 1):
        try:
            found = importlib.import_module(".".join(("searchsvc", *parts[:number])))
        except ModuleNotFoundError:
            found = getattr(found, part, None)
    return found is not None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_work(document):
    for target in LINK.findall(DOCUMENTS[document]):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        linked = (ROOT / document).parent / path if path else ROOT / document
        assert linked.exists(), f"{document}: {target}"
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), f"{document}: {target}"


def anchors(text):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*)$", FENCED.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


FEATURE = re.compile(r'\[✓\]\((tests/\w+\.py) "(\w+)"\)')


def test_every_feature_that_the_readme_claims_has_its_test():
    section = README.partition("## What it has, beside others")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    features = [line for line in rows if not line.startswith("|  |")]
    assert len(features) > 40
    for line in features:
        (claim,) = FEATURE.findall(line.split(" | ")[1])
        assert f"def {claim[1]}(" in (ROOT / claim[0]).read_text(encoding="utf-8"), line


def test_every_source_of_the_readme_is_cited_and_known():
    cited = set(re.findall(r"\]\[([\w-]+)\]", README))
    assert cited == set(re.findall(r"^\[([\w-]+)\]: https?://", README, re.M))


def test_the_description_names_every_endpoint_and_no_other():
    rules = {re.sub(r"<\w+:", "<", str(rule)) for rule in create_app().url_map.iter_rules()}
    served = {re.sub(r"<\w+>", "<>", rule) for rule in rules}
    unwrapped = re.sub(r"\s+", " ", API)
    named = {
        re.sub(r"<\w+>", "<>", path.partition("?")[0])
        for path in re.findall(
            r"(?:GET |POST |PUT |DELETE |127\.0\.0\.1:8000)(/(?:api|health|ready)[\w/<>?.-]*)",
            unwrapped,
        )
    }
    assert named <= served
    assert {rule for rule in served if rule.startswith(("/api", "/health", "/ready"))} <= named


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_the_description_names_every_parameter_of_the_endpoint(parameter):
    assert f"`{parameter}`" in API


def test_the_page_on_queries_names_the_fields():
    missing = {name for name in FIELD_BY_NAME if not re.search(rf"\b{name}\b", QUERIES)}
    names_of = {}
    for name, field in FIELD_BY_NAME.items():
        names_of.setdefault(field, set()).add(name)
    assert {field for field, names in names_of.items() if names <= missing} == set()


def test_every_change_has_a_line():
    assert "## " in DOCUMENTS["CHANGELOG.md"]
