"""Imports point one way, each library has one importer, and imports stand at the top."""

import ast
from pathlib import Path

import pytest

import searchsvc

PACKAGE = Path(searchsvc.__file__).parent

LAYERS = (
    "sample",
    "messages",
    "steps",
    "errors",
    "deadlines",
    "storage",
    "settings",
    "text",
    "query_statistics",
    "articles",
    "references",
    "timeline",
    "pages",
    "sources",
    "analysis",
    "ranking",
    "schema",
    "reprints",
    "postings",
    "evaluation",
    "generations",
    "written",
    "keys",
    "query",
    "results",
    "cursors",
    "facets",
    "equivalents",
    "highlight",
    "engines",
    "finding",
    "new_words",
    "processes",
    "disk_room",
    "side_files",
    "source_records",
    "reading",
    "suggestions",
    "word_lists",
    "preparation",
    "indexer",
    "shared_indexing",
    "copying",
    "updating",
    "verification",
    "backups",
    "writing",
    "bulk",
    "jobs",
    "requests",
    "opening",
    "service",
    "research",
    "browsing",
    "people",
    "client",
    "web",
    "cli",
)
"""Lowest first; a module may import from its own layer and from those below."""

IMPORTERS = {
    "jieba": ("analysis",),
    "rjieba": ("analysis",),
    "opencc": ("text",),
    "whoosh": ("postings", "evaluation", "engines.whoosh"),
    "llvmlite": ("postings",),
    "numba": ("pages.compiled_kernels", "postings", "evaluation"),
    "flask": ("web",),
    "flask_compress": ("web",),
    "flask_cors": ("web",),
    "apispec": ("web",),
    "werkzeug": ("web",),
    "jinja2": ("web",),
    "gunicorn": ("web",),
    "limits": ("web",),
    "prometheus_client": ("web",),
    "pythonjsonlogger": ("web",),
    "click": ("cli",),
    "rich": ("cli",),
    "urllib3": ("client",),
    "filelock": ("generations", "keys"),
    "lxml": ("sources",),
    "pypdfium2": ("sources",),
    "rispy": ("references",),
    "pybtex": ("references",),
    "opensearchpy": ("engines.opensearch",),
    "circuitbreaker": ("engines.opensearch",),
    "tenacity": ("engines.opensearch",),
}
"""Where a library may be imported; everything else knows our own types only."""

WEB_IMPORTERS = ("cli.serving",)


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    """(imported module, stands at the top) of every import; type-checking blocks count as top."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        id(node)
        for scope in ast.walk(tree)
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(scope)
    }
    for node in ast.walk(tree):
        at_top = id(node) not in inner
        if isinstance(node, ast.Import):
            yield from ((alias.name, at_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from ((f"{node.module}.{alias.name}", at_top) for alias in node.names)


IMPORTS = [
    (module_name(path), imported, at_top)
    for path in sorted(PACKAGE.rglob("*.py"))
    for imported, at_top in imports_of(path)
]


def layer(module):
    return LAYERS.index(module.partition(".")[0])


def ours(imported):
    """The name inside the package, or None for another package and for the package itself."""
    first, _, rest = imported.partition(".")
    return rest if first == "searchsvc" and not rest.startswith("__") else None


def within(module, packages):
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_every_module_has_a_layer():
    tops = {module.partition(".")[0] for module, _, _ in IMPORTS} - {"", "__main__"}
    assert tops <= set(LAYERS)


def test_no_import_runs_back_up():
    back = [
        f"{module} imports {inside}"
        for module, imported, _ in IMPORTS
        if (inside := ours(imported)) and module not in ("", "__main__")
        if layer(inside) > layer(module)
    ]
    assert back == []


def test_the_command_line_reaches_the_web_through_serve_alone():
    reaching = {
        module
        for module, imported, _ in IMPORTS
        if (inside := ours(imported)) and within(inside, ("web",)) and not within(module, ("web",))
    }
    assert reaching <= set(WEB_IMPORTERS)


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_library_is_imported_in_one_place(library):
    strays = [
        module
        for module, imported, _ in IMPORTS
        if imported.partition(".")[0] == library and not within(module, IMPORTERS[library])
    ]
    assert strays == []


def test_imports_stand_at_the_top():
    late = [f"{module} imports {imported}" for module, imported, at_top in IMPORTS if not at_top]
    assert late == []


def test_packages_are_entered_by_their_front_door_or_a_named_module():
    """No module imports a private name of another."""
    private = [
        f"{module} imports {imported}"
        for module, imported, _ in IMPORTS
        if ours(imported) and imported.rpartition(".")[2].startswith("_")
    ]
    assert private == []
