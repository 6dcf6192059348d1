"""Articles that readers make are validated as their records are."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.articles import Article, DateMention, Paragraph, Person, Source, validated
from searchsvc.errors import RecordError

TEXTS = st.one_of(
    st.text("水管 \t\n\0\ud800a", max_size=4), st.just("长" * 201), st.just("长" * 1_001)
)


@st.composite
def articles(draw):
    def texts(number):
        return tuple(draw(st.lists(TEXTS, max_size=number)))

    return Article(
        id=draw(st.one_of(st.just("页-1"), st.text("页-1 /", max_size=3), st.just("长" * 201))),
        title=draw(TEXTS),
        body=tuple(Paragraph(text, "text", (1,)) for text in texts(2)),
        kicker=draw(TEXTS),
        byline=draw(TEXTS),
        people=tuple(Person(name, "") for name in texts(2)),
        place=draw(TEXTS),
        newspaper=draw(TEXTS),
        dates=tuple(DateMention(text, "2018-07-24", 0) for text in texts(2)),
        documents=texts(2),
        source=Source(draw(TEXTS), ((1, 2),)),
    )


@given(articles())
@example(Article("a", "题", url=" x"))
def test_an_article_is_validated_as_its_record_is(article):
    try:
        expected = Article.from_record(article.to_record())
    except RecordError as error:
        with pytest.raises(RecordError) as found:
            validated(article)
        assert found.value.code == error.code
    else:
        assert validated(article) == expected


def test_a_valid_article_is_not_made_anew():
    article = Article("页-1", "老街供水", body=(Paragraph("管道换了。", "text", (2,)),))
    assert validated(article) is article
