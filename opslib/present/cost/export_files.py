"""Files beside a cost report, to send on."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.cost.report import CostReport
from opslib.present.cost.digest import digest_markdown, digest_text
from opslib.present.html import Html
from opslib.present.links import link_files

__all__ = ["export_files", "link_exports"]

MARKDOWN, TEXT = "digest.md", "digest.txt"
MEANT_FOR = {
    f"exports/{MARKDOWN}": "the report in fifteen lines, for chat and issues",
    f"exports/{TEXT}": "the same as plain text, for mail; `opslib digest` prints it",
}


def export_files(report: CostReport) -> Mapping[str, str]:
    """Return file name to text, as they are kept in the run's ``exports/``, without secrets."""
    return {MARKDOWN: digest_markdown(report), TEXT: digest_text(report)}


def link_exports() -> Html:
    """Return links to the files, as they lie beside a published report."""
    return link_files(MEANT_FOR)
