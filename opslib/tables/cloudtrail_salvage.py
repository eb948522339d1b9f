"""Events out of a file that the engine refuses: cut off, damaged, or wrapped in something else.

Each value is decoded by itself, so that a damaged one costs itself alone; behind it, reading
goes on where the next record begins. What is gone is told in words, since a file that is cut
off does not say how much is missing.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opslib.tables.cloudtrail import RECORD_COLUMNS

__all__ = ["Salvage", "salvage"]

NEXT_RECORD = re.compile(r'\{\s*"eventVersion"')
FILLING = re.compile(r"[ \t\r\n,\]]*")
ARRAY_OF_RECORDS = re.compile(r'\s*\{\s*"Records"\s*:\s*\[')
PIECE_BYTES = 1024**2
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """What could be read of a file.

    Args:
        records: the events, with the keys of `RECORD_COLUMNS`.
        lost: what could not be read, in words; empty where nothing is missing.
    """

    records: tuple[dict[str, Any], ...]
    lost: str


def salvage(file: Path) -> Salvage:
    """Return every event of ``file`` that can be read.

    Known are CloudTrail's own layouts, the answer of LookupEvents (the event is a text in it),
    and EventBridge's wrapper (the event is its ``detail``).
    """
    packed = file.read_bytes()
    text, lost = _text(packed)
    records: list[dict[str, Any]] = []
    for value in _values(text):
        if isinstance(value, str):
            lost = lost or value
        else:
            records.extend(_events(value))
    return Salvage(records=tuple(records), lost=lost)


def _text(packed: bytes) -> tuple[str, str]:
    """Return the text of a file, and what is wrong with its bytes."""
    lost = "" if packed else "empty"
    if packed.startswith(b"\x1f\x8b"):
        packed, lost = _unpack(packed)
    text = packed.decode("utf-8-sig", errors="replace")
    if not lost and "\N{REPLACEMENT CHARACTER}" in text:
        lost = "damaged characters"
    return text, lost


def _unpack(packed: bytes) -> tuple[bytes, str]:
    parts: list[bytes] = []
    while packed.startswith(b"\x1f\x8b"):
        member = zlib.decompressobj(wbits=31)
        for start in range(0, len(packed), PIECE_BYTES):
            try:
                parts.append(member.decompress(packed[start : start + PIECE_BYTES]))
            except zlib.error:
                return b"".join([*parts, _bytewise(packed[:start], packed[start:])]), "damaged"
            if member.eof:
                packed = member.unused_data + packed[start + PIECE_BYTES :]
                break
        else:
            return b"".join(parts), "cut off"
    return b"".join(parts), ""


def _bytewise(before: bytes, damaged: bytes) -> bytes:
    """Return what the piece of a stream that fails gives before it does."""
    member = zlib.decompressobj(wbits=31)
    member.decompress(before)
    found: list[bytes] = []
    for start in range(0, len(damaged), 256):
        try:
            found.append(member.decompress(damaged[start : start + 256]))
        except zlib.error:
            break
    return b"".join(found)


def _values(text: str) -> Iterator[Any]:
    """Return each JSON value of a list of records, an array, or lines; a text tells a loss."""
    opening = ARRAY_OF_RECORDS.match(text) or re.match(r"\s*\[", text)
    place = opening.end() if opening else 0
    while (place := _skip(text, place)) < len(text):
        try:
            value, place = DECODER.raw_decode(text, place)
        except ValueError:
            following = NEXT_RECORD.search(text, place + 1)
            yield "cut off" if following is None else "damaged"
            if following is None:
                return
            place = following.start()
        else:
            if isinstance(value, dict):
                yield value


def _skip(text: str, place: int) -> int:
    found = FILLING.match(text, place)
    place = found.end() if found else place
    if text.startswith("}", place):  # the end of the object around Records, or of a wrapper
        return _skip(text, place + 1)
    again = ARRAY_OF_RECORDS.match(text, place)
    return again.end() if again else place


def _events(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    wrapped = value.get("CloudTrailEvent")
    if isinstance(wrapped, str):
        try:
            wrapped = json.loads(wrapped)
        except ValueError:
            return
    inner = wrapped if isinstance(wrapped, dict) else value.get("detail")
    if isinstance(inner, dict):
        yield from _events(inner)
    for name in ("Records", "Events"):
        listed = value.get(name)
        if isinstance(listed, list):
            for item in listed:
                if isinstance(item, dict):
                    yield from _events(item)
    if isinstance(value.get("eventTime"), str) and isinstance(value.get("eventName"), str):
        yield _known(value)


def _known(record: dict[str, Any]) -> dict[str, Any]:
    """Return the keys that are read, each of the kind that the engine expects."""
    known: dict[str, Any] = {}
    for key, kind in RECORD_COLUMNS.items():
        value = record.get(key)
        if key == "userIdentity":
            known[key] = _identity(value)
        elif kind == "VARCHAR" and isinstance(value, dict | list):
            known[key] = None
        else:
            known[key] = _unquoted(value) if kind == "JSON" else value
    return known


def _unquoted(value: Any) -> Any:
    """Return what a JSON text in the place of an object holds (exports quote nested values)."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _identity(value: Any) -> dict[str, Any]:
    found = _object(_unquoted(value))
    context = _object(found.get("sessionContext"))
    plain = {key: part for key, part in found.items() if not isinstance(part, dict | list)}
    return {
        **plain,
        "sessionContext": {
            "sessionIssuer": _object(context.get("sessionIssuer")),
            "attributes": _object(context.get("attributes")),
        },
    }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
