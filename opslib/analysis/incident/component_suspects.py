"""Which components to suspect first when one of them is slow or fails, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from opslib.errors import ParameterError
from opslib.tables.component_metrics import ComponentMetric

__all__ = ["ComponentRanking", "ComponentSuspect", "Symptom"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What suffers.

    Args:
        component: that is slow or fails.
        metric: latency or availability.
        onset: when it began, aware; None where that is not known, which costs accuracy: levels
            are then compared with the normal period, however long ago that was.

    Raises:
        ParameterError: another metric, or an onset without a time zone.
    """

    component: str
    metric: ComponentMetric
    onset: datetime | None = None

    def __post_init__(self) -> None:
        if self.metric is ComponentMetric.REQUESTS:
            raise ParameterError("a symptom is latency or availability", where="symptom metric")
        if self.onset is not None and self.onset.tzinfo is None:
            raise ParameterError(
                f"onset has no time zone: {self.onset.isoformat()}",
                where="symptom onset",
                remedy="Write it with an offset, such as 2026-03-02T06:00:00Z.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentSuspect:
    """One component, and what speaks for suspecting it.

    Amounts are per request of the symptom's component, weighed by how much it suffered:
    seconds by latency, failed requests by availability.

    Args:
        component: its name.
        score: 0 to 1; explained share times significance, of five standard deviations at most.
        gross_excess: what it cost beyond usual, with all that it waits for.
        own_excess: the part that its callees do not explain and that reaches the symptom.
        explained: share of the symptom's excess that this explains, 0 to 1.
        significance: own excess in standard deviations of quiet windows.
        requests_ratio: requests for one of the symptom's component, against usual; None where
            either is unknown.
        distance: calls between it and the symptom's component; None where there is no way.
        inherited_from: the caller whose excess it may explain, since it departed itself from
            usual in another way at the same time; None where the excess is its own.
        departure: in which way, in words; empty where ``inherited_from`` is None.
    """

    component: str
    score: float
    gross_excess: float
    own_excess: float
    explained: float
    significance: float
    requests_ratio: float | None
    distance: int | None
    inherited_from: str | None
    departure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRanking:
    """Suspects in order, and whether the first is more than the noise of a quiet day.

    Args:
        suspects: all components that are known of, the first to suspect first.
        symptom_excess: of the symptom's component, seconds or failed requests a request.
        p_value: share of quiet windows of the normal period, this window counted among them,
            whose first suspect is as strong (conformal p-value).
        quiet_windows: how many were asked.
        confident: whether the first suspect may be named as such.
        reservations: why not, in sentences; empty where confident.
    """

    suspects: tuple[ComponentSuspect, ...]
    symptom_excess: float
    p_value: float
    quiet_windows: int
    confident: bool
    reservations: tuple[str, ...]
