"""API keys: made, listed and revoked by the command ``keys``, held against requests by the web.

A key is ``ssk_<id>_<secret>``. The id names it in lists and logs; of the secret, 256 random bits, only
the SHA-256 is kept: for so many bits a slow hash adds nothing (NIST SP 800-63B, look-up secrets of 112
bits and more). The keys lie in ``<index>/keys.json``, readable by its owner alone::

    {"keys": [{"id", "name", "scope", "created_at", "sha256"}, ...]}
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from searchsvc.errors import IndexLockedError, NotFoundError, OperatorError
from searchsvc.storage import storage_error, write_whole

SCOPES: Final = ("read", "write", "admin")
"""What a key may do; each includes those before it."""

FILE = "keys.json"
_PREFIX = "ssk"
_LOCK_S = 10


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept, without its secret."""

    id: str
    name: str
    scope: str
    created_at: str
    sha256: str

    def reaches(self, scope: str) -> bool:
        """Whether the key may do what takes this scope."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


class Keys:
    """The keys of an index; read anew when their file changed."""

    def __init__(self, index_dir: Path) -> None:
        self._path = index_dir / FILE
        self._read: tuple[object, tuple[Key, ...]] = (None, ())

    def all(self) -> tuple[Key, ...]:
        """Every key, oldest first. Raises OperatorError where the file cannot be read."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise OperatorError("key.unreadable", path=self._path, reason=error) from error
        state = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._read[0] != state:
            self._read = (state, self._parsed())
        return self._read[1]

    def any_reaches(self, scope: str) -> bool:
        """Whether there is a key that may do what takes this scope."""
        return any(key.reaches(scope) for key in self.all())

    def find(self, token: str) -> Key | None:
        """The key that a request gives; None where it is none of these.

        Takes the same time wherever the secret is wrong.
        """
        prefix, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        given = _hashed(secret)
        found = None
        for key in self.all():
            same = hmac.compare_digest(key.sha256, given)
            if hmac.compare_digest(key.id.encode(), key_id.encode(errors="replace")) and same:
                found = key
        return found if prefix == _PREFIX else None

    def create(self, name: str, scope: str) -> tuple[Key, str]:
        """A new key, and the only copy of what its holder gives with requests."""
        secret = secrets.token_urlsafe(32)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with self._locked():
            known = {key.id for key in self.all()}
            key_id = next(i for i in iter(lambda: secrets.token_hex(4), "") if i not in known)
            key = Key(key_id, name, scope, at, _hashed(secret))
            self._write((*self.all(), key))
        return key, f"{_PREFIX}_{key.id}_{secret}"

    def revoke(self, key_id: str) -> Key:
        """Removes a key. Raises NotFoundError."""
        with self._locked():
            keys = self.all()
            revoked = next((key for key in keys if key.id == key_id), None)
            if revoked is None:
                raise NotFoundError("key.not_found", id=key_id)
            self._write(tuple(key for key in keys if key is not revoked))
        return revoked

    def _parsed(self) -> tuple[Key, ...]:
        try:
            records = json.loads(self._path.read_text(encoding="utf-8"))["keys"]
            keys = tuple(Key(**record) for record in records)
            if unknown := [key.scope for key in keys if key.scope not in SCOPES]:
                raise ValueError(unknown)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OperatorError("key.unreadable", path=self._path, reason=error) from error
        return keys

    def _write(self, keys: tuple[Key, ...]) -> None:
        content = json.dumps({"keys": [asdict(k) for k in keys]}, ensure_ascii=False, indent=1)
        write_whole(self._path, content + "\n", mode=0o600)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keeps two commands from writing the file at once."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path.with_name("keys.lock"), timeout=_LOCK_S)
            lock.acquire()
        except Timeout as error:
            raise IndexLockedError("index.locked", path=self._path) from error
        except OSError as error:
            raise storage_error(error, self._path) from error
        try:
            yield
        finally:
            lock.release()


def _hashed(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
