"""Which backup plans select a resource.

Method: a resource is selected when its ARN matches one of Resources (none given means all) and
none of NotResources, its tags meet one of ListOfTags where any are given, and all of Conditions.
Source: AWS Backup developer guide, Assigning resources; API Reference, BackupSelection.
Fails where: service opt-in settings of a region switch a kind off; they are not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

__all__ = ["selecting_plan_ids", "selecting_plans"]

TAG_PREFIX = "aws:ResourceTag/"


def selecting_plans(
    arn: str, tags: Mapping[str, str] | None, selections: pd.DataFrame
) -> tuple[str, ...] | None:
    """Return the names of the plans that select a resource, in order.

    Args:
        arn: the resource.
        tags: its tags; None where they were not read.
        selections: columns of `opslib.tables.backups.BACKUP_SELECTIONS`, of its account and
            region.

    Returns:
        None where no selection is known to take it and one could, if its tags were known.
    """
    judged = [(row["PlanName"], taken) for row, taken in _judge(arn, tags, selections)]
    plans = {name for name, taken in judged if taken}
    unsure = any(taken is None for _, taken in judged)
    return None if unsure and not plans else tuple(sorted(plans))


def selecting_plan_ids(
    arn: str, tags: Mapping[str, str] | None, selections: pd.DataFrame
) -> frozenset[str]:
    """Return the ids of the plans that are known to select a resource; as `selecting_plans`."""
    return frozenset(row["PlanId"] for row, taken in _judge(arn, tags, selections) if taken)


def _judge(
    arn: str, tags: Mapping[str, str] | None, selections: pd.DataFrame
) -> list[tuple[dict[Any, Any], bool | None]]:
    rows = selections.to_dict("records")
    return [(row, _takes(json.loads(row["Selection"]), arn, tags)) for row in rows]


def _takes(selection: dict[str, Any], arn: str, tags: Mapping[str, str] | None) -> bool | None:
    wanted = selection.get("Resources") or ["*"]
    if not _any_matches(wanted, arn) or _any_matches(selection.get("NotResources", []), arn):
        return False
    one_of, conditions = selection.get("ListOfTags", []), selection.get("Conditions", {})
    if not one_of and not any(conditions.values()):
        return True
    if tags is None:
        return None
    listed = [tags.get(_key(one)) == one["ConditionValue"] for one in one_of]
    return (any(listed) or not one_of) and _meets(conditions, tags)


def _meets(conditions: Mapping[str, Iterable[dict[str, str]]], tags: Mapping[str, str]) -> bool:
    return all(
        TESTS[name](tags.get(_key(one)), one.get("ConditionValue", ""))
        for name, wanted in conditions.items()
        for one in wanted
    )


def _key(condition: Mapping[str, str]) -> str:
    return condition.get("ConditionKey", "").removeprefix(TAG_PREFIX)


def _any_matches(patterns: Iterable[str], text: str) -> bool:
    return any(_is_like(text, pattern) for pattern in patterns)


def _is_like(text: str | None, pattern: str) -> bool:
    """Match by ``*``, the only wildcard of selections, without regular expressions."""
    if text is None:
        return False
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    if not text.startswith(first):
        return False
    left, last = text[len(first) :], rest.pop()
    for part in rest:
        place = left.find(part)
        if place < 0:
            return False
        left = left[place + len(part) :]
    return left.endswith(last)


TESTS: dict[str, Callable[[str | None, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringNotEquals": lambda value, wanted: value != wanted,
    "StringLike": _is_like,
    "StringNotLike": lambda value, wanted: not _is_like(value, wanted),
}
