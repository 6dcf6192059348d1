"""Every reader takes any bytes: articles or rejects, each counted byte told once, never a crash.

``scripts/fuzz-sources`` tries as many more as one likes.
"""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from source_files import read
from source_mutations import OPERATIONS, SEEDS, mutated

from searchsvc.settings import Settings

SMALL = Settings(max_page_bytes=1 << 20, max_archive_bytes=1 << 24, max_line_chars=1 << 16)

changes = st.lists(
    st.tuples(
        st.sampled_from(OPERATIONS), st.floats(0, 1), st.integers(1, 64), st.binary(max_size=12)
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("name", SEEDS)
def test_a_whole_file_is_read_without_reject(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SEEDS[name])
    articles, rejects = read(path)
    assert not rejects
    assert articles or name == "mets.xml"


@pytest.mark.parametrize("name", SEEDS)
@hypothesis_settings(max_examples=25)
@given(done=changes)
def test_a_damaged_file_gives_articles_or_rejects(tmp_path_factory, name, done):
    content = SEEDS[name]
    for change in done:
        content = mutated(content, *change)
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(content)
    articles, rejects = read(path, SMALL)
    assert articles or rejects or name == "mets.xml"


@pytest.mark.parametrize("name", SEEDS)
@hypothesis_settings(max_examples=15)
@given(
    content=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda t: t.encode("gb18030", "ignore"))
)
def test_any_bytes_under_any_name_give_articles_or_rejects(tmp_path_factory, name, content):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    articles, rejects = read(path, SMALL)
    assert articles or rejects
