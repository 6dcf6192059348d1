"""Stored fields as bytes, without pickle.

A schema whose one stored field is a plain ``STORED`` stores bytes as they are (``RAW``); any other
stores JSON, in which bytes, dates and nested dictionaries are marked. Called by writer and codec.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from whoosh.fields import STORED, Schema

JSON: Final = ""
"""The record form of all schemas but those with one raw field, which is named instead."""


def record_form(schema: Schema) -> str:
    """The name of the one stored field where records are its bytes; else ``JSON``."""
    stored = [name for name, field in schema.items() if field.stored]
    if len(stored) == 1 and isinstance(schema[stored[0]], STORED):
        return str(stored[0])
    return JSON


def encode_record(values: Mapping[str, Any], form: str) -> bytes:
    """The record of a document with these stored values.

    Raises TypeError for a value that the form cannot hold.
    """
    if form == JSON:
        packed = {name: _packed(value) for name, value in values.items()}
        return json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode()
    value = values.get(form, b"")
    if not isinstance(value, bytes):
        raise TypeError(f"the only stored field takes bytes, not {type(value).__name__}")
    return value


def decode_record(record: bytes, form: str) -> dict[str, Any]:
    """The stored values of a record."""
    if form != JSON:
        return {form: record} if record else {}
    values: dict[str, Any] = json.loads(record) if record else {}
    return {name: _unpacked(value) for name, value in values.items()}


def _packed(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, dict):
        return {"dict": {name: _packed(inner) for name, inner in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(inner) for inner in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"cannot store a {type(value).__name__}")


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "bytes":
        return base64.b64decode(content)
    if kind == "datetime":
        return datetime.fromisoformat(content)
    return {name: _unpacked(inner) for name, inner in content.items()}
