"""What people decided about findings: who answers for one, and which count for nothing for now.

No verdict follows from it: a question that failed stays failed, whatever is suppressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from opslib.findings import Finding, Severity, Suppression, open_findings
from opslib.parameters.base import NotebookParameters
from opslib.parameters.owners import OwnerRule
from opslib.parameters.suppressed import SuppressedFinding
from opslib.wording import day, printable

__all__ = ["decide_findings"]

ACCOUNT_NAMES = ("SubAccountId", "SubAccountName", "Account")
"""Names by which the subject of a finding tells an account."""


def decide_findings(
    findings: Iterable[Finding], parameters: NotebookParameters
) -> tuple[Finding, ...]:
    """Return findings with their owners, those that are suppressed last, marked and never left out.

    A suppression whose last day has passed is told by a finding of its own where it would hold.

    Args:
        findings: the most urgent first.
        parameters: of the run; its ``as_of`` is the day that suppressions are held against.
    """
    told = [_decide(finding, parameters) for finding in findings]
    suppressed = [finding for finding in told if finding.suppressed is not None]
    expired = _expired(told, parameters)
    return (*open_findings(told), *expired, *suppressed)


def _decide(finding: Finding, parameters: NotebookParameters) -> Finding:
    today = parameters.as_of.date()
    held = [one for one in parameters.suppressed if one.holds(today) and one.names(finding)]
    longest = max(held, key=lambda one: one.until, default=None)
    return replace(
        finding,
        owner=finding.owner or _owner(finding, parameters),
        suppressed=None
        if longest is None
        else Suppression(reason=longest.reason, by=longest.by, until=longest.until),
    )


def _owner(finding: Finding, parameters: NotebookParameters) -> str:
    """Return who answers for the account of a finding; empty where nobody does, or two do.

    A finding tells no tags: rules that ask for some need an analysis that knows its resources.
    """
    accounts = _accounts(finding, parameters)
    by_account = [rule for rule in parameters.owners if _is_of_account(rule, accounts)]
    owners = {rule.owner for rule in by_account}
    return owners.pop() if len(owners) == 1 else ""


def _is_of_account(rule: OwnerRule, accounts: set[str]) -> bool:
    return not rule.tags and bool(accounts & set(rule.accounts))


def _accounts(finding: Finding, parameters: NotebookParameters) -> set[str]:
    """Return ids and names of the account that a finding is about, or of the only one read."""
    told = {finding.subject[name] for name in ACCOUNT_NAMES if finding.subject.get(name)}
    for value in finding.subject.values():
        parts = value.split(":")
        told |= {parts[4]} if value.startswith("arn:") and len(parts) > 5 and parts[4] else set()  # noqa: PLR2004  arn:partition:service:region:account:resource
    known = parameters.accounts
    if not told and len(known) == 1:
        told = {known[0].id}
    return told | {
        name for one in known if {one.id, one.label} & told for name in (one.id, one.label)
    }


def _expired(findings: Sequence[Finding], parameters: NotebookParameters) -> Iterator[Finding]:
    today = parameters.as_of.date()
    for one in parameters.suppressed:
        back = [each for each in open_findings(findings) if one.names(each)]
        if back and not one.holds(today):
            yield _came_back(one, back[0])


def _came_back(one: SuppressedFinding, finding: Finding) -> Finding:
    return Finding(
        kind="suppression.expired",
        subject={"Suppressed": one.named},
        severity=Severity.INFO,
        sentence=f"{printable(one.by)} suppressed {printable(one.named)} until {day(one.until)}, "
        f"which is past: it counts again. The reason was: {printable(one.reason)}. It is: "
        f"{finding.sentence}",
        action="Decide again and set another day, or delete the entry from suppressed.yaml.",
        owner=finding.owner,
    )
