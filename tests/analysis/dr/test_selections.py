from __future__ import annotations

from typing import Any

import pytest

from opslib.analysis.dr.selections import selecting_plans
from opslib.tables.backups import BACKUP_SELECTIONS
from tests.analysis.dr.backups import ORDERS, frame, selection

TAGS = {"Backup": "daily", "Environment": "prod"}


def tag(key: str, value: str) -> dict[str, str]:
    return {"ConditionKey": key, "ConditionValue": value}


def plans(tags: dict[str, str] | None = TAGS, **chosen: Any) -> tuple[str, ...] | None:
    return selecting_plans(ORDERS, tags, frame([selection(**chosen)], BACKUP_SELECTIONS))


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        ({"Resources": [ORDERS]}, True),
        ({"Resources": ["arn:aws:rds:*:*:cluster:*"]}, True),
        ({"Resources": ["arn:aws:rds:*:*:db:*"]}, False),
        ({"Resources": ["*"], "NotResources": ["*:orders"]}, False),
        ({"Resources": ["*"], "NotResources": ["*:orders-*"]}, True),
        ({"ListOfTags": [tag("Backup", "no"), tag("Environment", "prod")]}, True),
        ({"ListOfTags": [tag("Backup", "no")]}, False),
        ({"Resources": ["arn:aws:ec2:*"], "ListOfTags": [tag("Backup", "daily")]}, False),
        ({"Conditions": {"StringEquals": [tag("aws:ResourceTag/Backup", "daily")]}}, True),
        (
            {"Conditions": {"StringEquals": [tag("Backup", "daily"), tag("Environment", "dev")]}},
            False,
        ),
        ({"Conditions": {"StringNotEquals": [tag("aws:ResourceTag/Missing", "x")]}}, True),
        ({"Conditions": {"StringLike": [tag("aws:ResourceTag/Environment", "p*d")]}}, True),
        ({"Conditions": {"StringLike": [tag("aws:ResourceTag/Environment", "pro")]}}, False),
        ({"Conditions": {"StringNotLike": [tag("aws:ResourceTag/Backup", "da*ly")]}}, False),
        ({"Resources": ["*orders*orders"]}, False),
    ],
)
def test_a_selection_takes_what_aws_says_it_takes(chosen: dict[str, Any], taken: bool) -> None:
    assert plans(**chosen) == (("daily",) if taken else ())


def test_without_tags_a_selection_by_tags_cannot_be_told() -> None:
    assert plans(None, ListOfTags=[tag("Backup", "daily")]) is None
    assert plans(None, Resources=["*"]) == ("daily",)
    assert plans(None, Resources=["none"], ListOfTags=[tag("Backup", "daily")]) == ()
