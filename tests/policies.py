"""What an IAM policy allows, by its statements: enough of IAM's evaluation for our own policies.

Allow statements, patterns of resources, and conditions of operator Null. Anything else is an error,
so that a policy cannot come to hold what is not evaluated here.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Policy:
    statements: tuple[dict[str, Any], ...]

    @classmethod
    def load(cls, file: Path) -> Policy:
        return cls(tuple(json.loads(file.read_text(encoding="utf-8"))["Statement"]))

    def allows(self, action: str, resource: str, keys: Collection[str] = ()) -> bool:
        """Say whether a call is allowed on a resource; ``keys`` are those of its context."""
        return any(
            action in statement["Action"]
            and any(fnmatchcase(resource, wanted) for wanted in _listed(statement["Resource"]))
            and all(_holds(name, of, keys) for name, of in statement.get("Condition", {}).items())
            for statement in self.statements
            if _is_allow(statement)
        )


def _is_allow(statement: dict[str, Any]) -> bool:
    assert statement["Effect"] == "Allow"
    return True


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _holds(operator: str, wanted: dict[str, str], keys: Collection[str]) -> bool:
    assert operator == "Null", f"{operator} is not evaluated here"
    return all((key in keys) is (absent == "false") for key, absent in wanted.items())
