"""Query text to lexemes, each with its position. Full-width punctuation counts as its half-width
twin; the twins have one character each, so that positions are those of the text as typed.
"""

from __future__ import annotations

from dataclasses import dataclass

from searchsvc.errors import QueryError

_TWINS = str.maketrans("（）：“”„＂「」『』～＾［］｛｝＊－！　＆｜", '():""""""""~^[]{}*-! &|')
_CLOSING = {"“": "”", "「": "」", "『": "』", "＂": "＂"}
"""What closes a phrase; where it is missing, any quotation mark does."""
_BREAKING = set(' \t\r\n\f\v()"')
_MEANINGFUL = frozenset('():"~^[]{}*?-!&|')
OPERATORS = {"AND": "and", "OR": "or", "NOT": "not", "&&": "and", "||": "or"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """``kind`` is one of ``( ) : ^ ~ - and or not range phrase quote word end``.

    A quote is a phrase that goes on from a letter, or to one, without a space: running text, as in
    实现“开门稳”, “开门稳”实现.
    """

    kind: str
    text: str
    position: int


def half_width(text: str) -> str:
    """The text with the query's punctuation in its half-width form, of the same length."""
    return text.translate(_TWINS)


def plain_query(text: str) -> str:
    """A text as a query for its words: whatever could be an operator becomes a space."""
    plain = "".join(
        " " if twin in _MEANINGFUL or not twin.isprintable() else char
        for char, twin in zip(text, half_width(text), strict=True)
    )
    return " ".join(word for word in plain.split() if word not in OPERATORS)


def quoted_query(text: str) -> str:
    """A text as a query for exactly it: between quotation marks that it does not hold itself."""
    for opening, closing in (('"', '"'), *_CLOSING.items()):
        if closing not in text:
            return f"{opening}{text}{closing}"
    return plain_query(text)


def lexemes(query: str, fields: frozenset[str]) -> list[Lexeme]:
    """The query's lexemes, closed by one of kind ``end``.

    ``fields`` are the names that, followed by a colon, open a field; any other colon is text.
    Control characters count as spaces. Raises QueryError for an unclosed quotation mark or bracket.
    """
    plain = "".join(c if c.isprintable() else " " for c in half_width(query))
    found: list[Lexeme] = []
    position = 0
    while position < len(plain):
        char = plain[position]
        if char == " ":
            position += 1
        elif char in "()":
            found.append(Lexeme(char, char, position))
            position += 1
        elif char == '"':
            position = _phrase(query, plain, position, found)
        elif char in "[{" and found and found[-1].kind == ":":
            position = _range(plain, position, found)
        elif char == "-" and _stands_alone(plain, position):
            found.append(Lexeme("-", char, position))
            position += 1
        else:
            position = _word(query, plain, position, found, fields)
    found.append(Lexeme("end", "", len(plain)))
    return found


def _stands_alone(plain: str, position: int) -> bool:
    """Whether a minus opens a term: nothing before it, and something after it."""
    before = plain[position - 1] if position else " "
    after = plain[position + 1 : position + 2]
    return before in " (" and after not in ("", " ", ")", "-")


def _phrase(query: str, plain: str, position: int, found: list[Lexeme]) -> int:
    end = query.find(_CLOSING.get(query[position], '"'), position + 1)
    if end < 0:
        end = plain.find('"', position + 1)
    if end < 0:
        raise QueryError("query.unclosed_quote", position=position)
    kind = "quote" if _in_text(query, plain, position, end) else "phrase"
    found.append(Lexeme(kind, query[position + 1 : end], position))
    return _suffixes(plain, end + 1, found)


def _in_text(query: str, plain: str, position: int, end: int) -> bool:
    """Whether quotation marks at these places stand within a text."""
    if position and query[position - 1].isalnum():
        return True
    following = plain[end + 1 :].split(" ", 1)[0]
    return following[:1].isalnum() and following not in OPERATORS


def _range(plain: str, position: int, found: list[Lexeme]) -> int:
    ends = [e for e in (plain.find("]", position), plain.find("}", position)) if e >= 0]
    if not ends:
        raise QueryError("query.unclosed_range", position=position)
    end = min(ends)
    found.append(Lexeme("range", plain[position : end + 1], position))
    return end + 1


def _word(
    query: str, plain: str, position: int, found: list[Lexeme], fields: frozenset[str]
) -> int:
    end = position
    while end < len(plain) and plain[end] not in _BREAKING:
        if plain[end] == ":" and plain[position:end].lower() in fields:
            found.append(Lexeme("field", plain[position:end].lower(), position))
            found.append(Lexeme(":", ":", end))
            return end + 1
        if plain[end] == "^" and end > position and plain[end + 1 : end + 2].isdecimal():
            break
        end += 1
    word = plain[position:end]
    kind = OPERATORS.get(word, "word")
    found.append(Lexeme(kind, word if kind != "word" else query[position:end], position))
    return _suffixes(plain, end, found)


def _suffixes(plain: str, position: int, found: list[Lexeme]) -> int:
    """Reads ``~5`` and ``^2`` that stand right after a phrase or word."""
    while position < len(plain) and plain[position] in "~^":
        end = position + 1
        while end < len(plain) and (plain[end].isdecimal() or plain[end] == "."):
            end += 1
        if end == position + 1:
            return end
        found.append(Lexeme(plain[position], plain[position + 1 : end], position))
        position = end
    return position
