"""What schemathesis does not know of itself: how a value is sent as JSON Lines."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def json_lines(context, value):
    """A text as it is, a list as a line for each item, anything else as one line."""
    if isinstance(value, str):
        return {"data": value.encode(errors="replace")}
    lines = value if isinstance(value, list) else [value]
    return {"data": "\n".join(map(json.dumps, lines)).encode()}
