"""The exception tree. Whoever catches one knows who can act on it.

::

    SearchsvcError                  .code, .params, .status
    ├── CallerError        400      the request is wrong; its sender can mend it
    │   ├── QueryError     400      the query text is wrong; .position is where
    │   ├── QueryCostError 400      the query asks for more time or terms than a search may take
    │   ├── RecordError    400      one source record is unusable; counted as a reject
    │   ├── KeyMissingError 401     no key was given, or one that is not valid
    │   ├── ForbiddenError 403      the key does not reach so far, or no key can
    │   ├── NotFoundError  404      no such article
    │   ├── ConflictError  409      what is asked for is being done already
    │   └── TooManyError   429      one key or address asks more than it may
    ├── OperatorError      503      the installation is wrong; its keeper can mend it
    │   ├── SettingsError           a setting or the user dictionary cannot be used
    │   ├── SourceError             a source path is missing or cannot be read
    │   ├── IndexMissingError       nothing has been indexed in this folder yet
    │   ├── IndexDamagedError       index files are missing, altered or of another format
    │   ├── IndexLockedError        another process is writing
    │   ├── StorageError            the disk is full, read-only or failing
    │   ├── CommittedError          what was asked for is done; what follows it failed
    │   ├── BusyError               more is asked for than can be answered now
    │   └── EngineUnavailableError  no node of the cluster answers
    │       └── GenerationLostError a node went with a part of an index that is being built
    └── DeveloperError     500      a mistake in this program

Each carries a stable ``code`` (``query.too_long``) and the parameters of its message; the text
comes from the ``errors`` catalogue in the reader's language.
"""

from __future__ import annotations

from typing import ClassVar

from searchsvc import messages


class SearchsvcError(Exception):
    """Root of all errors that this package raises on purpose."""

    status: ClassVar[int] = 500
    told: str | None = None
    """The text, where a server has told it already."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def message(self, language: str = "en") -> str:
        """What went wrong, where, and what to do next, in ``en`` or ``zh``."""
        return self.told or messages.text(f"errors.{self.code}", language, **self.params)

    def __str__(self) -> str:
        return self.message()


class CallerError(SearchsvcError):
    """The request is wrong: a parameter out of range, an unknown field."""

    status = 400


class QueryError(CallerError):
    """The query text cannot be understood or is over a limit.

    ``position`` counts code points from the start of ``query``, the text as typed; messages, which
    count from one, call it ``place``.
    """

    query: str = ""

    def __init__(self, code: str, /, *, position: int, **params: object) -> None:
        super().__init__(code, position=position, place=position + 1, **params)
        self.position = position


class QueryCostError(CallerError):
    """The query is too expensive: its time is up, or it stands for too many terms."""


class RecordError(CallerError):
    """One source record cannot become an article."""


class KeyMissingError(CallerError):
    """No API key was given where one is needed, or one that is not valid."""

    status = 401


class ForbiddenError(CallerError):
    """The API key's scope does not reach so far, or this side of the API is switched off."""

    status = 403


class NotFoundError(CallerError):
    """Nothing has the id that was asked for."""

    status = 404


class ConflictError(CallerError):
    """What is asked for stands against what is being done."""

    status = 409


class TooManyError(CallerError):
    """One key or address asks for more than it may; ``retry_after_s`` says when to ask again."""

    status = 429


class OperatorError(SearchsvcError):
    """The installation or its data needs its keeper."""

    status = 503


class SettingsError(OperatorError):
    """A setting, or the user dictionary, has a value that cannot be used."""


class SourceError(OperatorError):
    """A source path does not exist or cannot be read."""


class IndexMissingError(OperatorError):
    """The index folder holds no generation yet."""


class IndexDamagedError(OperatorError):
    """A file of the index is missing, altered, or of another format version."""


class IndexLockedError(OperatorError):
    """Another process holds the write lock of this index."""


class StorageError(OperatorError):
    """The file system refused a write: full, read-only, or failing."""


class CommittedError(OperatorError):
    """What was asked for is done and is served; what should follow it failed."""


class EngineUnavailableError(OperatorError):
    """No node of the cluster answers; ``params["retry_after_s"]`` says when to ask again."""


class BusyError(OperatorError):
    """More is asked for than can be answered now; ``retry_after_s`` says when to ask again."""


class GenerationLostError(EngineUnavailableError):
    """A node of the cluster went with the only copy of a part of the index that is being built."""


class DeveloperError(SearchsvcError):
    """A mistake in this program."""
