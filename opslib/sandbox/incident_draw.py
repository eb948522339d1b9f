"""Drawing the incident of a scenario: what, of which component, when, and how much."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from opslib.sandbox.incident_changes import CHANGES, resource_of
from opslib.sandbox.incident_plan import ChangeKind, Incident, IncidentPlan, window_of
from opslib.sandbox.shop import SERVICES, callers_of
from opslib.sandbox.shop_deployments import DIRECT, PIPELINED
from opslib.sandbox.shop_traffic import Fault, error_rate, follow_requests

__all__ = ["SEEN_ERROR_RATE", "SEEN_P95_MS", "draw_plan"]

SEEN_P95_MS, SEEN_ERROR_RATE = 550.0, 0.016
"""What the shop's front must come to at least: an incident that nobody can see is none."""
FACTORS, SHARES = (2.0, 8.0), (0.02, 0.40)
STEPS = 7


def draw_plan(
    seed: int, epoch: datetime, stream: int, *, is_planted: bool, is_empty: bool = False
) -> IncidentPlan:
    """Return the day of the shop.

    Args:
        seed: moves everything; eight seeds in a row see every kind of change.
        epoch: the moment that the account lives in.
        stream: of chance, one a scenario.
        is_planted: whether there is an incident.
        is_empty: whether nothing was recorded.
    """
    chance = np.random.default_rng([seed, stream])
    incident = _draw_incident(seed, epoch, chance) if is_planted else None
    opens, _ = window_of(epoch)
    moment = incident.onset if incident else opens + timedelta(hours=float(chance.uniform(2, 9)))
    struck = {incident.component, *callers_of(incident.component)} if incident else set()
    others = [service for service in SERVICES if service not in struck]
    before = timedelta(seconds=int(chance.uniform(60, 720)))
    return IncidentPlan(
        seed=seed,
        epoch=epoch,
        is_empty=is_empty,
        incident=incident,
        decoy_service=others[int(chance.integers(len(others)))],
        decoy_at=moment - before,
        moment=moment,
    )


def _draw_incident(seed: int, epoch: datetime, chance: np.random.Generator) -> Incident:
    kind = list(ChangeKind)[seed % len(ChangeKind)]
    change = CHANGES[kind]
    components = [name for name in change.components if _fits(kind, name)]
    component = components[int(chance.integers(len(components)))]
    effect = change.effects[int(chance.integers(len(change.effects)))]
    factor, share = _draw_size(component, effect, chance)
    changed_at = _draw_change(epoch, chance)
    onset = changed_at + timedelta(seconds=int(60 * chance.uniform(*change.delay_minutes)))
    rolled_back_at = onset + timedelta(seconds=int(60 * _draw_minutes(chance)))
    return Incident(
        kind=kind,
        component=component,
        action=f"{change.source}:{change.call}",
        resource=resource_of(kind, component),
        changed_at=changed_at,
        onset=onset,
        ramp=timedelta(seconds=int(chance.integers(10, 70))),
        latency_factor=factor,
        error_share=share,
        rolled_back_at=rolled_back_at,
        recovered_at=rolled_back_at + timedelta(seconds=int(chance.uniform(90, 480))),
    )


def _fits(kind: ChangeKind, component: str) -> bool:
    """Say whether a component is deployed the way that a kind of change says."""
    ways = {ChangeKind.DEPLOYMENT: DIRECT, ChangeKind.PIPELINE: PIPELINED}
    return kind not in ways or component in ways[kind]


def _draw_change(epoch: datetime, chance: np.random.Generator) -> datetime:
    opens, _ = window_of(epoch)
    return opens + timedelta(seconds=int(3600 * chance.uniform(2, 9)))


def _draw_minutes(chance: np.random.Generator) -> float:
    """Return how long nobody took it back: mostly half an hour, at times much longer."""
    return float(15 + chance.gamma(1.6, 18)) if chance.random() < 0.75 else chance.uniform(70, 150)  # noqa: PLR2004


def _draw_size(component: str, effect: str, chance: np.random.Generator) -> tuple[float, float]:
    """Return latency factor and share of errors that the shop's front shows."""
    factors = _seen_factors(component) if effect != "errors" else []
    shares = _seen_shares(component)
    if effect == "latency" and factors:
        return float(chance.uniform(factors[0], FACTORS[1])), 0.0
    share = float(chance.uniform(shares[0], SHARES[1])) if shares else SHARES[1]
    return (float(chance.uniform(*FACTORS)) if effect != "errors" else 1.0), share


def _seen_factors(component: str) -> list[float]:
    """Return factors of latency that show, the least first."""
    return [
        float(factor)
        for factor in np.linspace(*FACTORS, STEPS)
        if follow_requests(Fault(component, float(factor)))["web"].latency_ms("p95") >= SEEN_P95_MS
    ]


def _seen_shares(component: str) -> list[float]:
    return [
        float(share)
        for share in np.geomspace(*SHARES, 2 * STEPS)
        if error_rate("web", Fault(component, 1.0, float(share))) >= SEEN_ERROR_RATE
    ]
