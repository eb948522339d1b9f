"""AWS Backup: the rules of the plans, and what they are assigned to.

Source: AWS Backup API Reference, ListBackupPlans, GetBackupPlan, ListBackupSelections and
GetBackupSelection.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from opslib.aws.places import Place, read_places, redacted_json
from opslib.aws.reads import Reads
from opslib.tables.backups import BACKUP_RULES, BACKUP_SELECTIONS

__all__ = ["read_backup_rules", "read_backup_selections"]

CHOICES = ("Resources", "NotResources", "ListOfTags", "Conditions")


def read_backup_rules(reads: Reads) -> pd.DataFrame:
    """Read the rules of every backup plan; columns of `BACKUP_RULES`."""

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        return [
            _rule_row(place, plan, rule)
            for plan in place.items("backup", "ListBackupPlans", "BackupPlansList")
            for rule in _rules(place, plan["BackupPlanId"])
        ]

    return read_places(reads, "backup plans", "all plans", BACKUP_RULES, fetch)


def _rules(place: Place, plan: str) -> list[dict[str, Any]]:
    answer = place.call("backup", "GetBackupPlan", BackupPlanId=plan)
    rules: list[dict[str, Any]] = answer["BackupPlan"]["Rules"]
    return rules


def _rule_row(place: Place, plan: dict[str, Any], rule: dict[str, Any]) -> tuple[Any, ...]:
    days = rule.get("Lifecycle", {}).get("DeleteAfterDays")
    window = rule.get("StartWindowMinutes")
    copies = [action["DestinationBackupVaultArn"] for action in rule.get("CopyActions", [])]
    return (
        place.label,
        place.region,
        plan["BackupPlanId"],
        plan.get("BackupPlanName", ""),
        rule["RuleName"],
        rule["TargetBackupVaultName"],
        rule.get("ScheduleExpression", ""),
        rule.get("ScheduleExpressionTimezone", "Etc/UTC"),
        None if window is None else float(window),
        None if days is None else float(days),
        redacted_json(sorted(copies)),
    )


def read_backup_selections(reads: Reads, rules: pd.DataFrame) -> pd.DataFrame:
    """Read what every backup plan is assigned to; columns of `BACKUP_SELECTIONS`.

    Args:
        reads: the context of the run.
        rules: columns of `BACKUP_RULES`; its plans are asked.
    """

    def plans(place: Place) -> dict[str, str]:
        mine = rules[(rules["Account"] == place.label) & (rules["Region"] == place.region)]
        return dict(sorted(zip(mine["PlanId"], mine["PlanName"], strict=True)))

    def fetch(place: Place) -> list[tuple[Any, ...]]:
        return [
            row for plan, name in plans(place).items() for row in _selections(place, plan, name)
        ]

    return read_places(
        reads,
        "backup selections",
        "all assignments of the plans",
        BACKUP_SELECTIONS,
        fetch,
        lambda place: {"plans": sorted(plans(place))},
    )


def _selections(place: Place, plan: str, name: str) -> list[tuple[Any, ...]]:
    listed = place.items(
        "backup", "ListBackupSelections", "BackupSelectionsList", BackupPlanId=plan
    )
    return [
        _selection_row(
            place,
            (plan, name),
            place.call(
                "backup",
                "GetBackupSelection",
                BackupPlanId=plan,
                SelectionId=selection["SelectionId"],
            )["BackupSelection"],
        )
        for selection in listed
    ]


def _selection_row(
    place: Place, plan: tuple[str, str], selection: dict[str, Any]
) -> tuple[Any, ...]:
    chosen = {name: selection[name] for name in CHOICES if selection.get(name)}
    return (
        place.label,
        place.region,
        *plan,
        selection["SelectionName"],
        redacted_json(chosen),
    )
