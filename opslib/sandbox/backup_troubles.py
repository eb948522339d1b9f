"""What goes wrong with the backups of scenario ``troubled``, each on a resource of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from opslib.sandbox.backups import DataStore
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["plan_backup_troubles"]

SHORT_DAYS = (7, 14, 21)
WITH_SNAPSHOTS = ("Aurora", "RDS")


def plan_backup_troubles(
    stores: tuple[DataStore, ...], chance: np.random.Generator
) -> tuple[tuple[DataStore, ...], tuple[PlantedTruth, ...]]:
    """Return ``stores`` with the troubles in them, and what they are.

    Args:
        stores: what holds data while nothing is wrong.
        chance: draws which resource, since when, and how short.
    """
    spared = [store for store in stores if not store.planned]
    free = [store for store in stores if store.planned]
    tables = [store for store in free if store.type == "DynamoDB"]
    databases = [store for store in free if store.type in WITH_SNAPSHOTS]
    pitr, unencrypted = _draw(tables, chance), _draw(databases, chance)
    free = [store for store in free if store not in (pitr, unencrypted)]
    places = chance.permutation(len(free))
    unplanned, stale, failed, uncopied, short, *fine = (free[int(place)] for place in places)
    planted = (
        ("pitr_off", replace(pitr, pitr=False)),
        ("unencrypted_recovery_point", replace(unencrypted, encrypted=False)),
        ("unprotected", replace(unplanned, planned=False)),
        ("stale_recovery_point", replace(stale, newest_days=int(chance.integers(2, 9)))),
        ("failed_backup_job", replace(failed, failed_backups=(int(chance.integers(1, 6)),))),
        _plant_copy(uncopied, chance),
        ("short_retention", replace(short, retention_days=int(chance.choice(SHORT_DAYS)))),
    )
    changed = (*(store for _, store in planted), *fine, *spared)
    by_arn = {store.arn: store for store in changed}
    truths = tuple(_truth(kind, store) for kind, store in planted)
    return tuple(by_arn[store.arn] for store in stores), truths


def _draw(stores: list[DataStore], chance: np.random.Generator) -> DataStore:
    return stores[int(chance.integers(len(stores)))]


def _plant_copy(store: DataStore, chance: np.random.Generator) -> tuple[str, DataStore]:
    """Plant copies that were never asked for, or one that failed on an earlier day."""
    if chance.integers(2):
        return "no_cross_region_copy", replace(store, copied=False)
    return "failed_copy_job", replace(store, failed_copies=(int(chance.integers(1, 6)),))


def _truth(kind: str, store: DataStore) -> PlantedTruth:
    claim = Claim(kind=f"dr.{kind}", subject={"ResourceArn": store.arn})
    follows: tuple[Claim, ...] = ()
    if kind == "stale_recovery_point":
        follows = (Claim(kind="dr.rpo_missed", subject={"Source": store.name}),)
    return PlantedTruth(name=kind, part="dr", claim=claim, follows=follows)
