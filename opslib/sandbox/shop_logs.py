"""What the shop's services write into their log groups: a line for each request that fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from opslib.sandbox.incident_plan import ChangeKind, IncidentPlan
from opslib.sandbox.metric_store import read_series
from opslib.sandbox.metric_values import effect_at
from opslib.sandbox.shop import CALLS, SERVICES, callers_of, hex_id, log_groups
from opslib.sandbox.shop_metrics import ShopMetric, list_metrics

__all__ = ["LINE_BYTES", "LogLine", "lines_between"]

LINE_BYTES = 210
"""About how long a line is, for what a query scans."""
MINUTE = 60
USUAL = (
    "ERROR request {id} failed: connection reset by peer after {ms} ms",
    "ERROR request {id} failed: client closed the connection",
    "ERROR request {id} failed: malformed body at offset {ms}",
)
HOSTILE = (
    'ERROR login of "<script>alert(1)</script>" failed: password=correct-horse-battery from'
    " 192.0.2.{number}"
)
UPSTREAM = "ERROR request {id} failed: upstream {callee} answered 503 after {ms} ms"
SLOW = "WARN request {id} is slow: {ms} ms in {component}"
QUIET = "INFO served {number} requests in the last 30 s"
OWN: dict[ChangeKind, str] = {
    ChangeKind.DEPLOYMENT: "ERROR request {id} failed: KeyError: 'price_minor' in quote.py:{line}",
    ChangeKind.PIPELINE: "ERROR request {id} failed: TypeError: amount is None in charge.py:{line}",
    ChangeKind.CONFIGURATION: "ERROR request {id} failed: no connection in {ms} ms, pool-size 1",
    ChangeKind.SECURITY_GROUP: "ERROR request {id} failed: connect to {component} timed out",
    ChangeKind.DATABASE: "ERROR:  canceling statement due to statement timeout [{id}]",
    ChangeKind.POLICY: (
        "ERROR request {id} failed: AccessDeniedException: {component}-task is not authorized"
    ),
    ChangeKind.SCALING_LIMIT: "ERROR request {id} failed: queue is full, {number} requests wait",
    ChangeKind.FUNCTION: "ERROR {id} Task timed out after {ms} ms",
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line.

    Args:
        at: when it was written, to the millisecond.
        group: log group.
        stream: log stream.
        message: of the line.
        ingested: when CloudWatch took it in.
    """

    at: datetime
    group: str
    stream: str
    message: str
    ingested: datetime


def lines_between(
    plan: IncidentPlan, account: str, group: str, begin: datetime, end: datetime
) -> Iterator[LogLine]:
    """Yield the lines of a group in a half-open span, oldest first within each minute."""
    component = log_groups().get(group)
    if plan.is_empty or component is None:
        return
    first = begin.timestamp() // MINUTE * MINUTE
    failed = _failures(plan, account, component, (begin, end))
    last = min(end, plan.epoch).timestamp()
    starts = np.arange(first, last, MINUTE)
    hits = effect_at(plan, account, starts + MINUTE / 2)
    for start, hit in zip(starts.tolist(), hits.tolist(), strict=True):
        count = failed.get(start, 0)
        for line in _minute(plan, account, (group, component), start, (count, hit)):
            if begin <= line.at < end:
                yield line


def _failures(
    plan: IncidentPlan, account: str, component: str, span: tuple[datetime, datetime]
) -> dict[float, int]:
    """Return how many requests failed in each minute, as the component's metric has it."""
    begin = span[0] - timedelta(minutes=1)
    series = read_series(plan, account, _errors(component), "Sum", MINUTE, (begin, span[1]))
    counts = series.values.astype(int).tolist()
    return dict(zip(series.starts.tolist(), counts, strict=True))


def _errors(component: str) -> ShopMetric:
    names = ("HTTPCode_Target_5XX_Count",) if component in SERVICES else ("Errors",)
    return next(m for m in list_metrics() if m.name in names and m.component == component)


def _minute(
    plan: IncidentPlan,
    account: str,
    named: tuple[str, str],
    start: float,
    what: tuple[int, float],
) -> list[LogLine]:
    group, component = named
    failed, hit = what
    chance = np.random.default_rng(
        [plan.seed, int(hex_id(f"{account} {group}", 7), 16), int(start)]
    )
    struck = plan.incident is not None and plan.incident.component == component
    slow = 4 if struck and hit and plan.incident and plan.incident.latency_factor > 1 else 0
    templates = [QUIET, *([SLOW] * slow)]
    templates += [_template(plan, component, hit, float(luck)) for luck in chance.random(failed)]
    offsets = np.sort(chance.integers(0, MINUTE * 1000, len(templates)))
    numbers = chance.integers(1, 9_000, (len(templates), 2))
    return [
        _line(plan, named, start + offset / 1000, template, (int(first), int(second)))
        for offset, template, (first, second) in zip(
            offsets.tolist(), templates, numbers.tolist(), strict=True
        )
    ]


def _template(plan: IncidentPlan, component: str, hit: float, luck: float) -> str:
    """Return what a failed request says: its own fault, that of one it called, or the usual."""
    incident = plan.incident
    if incident and hit and incident.error_share and luck < 0.97:  # noqa: PLR2004
        if component == incident.component:
            return OWN[incident.kind]
        if component in callers_of(incident.component):
            callee = _towards(component, incident.component)
            is_direct = incident.kind is ChangeKind.SECURITY_GROUP and callee == incident.component
            own = OWN[incident.kind].replace("{component}", callee)
            return own if is_direct else UPSTREAM.replace("{callee}", callee)
    if component == "accounts" and luck > 0.995:  # noqa: PLR2004
        return HOSTILE
    return USUAL[int(luck * 1000) % len(USUAL)]


def _towards(caller: str, component: str) -> str:
    """Return the callee by which a caller reaches a component."""
    direct = [edge.callee for edge in CALLS if edge.caller == caller]
    reaching = (name for name in direct if name == component or name in callers_of(component))
    return next(reaching)


def _line(
    plan: IncidentPlan,
    named: tuple[str, str],
    second: float,
    template: str,
    numbers: tuple[int, int],
) -> LogLine:
    group, component = named
    at = datetime.fromtimestamp(second, UTC)
    told = template.format(
        id=f"{numbers[0]:04x}{numbers[1]:04x}-{component[:3]}",
        ms=numbers[1] % 4000 + 40,
        number=numbers[0] % 250,
        line=numbers[0] % 7 + 40,
        component=component,
    )
    late = timedelta(minutes=24) if _is_late(plan, component, at) else timedelta(seconds=2)
    stream = f"{component}/{hex_id(f'{component} {numbers[0] % 3}', 12)}"
    message = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z {told}"
    return LogLine(at, group, stream, message, at + late)


def _is_late(plan: IncidentPlan, component: str, at: datetime) -> bool:
    """Say whether a line was held back: those of one service for five minutes after the onset."""
    held = SERVICES[plan.seed % len(SERVICES)]
    return component == held and timedelta(0) <= at - plan.moment < timedelta(minutes=5)
