"""What an installation holds: every file of the package that the code reads."""

from configparser import ConfigParser
from pathlib import Path

import searchsvc

PACKAGE = Path(searchsvc.__file__).parent
READ_BY_PEOPLE = (".py", ".pyc", ".md")


def patterns():
    """(folder, pattern) of the data that setup.cfg says is installed."""
    parser = ConfigParser()
    parser.read(PACKAGE.parent / "setup.cfg", encoding="utf-8")
    for package, listed in parser["options.package_data"].items():
        folder = None if package == "*" else PACKAGE.joinpath(*package.split(".")[1:])
        yield from ((folder, pattern.strip()) for pattern in listed.split(","))


def test_every_file_that_is_no_code_is_installed_too():
    packages = [path.parent for path in PACKAGE.rglob("__init__.py")]
    installed = {
        path
        for folder, pattern in patterns()
        for package in (packages if folder is None else [folder])
        for path in package.glob(pattern)
    }
    held = {
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in READ_BY_PEOPLE and "__pycache__" not in path.parts
    }
    assert sorted(map(str, held - installed)) == []
