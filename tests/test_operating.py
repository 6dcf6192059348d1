"""The operator's guide does what it says: every command of it, in its order, in a fresh home folder."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "OPERATING.md").read_text(encoding="utf-8")
COMMANDS = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE, re.S | re.M))
UNITS = sorted((ROOT / "scripts/deploy").glob("searchsvc*"))


@pytest.mark.guide
def test_the_guide_works_command_by_command(tmp_path):
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("SEARCHSVC_", "VIRTUAL_ENV"))}
    skipped = shutil.ignore_patterns(".*", "node_modules", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, tmp_path / "searchsvc-project", ignore=skipped)
    done = subprocess.run(
        ["bash", "-eux", "-o", "pipefail", "-c", COMMANDS],
        cwd=tmp_path,
        env=kept | {"HOME": str(tmp_path), "SEARCHSVC_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1_200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:]
    assert done.stdout.count("老街改造留住乡愁") >= 2
    assert done.stdout.count("临江大桥今日通车") >= 2
    assert "searchsvc_ready 1.0" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_guide_has_commands_for_each_part():
    for part in ("pip install", "reindex", "serve", "update", "verify", "backup", "restore", "keys create",
                 "queries", "stats", "--upgrade"):  # fmt: skip
        assert part in COMMANDS


def test_the_guide_names_settings_that_exist():
    names = set(re.findall(r"`(\w+) = ", GUIDE))
    settings = (ROOT / "SETTINGS.md").read_text(encoding="utf-8")
    assert names
    assert all(f"| `{name}` |" in settings for name in names)


def test_what_the_guide_quotes_is_what_is_said():
    table = GUIDE.partition("## What to do when")[2].partition("```")[0]
    quoted = [quote for line in table.splitlines() for quote in re.findall('"([^"`]+)"', line)]
    said = " ".join(
        text
        for path in (ROOT / "searchsvc/messages").glob("*.en.json")
        for text in json.loads(path.read_text(encoding="utf-8")).values()
    )
    assert len(quoted) > 9
    for quote in quoted:
        for part in quote.split("..."):
            assert part.strip() in said, quote


@pytest.mark.guide
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_units(unit, tmp_path):
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        # What it runs must exist to be checked, and here it does not.
        (tmp_path / path.name).write_text(
            re.sub(r"/srv/searchsvc/venv/bin/searchsvc", "/bin/true", text)
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert told == []


def test_the_image_runs_as_nobody_in_particular():
    lines = (ROOT / "scripts/deploy/Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line.split()[0] for line in lines if line[:1].isalpha()]
    assert "USER 10001" in lines
    assert instructions.index("USER") < instructions.index("CMD")
    assert "ADD" not in instructions
    assert all(":" in line.split()[1] for line in lines if line.startswith("FROM "))
