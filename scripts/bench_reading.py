"""What reading costs, without indexing; see scripts/bench-reading.

First JSON Lines of growing size, each read in a process of its own: megabytes and articles a second
and the process's peak memory, which must not grow. Then a page of each format, pages a second, with
the reader alone and with segmentation. Times are processor time.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from page_formats import alto, founder, hocr, page_xml, pdf, pdf_lines, table_page

from searchsvc.sample import sample_path
from searchsvc.sources import find_sources, read_pages, read_source

BODY = "记者在城南老街看到，新铺的供水管道已经通水，三百二十户居民结束了水压不足的日子。" * 12
SECONDS_A_FORMAT = 2.0


def write_records(path: Path, size_bytes: int) -> None:
    """A JSON Lines file of at least this size."""
    with path.open("w", encoding="utf-8") as file:
        written = number = 0
        while written < size_bytes:
            record = {"id": f"a{number}", "title": f"第{number}条", "body": BODY}
            written += len(json.dumps(record, ensure_ascii=False).encode()) + 1
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            number += 1


def read_once(path: Path) -> dict[str, float]:
    """Reads a file in this process."""
    (file,) = find_sources([path])
    started = time.process_time()
    articles = sum(1 for _ in read_source(file, lambda _: None))
    seconds = time.process_time() - started
    return {
        "megabytes": round(file.size_bytes / 1e6),
        "megabytes_per_second": round(file.size_bytes / 1e6 / seconds, 1),
        "articles_per_second": round(articles / seconds),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def pages() -> dict[str, bytes]:
    """The sample's longest page in every format."""
    text = max((p.read_text(encoding="utf-8") for p in sample_path().rglob("*.txt")), key=len)
    paragraphs = [line for line in text.split("\n") if len(line) > 40]
    return {
        "page.txt": text.encode(), "gbk.txt": text.encode("gb18030"), "alto.xml": alto(text).encode(),
        "page.xml": page_xml(text).encode(), "words.hocr": hocr(text, split_words=True).encode(),
        "page.pdf": pdf([pdf_lines(text)]), "founder.html": founder("标题", paragraphs).encode(),
        "table.htm": table_page("标题", paragraphs).encode("gb18030"),
    }  # fmt: skip


def rate(path: Path, read) -> float:  # type: ignore[no-untyped-def]
    """How often a second a file is read."""
    (file,) = find_sources([path])
    count, started = 0, time.process_time()
    while (seconds := time.process_time() - started) < SECONDS_A_FORMAT:
        for _ in read(file, lambda _: None):
            pass
        count += 1
    return count / seconds


def main(gigabytes: float) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "records.jsonl")
        for size in (0.1 * gigabytes, gigabytes):
            write_records(path, int(size * 1e9))
            done = subprocess.run(
                [sys.executable, __file__, "--once", str(path)], capture_output=True, check=True
            )
            print(done.stdout.decode().strip(), flush=True)
        path.unlink()
        for name, content in pages().items():
            page = Path(folder, name)
            page.write_bytes(content)
            alone, whole = rate(page, read_pages), rate(page, read_source)
            print(f"{name}: {alone:,.0f} pages/s read, {whole:,.0f} with segmentation", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(read_once(Path(sys.argv[2]))))
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
