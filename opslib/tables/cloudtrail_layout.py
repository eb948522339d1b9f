"""What a log file looks like from its first bytes, so that the engine need not find out."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["FileLayout", "Layout", "layout_of"]

HEAD_BYTES = 8192
GZIP_MAGIC = b"\x1f\x8b"
RECORDS = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
WRAPPED = re.compile(rb'"(?:detail|CloudTrailEvent)"\s*:')
EVENTS = re.compile(rb'\s*(?:\[\s*)?\{.*?"event(?:Version|Time|ID|Name)"\s*:', re.DOTALL)


class Layout(StrEnum):
    """How a file holds its events."""

    RECORDS = "records"
    """One object, or one a line, with the events in an array ``Records``."""
    EVENTS = "events"
    """The events themselves: in an array, or one a line."""
    OTHER = "other"
    """Anything else: whether there are events in it takes a closer look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayout:
    """What a file looks like.

    Args:
        layout: how it holds its events.
        compressed: whether it is gzipped, by its first bytes and not by its name.
        unpacked_bytes: its size unpacked; of a gzipped file what its trailer claims (RFC 1952:
            modulo 4 GiB, and of the last member only).
    """

    layout: Layout
    compressed: bool
    unpacked_bytes: int


def layout_of(file: Path) -> FileLayout:
    """Return what ``file`` looks like; nothing in it makes this fail.

    Raises:
        OSError: the file cannot be opened.
    """
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
        compressed = head.startswith(GZIP_MAGIC)
        opened.seek(0, 2)
        size = opened.tell()
        if compressed and size > len(GZIP_MAGIC) + 4:
            opened.seek(-4, 2)
            (size,) = struct.unpack("<I", opened.read(4))
    text = _unpacked(head) if compressed else head
    return FileLayout(layout=_layout(text), compressed=compressed, unpacked_bytes=size)


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def _layout(text: bytes) -> Layout:
    if RECORDS.match(text):
        return Layout.RECORDS
    is_events = EVENTS.match(text) and not WRAPPED.search(text)
    return Layout.EVENTS if is_events else Layout.OTHER
