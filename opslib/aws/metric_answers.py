"""Datapoints out of CloudWatch's answers as arrays, in place of an object a number.

CloudWatch answers in CBOR (RFC 8949), whose numbers stand in a row with a byte before each that
says what it is. Where all of a list are of one kind they are taken at once; botocore's own decoder
looks at each of them, which takes longer than all the rest of a read. A list of several kinds is
left to botocore.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from botocore.parsers import ResponseParserFactory, RpcV2CBORParser

__all__ = ["use_arrays"]

PROTOCOL = "smithy-rpc-v2-cbor"
DATAPOINTS = {"Timestamps", "DatapointValues"}
"""Shapes that are handed on as arrays: seconds since 1970, and values."""
KINDS = (
    (b"\xfb", np.dtype(">f8")),
    (b"\xc1\xfb", np.dtype(">f8")),
    (b"\xc1\x1a", np.dtype(">u4")),
    (b"\xc1\x1b", np.dtype(">u8")),
)
"""First bytes of an element and what follows: a float, and times (tag 1) as floats or integers."""
NO_LENGTH, BREAK = 31, 0xFF


def use_arrays(core: Any) -> Any:
    """Have the clients of a botocore session decode datapoints as arrays; return the session."""
    core.register_component("response_parser_factory", _Factory())
    return core


class _Factory(ResponseParserFactory):  # type: ignore[misc]  # botocore has no types
    def create_parser(self, protocol_name: str) -> Any:
        if protocol_name == PROTOCOL:
            return _Parser(**self._defaults)
        return super().create_parser(protocol_name)


class _Parser(RpcV2CBORParser):  # type: ignore[misc]
    def _parse_array(self, stream: Any, additional_info: int) -> Any:
        length = -1
        if additional_info != NO_LENGTH:
            length = self._parse_unsigned_integer(stream, additional_info)
        numbers = _take_numbers(stream, length)
        if numbers is not None:
            return numbers
        if length < 0:
            return super()._parse_array(stream, additional_info)
        return [self.parse_data_item(stream) for _ in range(length)]

    def _handle_list(self, shape: Any, node: Any) -> Any:
        if not isinstance(node, np.ndarray):
            return super()._handle_list(shape, node)
        if shape.name in DATAPOINTS:
            return node
        if shape.member.type_name == "timestamp":
            return [self._timestamp_parser(one) for one in node.tolist()]
        return node.tolist()


def _take_numbers(stream: Any, length: int) -> Any:
    """Return the numbers of a list and go past it; None, and stay, where they are of several kinds.

    Args:
        stream: stands at the first element.
        length: of the list; -1 where a break ends it.
    """
    here = stream.tell()
    head = stream.read(2)
    for first, kind in KINDS:
        if head.startswith(first) and length:
            stream.seek(here)
            taken = _rows(stream, length, first, kind)
            if taken is not None:
                return taken
    stream.seek(here)
    return None


def _rows(stream: Any, length: int, first: bytes, kind: np.dtype[Any]) -> Any:
    here, size = stream.tell(), len(first) + kind.itemsize
    held = stream.read(size * length) if length > 0 else stream.read()
    rows = np.frombuffer(held, np.uint8)[: len(held) // size * size].reshape(-1, size)
    alike = (rows[:, : len(first)] == np.frombuffer(first, np.uint8)).all(axis=1)
    count = len(rows) if alike.all() else int(alike.argmin())
    end = count * size
    ends_here = count == length if length > 0 else held[end : end + 1] == bytes([BREAK])
    if not ends_here:
        return None
    stream.seek(here + end + (length < 0))
    return np.ascontiguousarray(rows[:count, len(first) :]).view(kind).ravel().astype(np.float64)
