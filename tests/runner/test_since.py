"""What a run says that the last one did not, in its report and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from opslib.findings import FindingsDocument
from opslib.runner.past_runs import write_past_runs
from opslib.runner.since import SINCE, amend_with_changes, differing_parameters
from tests.runner.records import document, finding, gap, headline, record_run

ASKED = {"as_of": "2026-03-09T06:00:00Z", "top": 3}


def amended(tmp_path: Path, found: FindingsDocument, **asked: Any) -> tuple[Path, Any]:
    folder = tmp_path / "new"
    folder.mkdir()
    write_past_runs(folder, tmp_path, "tiny", "test")
    cells = [new_markdown_cell("## Findings"), new_code_cell("f"), new_markdown_cell("## More")]
    notebook = new_notebook(cells=cells)
    amend_with_changes(folder, notebook, found, {**ASKED, **asked})
    return folder, notebook


def shown(notebook: Any) -> str:
    (cell,) = (cell for cell in notebook.cells if cell.get("id") == "since-last-run")
    return str(cell.outputs[0].data["text/html"])


def test_the_section_stands_below_the_findings_and_in_a_file_beside_them(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("older")))
    old = finding("RDS")
    record_run(tmp_path, 5, document(old, headlines=(headline("10"),)))
    new = finding("EC2", sentence="EC2 <b>costs</b> more.")
    folder, notebook = amended(tmp_path, document(new, headlines=(headline("12.5"),)))
    assert [cell.source for cell in notebook.cells if cell.cell_type == "markdown"] == [
        "## Findings",
        "## Since the last run",
        "## More",
    ]
    assert "EC2 &lt;b&gt;costs&lt;/b&gt; more." in shown(notebook)
    assert 'href="../../../2026-03-02/test/tiny-070500Z/report.html"' in shown(notebook)
    assert "week cost: $10.00 → $12.50 (+25%)" in shown(notebook)
    told = json.loads((folder / SINCE).read_text())
    assert told["run"] == "2026-03-02/test/tiny-070500Z"
    assert told["new"] == [new.id]
    assert [one["id"] for one in told["gone"]] == [old.id]
    assert told["doubts"] == []
    assert told["headlines"][0]["before"] == "10"


def test_a_gap_or_another_question_makes_what_is_gone_doubtful(tmp_path: Path) -> None:
    folder = record_run(tmp_path, 0, document(finding("RDS")))
    written = json.loads((folder / "run.json").read_text())
    written["predicate"]["parameters"] |= {"top": 9}
    (folder / "run.json").write_text(json.dumps(written))
    _, notebook = amended(tmp_path, document(coverage=(gap(),)))
    assert "not seen again" in shown(notebook)
    assert "1 gap: costs; this run was asked otherwise: top" in shown(notebook)
    assert "not to be taken as mended" in shown(notebook)


def test_a_first_report_says_so_and_one_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    broken = record_run(tmp_path, 5, document())
    (broken / "findings.json").write_text("{")
    folder, notebook = amended(tmp_path, document(finding("EC2")))
    assert "nothing to compare with" in shown(notebook)
    assert not (folder / SINCE).exists()


def test_the_same_run_again_is_the_same(tmp_path: Path) -> None:
    record_run(tmp_path, 0, document(finding("EC2")))
    _, notebook = amended(tmp_path, document(finding("EC2")))
    assert "The same findings and figures" in shown(notebook)


def test_moments_and_what_all_notebooks_share_ask_for_nothing_else() -> None:
    one = {"as_of": "1", "top": 3, "owners": [], "gone": 1}
    assert differing_parameters(one, {"as_of": "2", "top": 4, "owners": ["x"], "new": 2}) == (
        "top",
    )
