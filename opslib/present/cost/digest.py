"""The cost report's digest, as mail and chat take it."""

from __future__ import annotations

from opslib.analysis.cost.digest import digest_report
from opslib.analysis.cost.report import CostReport
from opslib.present.digest import lines_as_markdown, lines_as_text

__all__ = ["digest_markdown", "digest_text"]


def digest_markdown(report: CostReport) -> str:
    """Return the digest as Markdown: its title, and a list."""
    return lines_as_markdown(digest_report(report))


def digest_text(report: CostReport) -> str:
    """Return the digest as plain text, a line each."""
    return lines_as_text(digest_report(report))
