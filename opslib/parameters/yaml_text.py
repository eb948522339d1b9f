"""YAML as people write it: safe, a name once only, and every part traceable to its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from opslib.errors import ParameterError

__all__ = ["StrictLoader", "line_of", "parse_mapping"]


class StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key that stands twice; YAML itself keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  PyYAML's signature
        """Build a mapping, whose keys are plain and stand once each."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a name must be plain text", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  PyYAML's signature
        """Build a value; one that there cannot be, such as 30 February, is told by its line."""
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None


def parse_mapping(text: str, where: str) -> tuple[dict[str, Any], yaml.MappingNode | None]:
    """Return what ``text`` holds, and the node that knows its lines (None where it is empty).

    Args:
        text: a YAML document.
        where: the file, for messages.

    Raises:
        ParameterError: not YAML, not a mapping, or with a key that stands twice.
    """
    try:
        return _parse(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ParameterError(
            f"not valid YAML: {problem}", where=f"{where}{line}", remedy="Correct that line."
        ) from None


def _parse(text: str) -> tuple[dict[str, Any], yaml.MappingNode | None]:
    loader = StrictLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return {}, None
        if not isinstance(root, yaml.MappingNode):
            raise yaml.MarkedYAMLError(
                problem="name: value pairs are expected", problem_mark=root.start_mark
            )
        return loader.construct_document(root), root
    finally:
        loader.dispose()


def line_of(root: yaml.Node, path: Sequence[str | int]) -> int:
    """Return the line, from 1, of the part that ``path`` leads to, or of the last one on the way.

    Args:
        root: from `parse_mapping`.
        path: names and places, as pydantic gives them.
    """
    node, line = root, root.start_mark.line + 1
    for part in path:
        found = _step(node, part)
        if found is None:
            break
        node, line = found
    return line


def _step(node: yaml.Node, part: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line + 1
    return None
