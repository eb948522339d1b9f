"""Datapoints out of CloudWatch's answers as arrays, in place of an object a number.

botocore makes a `datetime` of each datapoint's time, which takes longer than all the rest of a read
of many. CloudWatch answers in JSON, with times as seconds since 1970 (AWS JSON 1.0 protocol).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from botocore.parsers import JSONParser, ResponseParserFactory

__all__ = ["use_arrays"]

PROTOCOL = "json"
DATAPOINTS = {"Timestamps", "DatapointValues"}
"""Shapes that are handed on as arrays: seconds since 1970, and values."""


def use_arrays(core: Any) -> Any:
    """Have the clients of a botocore session decode datapoints as arrays; return the session."""
    core.register_component("response_parser_factory", _Factory())
    return core


class _Factory(ResponseParserFactory):  # type: ignore[misc]  # botocore has no types
    def create_parser(self, protocol_name: str) -> Any:
        if protocol_name == PROTOCOL:
            return _Parser(**self._defaults)
        return super().create_parser(protocol_name)


class _Parser(JSONParser):  # type: ignore[misc]
    def _handle_list(self, shape: Any, node: Any) -> Any:
        if shape.name in DATAPOINTS and _are_numbers(node):
            return np.asarray(node, dtype=np.float64)
        return super()._handle_list(shape, node)


def _are_numbers(node: list[Any]) -> bool:
    return {*map(type, node)} <= {int, float}
