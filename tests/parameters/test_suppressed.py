"""Suppressed findings and owners: their files, what they do to findings, and what never changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opslib.errors import ParameterError
from opslib.findings import Finding, Severity, open_findings
from opslib.parameters import CostParameters
from opslib.parameters.decisions import decide_findings
from opslib.parameters.load import load_parameters
from opslib.parameters.suppressed import load_suppressed
from tests.runner.records import finding

ENTRY = """suppressed:
  - id: "0123456789ab"
    reason: known and paid for
    by: ada
    until: 2026-06-30
"""
KIND = """suppressed:
  - kind: cost.price_change
    subject: {ServiceName: EC2}
    reason: known
    by: ada
    until: 2026-06-30
"""


def write(folder: Path, text: str, name: str = "suppressed") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def decide(*findings: Finding, **values: Any) -> tuple[Finding, ...]:
    made = {"as_of": "2026-03-02T06:00:00Z", **values}
    return decide_findings(findings, CostParameters.parse(made))


def entry(**values: Any) -> dict[str, Any]:
    return {"reason": "known", "by": "ada", "until": "2026-03-02", **values}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("suppressed: [\n", "not valid YAML"),
        ("supressed: []\n", "unknown name 'supressed'; did you mean 'suppressed'?"),
        (ENTRY.replace('"0123456789ab"', "123456789012"), "write it in quotes"),
        (ENTRY.replace("by: ada", "who: ada"), "'suppressed.0.by' is missing"),
        (ENTRY.replace("2026-06-30", "soon"), "suppressed.yaml:5"),
        (ENTRY + ENTRY.partition("\n")[2], "0123456789ab is suppressed twice"),
        (KIND.replace("    subject: {ServiceName: EC2}\n", ""), "either id, or kind and subject"),
        (KIND + '    id: "0123456789ab"\n', "either id, or kind and subject"),
    ],
)
def test_a_malformed_file_is_told_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ParameterError) as refused:
        load_suppressed(write(tmp_path, text))
    assert said in str(refused.value)
    assert "suppressed.yaml" in refused.value.where


def test_the_files_of_an_environment_hold_for_each_of_its_notebooks(tmp_path: Path) -> None:
    write(tmp_path, KIND)
    write(tmp_path, "owners:\n  - {owner: payments, accounts: ['1']}\n", "owners")
    own = write(tmp_path, "top: 3\n", "cost_analysis")
    loaded = load_parameters(
        CostParameters, file=own, environment="prod", as_of="2026-03-02T06:00:00Z"
    )
    assert [one.until for one in loaded.suppressed] == [date(2026, 6, 30)]
    assert [rule.owner for rule in loaded.owners] == ["payments"]
    again = CostParameters.parse(loaded.model_dump(mode="json"))
    assert again == loaded


@pytest.mark.parametrize("overrides", [(), ("suppressed=[]",)])
def test_a_notebook_does_not_suppress_for_itself(
    tmp_path: Path, overrides: tuple[str, ...]
) -> None:
    own = write(tmp_path, "top: 3\n" if overrides else KIND, "cost_analysis")
    with pytest.raises(ParameterError, match="same for every notebook") as refused:
        load_parameters(
            CostParameters,
            file=own,
            overrides=overrides,
            environment="prod",
            as_of="2026-03-02T06:00:00Z",
        )
    assert "suppressed.yaml" in refused.value.remedy


def test_a_suppressed_finding_is_marked_and_last_and_never_left_out() -> None:
    first, second = finding("EC2", severity=Severity.HIGH), finding("S3")
    told = decide(first, second, suppressed=[entry(id=first.id)])
    assert [one.id for one in told] == [second.id, first.id]
    assert told[1].suppressed is not None
    assert told[1].suppressed.sentence == "Suppressed by ada until 2 Mar 2026: known."
    assert [one.id for one in open_findings(told)] == [second.id]


def test_part_of_a_subject_names_every_finding_of_the_kind_that_has_it() -> None:
    both = {"ServiceName": "EC2", "SkuMeter": "hours"}
    wanted = entry(kind="cost.price_change", subject={"ServiceName": "EC2"})
    told = decide(finding("EC2"), finding("x", subject=both), finding("S3"), suppressed=[wanted])
    assert [one.suppressed is not None for one in told] == [False, True, True]
    assert told[0].subject == {"ServiceName": "S3"}


def test_an_expired_suppression_counts_again_and_is_told() -> None:
    found = finding("EC2", severity=Severity.HIGH)
    told = decide(found, suppressed=[entry(id=found.id, until="2026-03-01")])
    assert open_findings(told) == told
    assert [one.kind for one in told] == ["cost.price_change", "suppression.expired"]
    assert "until 1 Mar 2026, which is past" in told[1].sentence
    assert len(decide(finding("S3"), suppressed=[entry(id=found.id, until="2026-03-01")])) == 1


def test_an_account_gives_a_finding_its_owner_by_id_name_and_arn() -> None:
    known = [{"id": "222222222222", "name": "prod"}, {"id": "333333333333", "name": "staging"}]
    owners = [{"owner": "payments", "accounts": ["prod"]}]
    told = decide(
        finding("a", subject={"Account": "prod"}),
        finding("b", subject={"SubAccountId": "222222222222"}),
        finding("c", subject={"ResourceArn": "arn:aws:rds:us-east-1:222222222222:db:x"}),
        finding("d", subject={"Account": "staging"}),
        finding("e"),
        finding("f", subject={"Account": "prod"}, owner="ada"),
        accounts=known,
        owners=owners,
    )
    assert [one.owner for one in told] == ["payments"] * 3 + ["", "", "ada"]
    (alone,) = decide(finding("e"), accounts=known[:1], owners=owners)
    assert alone.owner == "payments"


def test_an_account_of_two_owners_is_nobodys() -> None:
    owners = [{"owner": "a", "accounts": ["1"]}, {"owner": "b", "accounts": ["prod"]}]
    accounts = [{"id": "111111111111", "name": "prod"}]
    owners[0]["accounts"] = ["111111111111"]
    assert decide(finding("x"), accounts=accounts, owners=owners)[0].owner == ""
