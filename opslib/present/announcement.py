"""What is sent of a run: a subject and a few lines, the same for every notebook and every target.

A run that failed and a report that is late are told in the same form. Names come from outside:
every line is made harmless, and no secret is among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opslib.digest import DigestLine, digest_findings
from opslib.findings import Finding, FindingsDocument, Severity, Verdict, open_findings
from opslib.present.digest import lines_as_text
from opslib.wording import printable

__all__ = ["Announcement", "announce_absence", "announce_failure", "announce_report"]

LONGEST_SUBJECT = 99
"""Amazon SNS API Reference, Publish: a subject is ASCII text of less than 100 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A text to send.

    Args:
        subject: one line of ASCII, below 100 characters.
        text: harmless lines.
    """

    subject: str
    text: str


def announce_report(
    document: FindingsDocument, *, link: str, owner: str = "", at_least: Severity = Severity.INFO
) -> Announcement:
    """Return the digest of a report, and where it is.

    A report that found nothing is told too: a message that stays away would look like calm.

    Args:
        document: its findings.
        link: where it is; an address of ours, or a path.
        owner: tell only what this one answers for; all where empty.
        at_least: tell only findings of this severity or above.
    """
    told = tuple(one for one in document.findings if one.severity.rank >= at_least.rank)
    lines = digest_findings(replace(document, findings=told), owner)
    held = [one for one in open_findings(told) if owner in {"", one.owner}]
    counted = [*([] if owner else _verdicts(document)), _severities(held)]
    whose = f" for {owner}" if owner else ""
    return Announcement(
        subject=_subject(document.environment, document.notebook, "; ".join(counted) + whose),
        text=f"{lines_as_text(lines)}Report: {link}\n",
    )


def announce_failure(
    notebook: str, environment: str, *, begun: str, what: str, where: str, remedy: str, kept: str
) -> Announcement:
    """Return that a run failed: why, where, and what to do.

    Args:
        notebook: its name.
        environment: its environment.
        begun: when, in words.
        what: the error; it and the next two are left out where empty.
        where: where that was.
        remedy: what to do.
        kept: the folder that holds what there is of it.
    """
    title = DigestLine(
        label=f"{notebook} in {environment}", text=f"the run failed, no report (begun {begun})."
    )
    parts = {"What": what, "Where": where, "What to do": remedy, "Kept in": kept}
    said = [DigestLine(label=label, text=text) for label, text in parts.items() if text]
    return Announcement(
        subject=_subject(environment, notebook, "the run failed, no report"),
        text=lines_as_text([title, *said]),
    )


def announce_absence(notebook: str, environment: str, *, allowed: str, last: str) -> Announcement:
    """Return that a report is missing.

    Args:
        notebook: its name.
        environment: its environment.
        allowed: how old the newest may be, such as ``26h``.
        last: when the newest was made, in words; empty where there is none at all.
    """
    newest = f"the newest is of {last}" if last else "there never was one"
    title = DigestLine(
        label=f"{notebook} in {environment}", text=f"no report within {allowed}, {newest}."
    )
    remedy = DigestLine(
        label="What to do",
        text=f"look at its schedule and its log, or run it: opslib run {notebook} -e {environment}",
    )
    return Announcement(
        subject=_subject(environment, notebook, f"no report within {allowed}"),
        text=lines_as_text([title, remedy]),
    )


def _subject(environment: str, notebook: str, said: str) -> str:
    subject = printable(f"[{environment}] {notebook}: {said}", LONGEST_SUBJECT)
    return "".join(each if each.isascii() else "~" for each in subject)


def _verdicts(document: FindingsDocument) -> list[str]:
    """Return how many answers fail and how many cannot be given, those that there are."""
    told = [one.verdict for one in document.conclusions]
    counts = {each: told.count(each) for each in (Verdict.FAIL, Verdict.INCONCLUSIVE)}
    numbers = [f"{number} {each.value}" for each, number in counts.items() if number]
    return [", ".join(numbers)] if numbers else []


def _severities(findings: Sequence[Finding]) -> str:
    told = [one.severity for one in findings]
    counts = {each: told.count(each) for each in reversed(Severity)}
    numbers = [f"{number} {each.value}" for each, number in counts.items() if number]
    return ", ".join(numbers) or "no findings"
