"""Terraform's state in the sandbox: one object an environment and layer, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = [
    "ENVIRONMENTS",
    "LAYERS",
    "STATE_BUCKET",
    "STATE_REPLICA",
    "StateObject",
    "StateStore",
    "plan_state_troubles",
    "plan_states",
]

STATE_BUCKET, STATE_REPLICA = "acme-terraform-state", "acme-terraform-state-replica"
ENVIRONMENTS = ("prod", "staging")
LAYERS = ("networking", "database", "compute", "monitoring")
OBJECT_TROUBLES = ("missing", "deleted", "empty", "locked")
OLDEST_DAYS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StateObject:
    """The state of one layer of one environment.

    Args:
        environment, layer: whose.
        changes: when it was written, oldest first; none where it never was.
        size_bytes: of the newest version, about.
        deleted_at: when it was deleted; None where it is there.
        locked_since: since when a run holds its lock.
    """

    environment: str
    layer: str
    changes: tuple[datetime, ...]
    size_bytes: int
    deleted_at: datetime | None = None
    locked_since: datetime | None = None

    @property
    def key(self) -> str:
        """Return its key in the bucket."""
        return f"{self.environment}/{self.layer}/terraform.tfstate"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateStore:
    """The bucket of all states.

    Args:
        states: what is in it.
        is_versioned: whether it keeps versions, which replicating it needs.
        is_closed: whether public access is blocked.
    """

    states: tuple[StateObject, ...] = ()
    is_versioned: bool = True
    is_closed: bool = True


def plan_states(epoch: datetime, chance: np.random.Generator) -> StateStore:
    """Return the states while nothing is wrong; ``chance`` draws when each was changed."""
    states = []
    for environment in ENVIRONMENTS:
        for layer in LAYERS:
            days = sorted(chance.uniform(1, OLDEST_DAYS, int(chance.integers(3, 9))), reverse=True)
            state = StateObject(
                environment=environment,
                layer=layer,
                changes=tuple(epoch - timedelta(seconds=int(day * 86400)) for day in days),
                size_bytes=int(chance.integers(8_000, 400_000)),
            )
            states.append(state)
    return StateStore(states=tuple(states))


def plan_state_troubles(
    store: StateStore, epoch: datetime, chance: np.random.Generator
) -> tuple[StateStore, tuple[PlantedTruth, ...]]:
    """Return ``store`` with one trouble of a state and one of the bucket, and what they are."""
    place = int(chance.integers(len(store.states)))
    kind = str(chance.choice(OBJECT_TROUBLES))
    state = _spoil(store.states[place], kind, epoch, chance)
    states = (*store.states[:place], state, *store.states[place + 1 :])
    store = replace(store, states=states)
    of_state = Claim(
        kind="dr.terraform_lock" if kind == "locked" else "dr.terraform_state",
        subject={"Bucket": STATE_BUCKET, "Key": state.key},
    )
    truths = [PlantedTruth(name=f"state_{kind}", part="terraform", claim=of_state)]
    if chance.integers(2):
        opened = Claim(kind="dr.terraform_access", subject={"Bucket": STATE_BUCKET})
        truth = PlantedTruth(name="state_open", part="terraform", claim=opened)
        return replace(store, is_closed=False), (*truths, truth)
    return replace(store, is_versioned=False), (*truths, _unversioned())


def _spoil(
    state: StateObject, kind: str, epoch: datetime, chance: np.random.Generator
) -> StateObject:
    ago = timedelta(hours=int(chance.integers(13, 90)))
    if kind == "missing":
        return replace(state, changes=())
    if kind == "deleted":
        return replace(state, deleted_at=epoch - min(ago, (epoch - state.changes[-1]) / 2))
    if kind == "empty":
        return replace(state, size_bytes=0)
    return replace(state, locked_since=epoch - ago)


def _unversioned() -> PlantedTruth:
    """Without versions there is no replica: no state has a second copy, nor has the bucket."""
    arns = [f"arn:aws:s3:::{name}" for name in (STATE_BUCKET, STATE_REPLICA)]
    return PlantedTruth(
        name="state_unversioned",
        part="terraform",
        claim=Claim(kind="dr.terraform_versioning", subject={"Bucket": STATE_BUCKET}),
        follows=(
            Claim(kind="dr.terraform_copy", subject={"Bucket": STATE_BUCKET}),
            *(Claim(kind="dr.unprotected", subject={"ResourceArn": arn}) for arn in arns),
        ),
    )
