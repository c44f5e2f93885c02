"""Tells by a digest whether something is still what it was."""

import hashlib
import json


def digest(content):
    """Return the SHA-256 of what JSON can hold, and the bytes that it is of.

    >>> digest({"b": [1], "a": "中"})[1].decode()
    '{"a": "中", "b": [1]}'
    >>> digest({"a": 1, "b": 2})[0] == digest({"b": 2, "a": 1})[0]
    True
    >>> len(digest({})[0])
    64
    """
    text = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest(), text
