"""Audits this project's code (bandit) and what it stands on (pip-audit), and says what was not audited.

Bandit's findings of any severity count, but for those that are no fault here: asserts narrow types, the
pseudo-random generators of scripts draw samples, processes are started with lists of arguments and never
by a shell.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

NO_FAULTS = ("B101", "B311", "B404", "B603", "B607")
ROOT = Path(__file__).parents[1]


def audit_code() -> bool:
    """Whether bandit finds nothing in the package and the scripts."""
    command = [sys.executable, "-m", "bandit", "-q", "-r", "searchsvc", "scripts"]
    done = subprocess.run([*command, "--skip", ",".join(NO_FAULTS)], cwd=ROOT, check=False)
    print("bandit: " + ("clean" if done.returncode == 0 else "findings, see above"))
    return done.returncode == 0


def audit_dependencies() -> bool:
    """Whether no installed package has a known vulnerability, as far as that could be asked."""
    command = [sys.executable, "-m", "pip_audit", "--skip-editable", "--progress-spinner", "off"]
    done = subprocess.run(
        [*command, "--format", "json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"pip-audit: NOT AUDITED, the database of vulnerabilities was not reached: {reason}")
        return True
    bad = [package for package in packages if package.get("vulns")]
    for package in bad:
        ids = ", ".join(found["id"] for found in package["vulns"])
        print(f"pip-audit: {package['name']} {package['version']}: {ids}")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    audited = len(packages) - len(skipped)
    if skipped:
        print(f"pip-audit: NOT AUDITED, unknown to the database that was reached: {len(skipped)}")
    print(f"pip-audit: {audited} packages audited, {len(bad)} with known vulnerabilities")
    return not bad


if __name__ == "__main__":
    sys.exit(0 if all([audit_code(), audit_dependencies()]) else 1)
