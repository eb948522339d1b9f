"""The findings on scaling settings: too little for the recorded load, or more than it wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from opslib.analysis.capacity.demand.traffic import TrafficNeed
from opslib.analysis.capacity.missing import few, unread
from opslib.analysis.capacity.scaling.proposals import ScalingProposal, setting_words
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, Severity, Verdict
from opslib.wording import count, printable

__all__ = ["HELD", "conclude_scaling", "find_scaling", "find_traffic"]

HELD = "Would the scaling settings have held the recorded load?"
TABLES = (
    "capacity scaling",
    "capacity usage",
    "capacity ecs",
    "capacity ec2",
    "capacity eks",
    "capacity databases",
    "capacity dynamodb",
)


def find_scaling(proposals: Iterable[ScalingProposal]) -> tuple[Finding, ...]:
    """Return a finding for each setting in force that the recorded load was too much for.

    Args:
        proposals: with the replay of what is in force.
    """
    return tuple(finding for one in proposals for finding in _find(one))


def _find(proposal: ScalingProposal) -> Iterator[Finding]:
    now = proposal.now
    if now is None or proposal.proposed is None or proposal.is_supposed:
        return
    name = printable(proposal.name)
    if _is_short(proposal):
        yield Finding(
            kind="capacity.scaling_limit",
            subject={"Resource": proposal.name},
            severity=Severity.MEDIUM,
            sentence=f"At {setting_words(proposal.in_force, proposal.unit)}, {name} would have had "
            f"too little for {now.under_minutes_a_week:.1f} minutes a week of "
            f"{count(proposal.days, 'day')}; {proposal.allowed_minutes_a_week:g} are allowed.",
            action=_what_to_set(proposal),
            evidence=("scaling",),
        )


def _what_to_set(proposal: ScalingProposal) -> str:
    if proposal.proposed is None or not proposal.changes:
        return "Try larger settings: none of those replayed holds the load."
    setting = setting_words(proposal.proposed.setting, proposal.unit)
    return f"Set {setting}; why, and why no other, is in exports/scaling_reasons.md."


def _is_short(proposal: ScalingProposal) -> bool:
    now = proposal.now
    return now is not None and now.under_minutes_a_week > proposal.allowed_minutes_a_week


def find_traffic(needs: Iterable[TrafficNeed]) -> tuple[Finding, ...]:
    """Return a finding for each traffic plan that the present maximum does not hold."""
    return tuple(
        Finding(
            kind="capacity.traffic_plan",
            subject={"Plan": need.plan, "Resource": need.name},
            severity=Severity.HIGH,
            sentence=f"Plan {printable(need.plan)}, {printable(need.name)}: {need.why}.",
            action=f"Before the traffic comes, {need.remedy}.",
            evidence=("traffic",),
        )
        for need in needs
        if need.verdict is Verdict.FAIL
    )


def conclude_scaling(
    proposals: Sequence[ScalingProposal], coverage: Iterable[Coverage]
) -> Conclusion:
    """Return whether what is in force would have held the load.

    Args:
        proposals: with the replay of what is in force.
        coverage: of what was read.
    """
    short = [one.name for one in proposals if _is_short(one) and not one.is_supposed]
    judged = [one for one in proposals if one.now is not None and not one.is_supposed]
    if short:
        sentence = f"No: {few(short)} would have had too little."
        return Conclusion(question=HELD, verdict=Verdict.FAIL, sentence=sentence)
    missing = list(unread(coverage, *TABLES))
    missing += [f"{printable(one.name)}: {one.reason}" for one in proposals if one.now is None]
    supposed = [one.name for one in proposals if one.now is not None and one.is_supposed]
    if supposed:
        missing.append(f"AWS does not tell what is set: {few(supposed)}")
    full = [one.name for one in judged if one.unknown_minutes]
    if full:
        missing.append(f"more was wanted than was recorded: {few(full)}")
    if not proposals:
        missing.append("nothing that scales by itself was read")
    return Conclusion(
        question=HELD,
        verdict=Verdict.INCONCLUSIVE if missing else Verdict.PASS,
        sentence=f"{len(judged)} of {count(len(proposals), 'setting')} would have.",
        because=tuple(missing),
    )
