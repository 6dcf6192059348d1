"""Where an article stands on its page: from boxes, else from lines."""

from searchsvc.articles import Article
from searchsvc.pages import Box, Line, PageLines, page_articles, segment_lines, text_lines
from searchsvc.web.page_map import MAP_HEIGHT, Rectangle, page_map


def test_lines_are_laid_over_the_page_from_top_to_bottom():
    source = {"path": "p.txt", "lines": [[1, 5], [9, 10]], "line_count": 10}
    article = Article.from_record({"id": "a", "title": "标题", "source": source})
    upper, lower = page_map(article)
    assert (upper.y, upper.height) == (0, MAP_HEIGHT / 2)
    assert (lower.y, lower.height) == (round(MAP_HEIGHT * 0.8, 1), round(MAP_HEIGHT * 0.2, 1))


def test_boxes_come_before_lines():
    source = {"path": "p.xml", "lines": [[1, 5]], "line_count": 10, "boxes": [[0.5, 0.1, 1, 0.2]]}
    article = Article.from_record({"id": "a", "title": "标题", "source": source})
    assert page_map(article) == [Rectangle(50, 14, 50, 14)]


def test_without_a_place_nothing_is_drawn():
    assert page_map(Article(id="a", title="标题")) == []
    assert page_map(Article.from_record({"id": "a", "title": "题", "source": {"path": "p"}})) == []


def test_articles_of_a_page_tell_their_lines_and_boxes():
    text = (
        "老街供水改造收官\n□记者 王小满\n城南老街的供水管道已经更换完毕，居民用上了稳定的自来水。"
    )
    lines = text_lines(text)
    (article,) = page_articles(segment_lines(lines), "p.txt", lines)
    assert article.source.line_count == 3
    assert article.source.boxes == ()
    boxed = PageLines(
        tuple(
            Line(
                t,
                Box(100 + 400 * (n == 2), 100 * n, 500 + 400 * (n == 2), 100 * n + 80),
                1 + n // 2,
            )
            for n, t in enumerate(text.split("\n"))
        ),
        width=1000,
        height=1000,
    )
    (article,) = page_articles(segment_lines(boxed), "p.xml", boxed)
    assert article.source.boxes == ((0.1, 0.0, 0.5, 0.18), (0.5, 0.2, 0.9, 0.28))
    assert Article.from_record(article.to_record()) == article
