"""The real server over an index, on a free port of loopback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_server(index: Path) -> Iterator[str]:
    """Serves an index; gives the address without the last slash, and stops the server at the end."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("SEARCHSVC_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "searchsvc", "serve", "--index", str(index), "--port", "0"],
        env=environment | {"SEARCHSVC_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        found = re.search(r"http://\S+(?=/)", server.stdout.readline())
        if found is None:
            raise SystemExit(f"no server over {index}")
        yield found[0]
    finally:
        server.terminate()
        server.wait(30)
