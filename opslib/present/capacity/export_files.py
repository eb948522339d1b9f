"""Files beside a capacity report: settings to apply, and the reasons for each."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.capacity.document import CapacityReport
from opslib.present.capacity.scaling_files import format_hpa, format_tfvars
from opslib.present.capacity.scaling_reasons import format_reasons
from opslib.present.html import Html
from opslib.present.links import link_files

__all__ = ["export_files", "link_exports"]

TFVARS, HPA, REASONS = "scaling.auto.tfvars.json", "hpa.yaml", "scaling_reasons.md"
MEANT_FOR = {
    f"exports/{TFVARS}": "proposed scaling settings for Terraform",
    f"exports/{HPA}": "proposed settings of Horizontal Pod Autoscalers",
    f"exports/{REASONS}": "why each is proposed, and why each alternative is not",
    "tables/limits.csv": "every limit with its forecast and the days left",
    "tables/forecasts.parquet": "the forecast peak of each day, with its intervals",
}


def export_files(report: CapacityReport) -> Mapping[str, str]:
    """Return file name to text, as they are kept in the run's ``exports/``; none that is empty."""
    proposals = report.analysis.scaling
    written = {
        TFVARS: format_tfvars(proposals),
        HPA: format_hpa(proposals, report.parameters.as_of),
        REASONS: format_reasons(proposals),
    }
    return {name: text for name, text in written.items() if text}


def link_exports(report: CapacityReport) -> Html:
    """Return links to the files, as they lie beside a published report."""
    made = {f"exports/{name}" for name in export_files(report)}
    return link_files(
        {
            path: what
            for path, what in MEANT_FOR.items()
            if path in made or not path.startswith("exports/")
        }
    )
