"""Bringing together what the tables tell about each resource."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pandas as pd

from opslib.analysis.dr.blind import BlindSpots
from opslib.analysis.dr.jobs import JobLine, list_jobs
from opslib.analysis.dr.plan_rules import PlanRule, list_rules
from opslib.analysis.dr.points import RecoveryPoint, given, list_points, unfit_because
from opslib.analysis.dr.selections import selecting_plan_ids, selecting_plans
from opslib.analysis.dr.subjects import Subject
from opslib.tables.backups import BackupTables

__all__ = ["gather_subjects"]

DONE = "COMPLETED"
Thing = TypeVar("Thing")


def gather_subjects(
    tables: BackupTables, blind: BlindSpots, as_of: datetime
) -> tuple[Subject, ...]:
    """Return every resource that holds data, in order of account, region, kind and name.

    Args:
        tables: what was read; what is later than ``as_of`` is left out.
        blind: what could not be read.
        as_of: the report's moment.
    """
    points = _by_resource(list_points(tables.points), lambda point: point.resource)
    backups = _by_resource(list_jobs(tables.backup_jobs, as_of), lambda job: job.resource)
    copies = _by_resource(list_jobs(tables.copy_jobs, as_of), lambda job: job.resource)
    stores = tables.stores.to_dict("records")
    regions = {row["ResourceArn"]: row["Region"] for row in stores}
    origins = {
        replica: row["ResourceName"]
        for row in stores
        if row["Versioning"] == "Enabled"
        for replica in _list(row["ReplicasOn"])
    }
    seen = _seen_vaults(tables.vaults, blind)
    subjects = [
        Subject(
            **_identity(row),
            **_kept(row, points[row["ResourceArn"]], as_of),
            copied_at=_copied_at(
                row["Region"],
                points[row["ResourceArn"]],
                copies[row["ResourceArn"]],
                seen,
                as_of,
            ),
            **_continuous(row, points[row["ResourceArn"]], backups[row["ResourceArn"]], as_of),
            **_recovery(row, as_of),
            **_replication(row, regions),
            **_blindness(row, blind),
            plans=_plans(row, tables.selections, blind),
            rules=_rules(row, tables),
            backup_jobs=backups[row["ResourceArn"]],
            copy_jobs=copies[row["ResourceArn"]],
            replica_of=row["ReplicaOf"] or origins.get(row["ResourceArn"], ""),
        )
        for row in stores
    ]
    return tuple(sorted(subjects, key=lambda s: (s.account, s.region, s.type, s.name)))


def _by_resource(
    things: Iterable[Thing], resource: Callable[[Thing], str]
) -> Mapping[str, tuple[Thing, ...]]:
    grouped: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        grouped[resource(thing)].append(thing)
    return defaultdict(tuple, {name: tuple(held) for name, held in grouped.items()})


def _identity(row: dict[Any, Any]) -> dict[str, Any]:
    return {
        "account": row["Account"],
        "region": row["Region"],
        "arn": row["ResourceArn"],
        "type": row["ResourceType"],
        "name": row["ResourceName"],
        "engine": row["Engine"],
    }


def _kept(row: dict[Any, Any], points: Sequence[RecoveryPoint], as_of: datetime) -> dict[str, Any]:
    here, fit = (row["Account"], row["Region"]), _fit(points, as_of)
    return {
        "points": tuple(p for p in fit if (p.account, p.region) == here),
        "copies": tuple(p for p in fit if p.region != row["Region"]),
        "kept": tuple(
            p for p in points if p.created <= as_of and (p.delete_at is None or p.delete_at > as_of)
        ),
    }


def _continuous(
    row: dict[Any, Any],
    points: Sequence[RecoveryPoint],
    jobs: Sequence[JobLine],
    as_of: datetime,
) -> dict[str, Any]:
    """Tell of the continuous backup: begun when it was created, written to by each job since."""
    here = (row["Account"], row["Region"])
    began = {
        p.arn: p.created
        for p in points
        if p.is_continuous and (p.account, p.region) == here and not unfit_because(p, as_of)
    }
    written = [job.created for job in jobs if job.state == DONE and job.made in began]
    return {"continued_at": max((*written, *began.values()), default=None)}


def _fit(points: Sequence[RecoveryPoint], as_of: datetime) -> list[RecoveryPoint]:
    return [p for p in points if not unfit_because(p, as_of) and not p.is_continuous]


def _copied_at(
    region: str,
    points: Sequence[RecoveryPoint],
    jobs: Sequence[JobLine],
    seen: Collection[str],
    as_of: datetime,
) -> datetime | None:
    """Return when the newest copy in another region was made.

    Where its vault was read, a copy is what stands there; elsewhere, what a job says it made.
    """
    made = [point.created for point in _fit(points, as_of) if point.region != region]
    made += [
        job.created
        for job in jobs
        if job.state == DONE
        and job.destination not in seen
        and f":backup:{region}:" not in job.destination
    ]
    return max(made, default=None)


def _seen_vaults(vaults: pd.DataFrame, blind: BlindSpots) -> set[str]:
    """Return the ARNs of the vaults whose recovery points were read whole."""
    return {
        row["VaultArn"]
        for row in vaults.to_dict("records")
        if not blind.to_points(row["Account"], row["Region"])
    }


def _recovery(row: dict[Any, Any], as_of: datetime) -> dict[str, Any]:
    pitr, latest = given(row["IsPitrOn"]), given(row["PitrLatest"])
    told = latest if pitr else None
    return {
        "pitr": None if pitr is None else bool(pitr),
        "pitr_days": given(row["PitrDays"]) if pitr else None,
        # AWS tells how it stands when it is asked, which may be after the report's moment.
        "pitr_latest": None if told is None else min(told, as_of),
    }


def _replication(row: dict[Any, Any], regions: Mapping[str, str]) -> dict[str, Any]:
    targets = _list(row["ReplicasOn"])
    known = {regions[target] for target in targets if target in regions}
    return {
        "versioning": row["Versioning"],
        "replicas": tuple(sorted(known - {row["Region"]})),
        "strays": tuple(target for target in targets if target not in regions),
        "blind_to_replication": row["ResourceType"] == "S3"
        and "" in {row["Versioning"], row["ReplicasOn"]},
    }


def _list(text: str) -> list[str]:
    listed: list[str] = json.loads(text or "[]")
    return listed


def _blindness(row: dict[Any, Any], blind: BlindSpots) -> dict[str, Any]:
    here = (row["Account"], row["Region"])
    return {
        "blind_to_points": blind.to_points(*here),
        "blind_to_copies": blind.to_copies(*here),
        "blind_to_jobs": blind.to(*here, "backup jobs"),
        "blind_to_copy_jobs": blind.to(*here, "copy jobs"),
    }


def _plans(
    row: dict[Any, Any], selections: pd.DataFrame, blind: BlindSpots
) -> tuple[str, ...] | None:
    plans = selecting_plans(row["ResourceArn"], _tags(row), _beside(row, selections))
    return None if not plans and blind.to_plans(row["Account"], row["Region"]) else plans


def _rules(row: dict[Any, Any], tables: BackupTables) -> tuple[PlanRule, ...]:
    """Return the rules of the plans that are known to select a resource."""
    chosen = _beside(row, tables.selections)
    plans = selecting_plan_ids(row["ResourceArn"], _tags(row), chosen)
    return list_rules(_beside(row, tables.rules), plans)


def _tags(row: dict[Any, Any]) -> dict[str, str] | None:
    return json.loads(row["Tags"]) if row["Tags"] else None


def _beside(row: dict[Any, Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``frame`` of the same account and region."""
    here = (frame["Account"] == row["Account"]) & (frame["Region"] == row["Region"])
    beside: pd.DataFrame = frame.loc[here]
    return beside
