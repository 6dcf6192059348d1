"""Random searches of every kind, made of pieces of real articles."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.errors import QueryError
from searchsvc.query import parse_query
from searchsvc.query.tree import relaxed

FACETS = ("kind", "year", "editor", "tag")
"""What is counted: the fields that the news corpus fills."""

_QUOTES = set('"“”„«»「」『』')


@dataclass(frozen=True, slots=True)
class Asked:
    """One search, of a kind, with the query that it was made of."""

    kind: str
    query: str
    search: Search


class Asker:
    """Searches from one seed."""

    def __init__(self, articles: Sequence[Article], seed: int) -> None:
        self._articles = articles
        self._random = random.Random(seed)

    def asked(self) -> Asked:
        """The next search."""
        while True:
            kind = self._random.choice(list(_KINDS))
            query = _KINDS[kind](self)
            try:
                tree = parse_query(query)
            except QueryError:
                continue
            if kind == "best match":
                tree = relaxed(tree) or tree
            search = Search(tree=tree, facets=FACETS, days=True)
            return Asked(kind, query, self._narrowed(search) if kind == "filters" else search)

    def piece(self, low: int, high: int) -> str:
        """A piece of a title or paragraph of so many characters, without quotation marks."""
        r = self._random
        while True:
            article = r.choice(self._articles)
            texts = [article.title, *(p.text for p in article.body)]
            text = r.choice([t for t in texts if t])
            start = r.randrange(len(text))
            piece = text[start : start + r.randint(low, high)].strip()
            if piece and not _QUOTES & set(piece) and any(map(str.isalnum, piece)):
                return piece

    def word(self) -> str:
        """Letters alone, as a reader types them."""
        while True:
            word = "".join(filter(str.isalnum, self.piece(2, 4)))
            if word and word not in ("AND", "OR", "NOT", "TO"):
                return word

    def words(self) -> str:
        """Bare words."""
        return " ".join(self.word() for _ in range(self._random.randint(1, 3)))

    def boolean(self) -> str:
        """Words joined by every operator."""
        r = self._random
        forms = (
            "{} AND {}",
            "{} OR {}",
            "{} -{}",
            "({} OR {}) {}",
            "NOT {}",
            "{} AND NOT ({} OR {})",
        )
        form = r.choice((*forms, '"{}" OR {}', '{} -"{}"', "标题:{} OR 正文:{}"))
        return form.format(*(self.word() for _ in range(3)))

    def phrase(self) -> str:
        """A quoted piece, punctuation and all."""
        return f'"{self.piece(1, 12)}"'

    def near(self) -> str:
        """Pieces of one paragraph, in any order, at some distance."""
        r = self._random
        text = "".join(c for c in self.piece(12, 40) if c not in " ~")
        starts = [r.randrange(len(text)) for _ in range(r.choice((2, 2, 2, 3)))]
        pieces = [text[s : s + r.randint(1, 4)] for s in starts]
        return f'"{" ".join(pieces)}"~{r.randint(0, 20)}'

    def range(self) -> str:
        """Dates, and a word."""
        r = self._random
        dated = [day for a in r.choices(self._articles, k=50) if (day := a.date)]
        low = r.choice(dated)
        high = low + timedelta(days=r.randint(0, 900))
        opened, closed = r.choice(("[]", "{}", "[}", "{]"))
        ends = r.choice((f"{low} TO {high}", f"{low} TO *", f"* TO {high}"))
        return f"date:{opened}{ends}{closed} {r.choice(('', self.word()))}".strip()

    def field(self) -> str:
        """A field of text or of whole values."""
        r = self._random
        article = r.choice(self._articles)
        value = r.choice((*article.tags, str(article.date.year if article.date else 2020)))
        forms = (f"标题:{self.word()}", f"正文:{self.word()}", f'标题:"{self.piece(1, 6)}"')
        return r.choice((*forms, f'标签:"{value}"', f"年份:{value}", f"标签:{value[:1]}*"))

    def wildcard(self) -> str:
        """A piece with stars or question marks in it."""
        text = list(filter(str.isalnum, self.piece(4, 8)))
        place = self._random.randrange(len(text))
        text[place] = self._random.choice(("?", "*"))
        return "".join(text)

    def question(self) -> str:
        """A headline, answered by best match."""
        titles = [a.title for a in self._random.choices(self._articles, k=20) if a.title]
        return "".join(
            " " if c in '"“”()（）[]:：~^*?-' else c for c in self._random.choice(titles)
        )

    def _narrowed(self, search: Search) -> Search:
        r = self._random
        dated = [day for a in r.choices(self._articles, k=50) if (day := a.date)]
        filters: dict[str, tuple[str, ...]] = {
            "year": tuple(str(r.choice(dated).year) for _ in "12")
        }
        tags = [tag for a in r.choices(self._articles, k=50) for tag in a.tags]
        if tags and r.random() < 0.5:
            filters["tag"] = tuple({r.choice(tags) for _ in "123"})
        narrowed = Search(
            tree=search.tree, filters=filters, facets=search.facets, days=True,
            sort=r.choice(("relevance", "newest", "oldest")),
        )  # fmt: skip
        if r.random() < 0.5:
            return narrowed
        low = r.choice(dated)
        return Search(
            tree=search.tree, date_from=low, date_to=low + timedelta(days=r.randint(0, 2_000)),
            facets=search.facets, days=True, fold_reprints=r.random() < 0.5,
        )  # fmt: skip


_KINDS: dict[str, Callable[[Asker], str]] = {
    "words": Asker.words,
    "boolean": Asker.boolean,
    "phrase": Asker.phrase,
    "near": Asker.near,
    "range": Asker.range,
    "field": Asker.field,
    "filters": Asker.words,
    "wildcard": Asker.wildcard,
    "best match": Asker.question,
}
"""How the query of each kind of search is made."""
