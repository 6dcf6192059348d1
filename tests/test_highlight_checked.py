"""A budget of scripts/check-highlights: random queries over real articles are marked exactly."""

import check_highlights
import pytest

from searchsvc.sample import sample_path


def test_random_queries_are_marked_exactly(capsys):
    assert check_highlights.main(300, [str(sample_path())]) == 0, capsys.readouterr().out


@pytest.mark.corpus
def test_random_queries_over_news_are_marked_exactly(shared, capsys):
    corpus = shared / "news" / "xwlb_2012_2026.jsonl.xz"
    assert check_highlights.main(1_000, [str(corpus)]) == 0, capsys.readouterr().out
