"""Showing results: figures, tables and sentences. Everything from outside is escaped here."""

from __future__ import annotations

from opslib.present.evidence import show_evidence
from opslib.present.findings import show_conclusions, show_coverage, show_findings

__all__ = ["show_conclusions", "show_coverage", "show_evidence", "show_findings"]
