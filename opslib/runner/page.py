"""What stands around the cells of a report: facts of its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from opslib.runner.html import Page
from opslib.runner.manifest import Manifest

__all__ = ["minutes_text", "report_page", "utc_text"]

LINKS = (
    ("All reports", "../../../index.html"),
    ("Manifest", "run.json"),
    ("Findings", "findings.json"),
    ("Notebook", "report.ipynb"),
    ("Tables", "tables/"),
    ("Evidence", "evidence/"),
)


def report_page(manifest: Manifest) -> Page:
    """Return the header line, the footer and the links of a run's report."""
    as_of = datetime.fromisoformat(manifest.parameters["as_of"])
    return Page(
        title=manifest.question,
        line=(
            manifest.environment,
            f"as of {utc_text(as_of)}",
            f"run {utc_text(manifest.started_at)}",
            f"opslib {manifest.opslib_version}",
            *(f"AWS calls answered by {host}" for host in manifest.endpoints),
            *(() if manifest.keyid else ("unsigned",)),
        ),
        facts=tuple(_facts(manifest)),
        links=LINKS,
        has_code=True,
    )


def utc_text(moment: datetime) -> str:
    """Write a moment as people read it, in UTC.

    >>> utc_text(datetime(2026, 3, 2, 6, 0, tzinfo=UTC))
    '2 Mar 2026, 06:00 UTC'
    """
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def minutes_text(seconds: float) -> str:
    """Write a duration.

    >>> minutes_text(12), minutes_text(75)
    ('12 s', '1 min 15 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _facts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    calls = sum(int(call["count"]) for call in manifest.ledger)
    usd = sum((Decimal(call["usd"]) for call in manifest.ledger), Decimal(0))
    yield "Notebook", manifest.notebook
    yield "Environment", manifest.environment
    yield "Took", minutes_text(manifest.seconds)
    yield "Calls to AWS", f"{calls:,} ({usd:.2f} USD)"
    if manifest.endpoints:
        yield "AWS calls answered by", ", ".join(manifest.endpoints)
    yield "Signature", _signature(manifest)
    yield "opslib", manifest.opslib_version
    yield "Python", manifest.python_version
    if manifest.commit:
        yield "Commit", manifest.commit[:12] + ("-dirty" if "-dirty" in manifest.commit else "")


def _signature(manifest: Manifest) -> str:
    """Say where the signature is; the page is signed after it is written, and cannot vouch."""
    if not manifest.keyid:
        return "unsigned"
    return f"run.dsse.json, by key {manifest.keyid[:12]}; opslib verify tells whether it holds"
