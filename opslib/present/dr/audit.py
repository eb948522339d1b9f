"""What an auditor asks of a drill: the controls that it speaks to, and who signed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from opslib.analysis.dr.report import DrReport
from opslib.findings import ControlEvidence, ControlStatus
from opslib.present.html import Column, Html, table, text

__all__ = ["ROLES", "show_sign_off", "sign_off_of", "tabulate_controls_mapping"]

ROLES = ("Led the drill", "Owns the system", "Reviewed the evidence")
FIELDS = ("Name", "Role", "Date", "Decision", "Signature")
DECISION = "accepted / accepted with conditions / rejected"
ORDER = (ControlStatus.NOT_SUPPORTED, ControlStatus.NOT_SHOWN, ControlStatus.SUPPORTED)
MOST_NAMED = 3
NOTE = (
    "Supported means that every answer of this drill that bears on the control is a pass. Whether "
    "a control is met is for the auditor to say; it wants more than a drill. Requirements are in "
    "our own words."
)


def tabulate_controls_mapping(controls: Sequence[ControlEvidence]) -> Html:
    """Return one row a control: what it wants, what the drill shows, and where to look."""
    counts = [sum(control.status is status for control in controls) for status in ORDER]
    tally = ", ".join(
        f"{number} {status.value}" for number, status in zip(counts, ORDER, strict=True) if number
    )
    rows = [
        (
            control.framework,
            control.control,
            control.requirement,
            control.status.value,
            _shown(control),
            ", ".join(control.evidence),
        )
        for control in controls
    ]
    columns = ("Framework", "Control", "What it wants", "This drill", "By", "Evidence")
    return table(
        [Column(name) for name in columns],
        rows,
        caption=f"Controls that this drill speaks to: {tally or 'none'}",
        note=NOTE,
    )


def _shown(control: ControlEvidence) -> str:
    """Return what is missing, else the answers; and how many findings speak against it."""
    told = " ".join(control.because or control.conclusions)
    number = len(control.findings)
    if not number:
        return told
    named = ", ".join(control.findings[:MOST_NAMED])
    return f"{told} Findings: {number} ({named}{', ...' if number > MOST_NAMED else ''})"


def show_sign_off(
    digest: str, *, notebook: str, environment: str, as_of: datetime, roles: Sequence[str] = ROLES
) -> Html:
    """Return a block to be signed by hand, bound to what the report concludes.

    Args:
        digest: SHA-256 of ``findings.json``, from `opslib.runner.results.findings_sha256`.
        notebook: whose report.
        environment: of what.
        as_of: the moment that it speaks of.
        roles: who signs, one row each.
    """
    what = f"{notebook}, {environment}, as of {as_of:%Y-%m-%d %H:%M} UTC"
    head = "".join(f'<th class="text" scope="col">{field}</th>' for field in FIELDS)
    rows = "".join(_line(role) for role in roles)
    markup = (
        '<div class="ops-table ops-sign-off"><table><caption>Sign-off: '
        f"{text(what)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="ops-note">Bound to SHA-256 of findings.json: <code>{text(digest)}</code>. '
        "Compare it with the file (sha256sum findings.json) and with run.json before signing; "
        "strike out what does not apply.</p></div>"
    )
    plain = [f"Sign-off: {what}", f"SHA-256 of findings.json: {digest}"]
    plain += [f"{role}: name ____  date ____  decision ({DECISION}) ____" for role in roles]
    return Html(markup, "\n".join(plain))


def sign_off_of(report: DrReport, digest: str) -> Html:
    """Return the block to sign of a report; after a restore it follows the teardown instead.

    Args:
        report: the drill.
        digest: SHA-256 of its ``findings.json``.
    """
    parameters = report.parameters
    if parameters.changes_aws:
        told = "The block to sign stands at the end, where what the drill made is deleted."
        return Html(f"<p>{text(told)}</p>", told)
    return show_sign_off(
        digest,
        notebook=parameters.notebook,
        environment=parameters.environment,
        as_of=parameters.as_of,
    )


def _line(role: str) -> str:
    blank = '<td class="text"></td>'
    return (
        f'<tr>{blank}<td class="text">{text(role)}</td>{blank}'
        f'<td class="text">{DECISION}</td>{blank}</tr>'
    )
