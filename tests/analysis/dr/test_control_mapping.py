from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.dr.control_mapping import (
    ALWAYS,
    CONTROLS,
    FILES,
    KINDS,
    map_controls,
    question_key,
)
from opslib.analysis.dr.drill import Drill, DrillPlan
from opslib.analysis.dr.questions import BACKED_UP, QUESTIONS, WHOLE
from opslib.analysis.dr.report import analyse_drill
from opslib.findings import Conclusion, ControlStatus, Finding, Severity, Verdict
from opslib.parameters import DrParameters
from opslib.tables.database_servers import DATABASE_SERVERS
from opslib.tables.drills import PAST_RUNS, RESTORE_JOBS
from opslib.tables.recovery import RecoveryTables
from opslib.tables.terraform import STATE_BUCKETS, STATE_OBJECTS, TerraformTables
from tests.analysis.dr.backups import AS_OF, tables

ANALYSIS = Path(__file__).parents[3] / "opslib" / "analysis" / "dr"
SECRET = "env:SOURCE"


def answer(key: str, verdict: Verdict) -> Conclusion:
    return Conclusion(question=QUESTIONS[key], verdict=verdict, sentence=f"It is {verdict.value}.")


def all_pass(**others: Verdict) -> list[Conclusion]:
    return [answer(key, others.get(key, Verdict.PASS)) for key in QUESTIONS]


def found(kind: str, severity: Severity = Severity.HIGH) -> Finding:
    return Finding(kind=kind, subject={}, severity=severity, sentence="x", action="y")


def statuses(*conclusions: Conclusion) -> dict[str, ControlStatus]:
    return {one.control: one.status for one in map_controls(conclusions, ())}


def test_the_controls_are_those_that_auditors_ask_about() -> None:
    names = {control.name for control in CONTROLS}
    assert names == {
        "A1.2", "A1.3", "A.5.30", "A.8.13", "CP-4", "CP-9", "CP-10", "Article 11", "Article 12"
    }  # fmt: skip
    assert len({(control.framework, control.name) for control in CONTROLS}) == len(CONTROLS)
    for control in CONTROLS:
        assert control.needs
        assert set(control.needs) <= set(QUESTIONS)
        assert control.requirement.count(".") == 1, "one sentence"
    assert set(FILES) == set(QUESTIONS)
    assert set(KINDS.values()) <= set(QUESTIONS)


def test_with_every_answer_a_pass_all_are_supported_and_none_is_compliant() -> None:
    mapped = map_controls(all_pass(), ())
    assert {one.status for one in mapped} == {ControlStatus.SUPPORTED}
    assert all(one.because == () for one in mapped)
    words = " ".join(status.value for status in ControlStatus)
    assert not re.search(r"compl(y|iant|ies)", words)


@pytest.mark.parametrize("key", QUESTIONS)
def test_each_answer_bears_on_the_controls_that_name_it_and_no_other(key: str) -> None:
    failed = statuses(*all_pass(**{key: Verdict.FAIL}))
    unsure = statuses(*all_pass(**{key: Verdict.INCONCLUSIVE}))
    unasked = statuses(*(c for c in all_pass() if c.question != QUESTIONS[key]))
    bears = {control.name for control in CONTROLS if key in control.needs}
    assert bears
    for name in failed:
        expected = (
            (ControlStatus.NOT_SUPPORTED, ControlStatus.NOT_SHOWN, ControlStatus.NOT_SHOWN)
            if name in bears
            else (ControlStatus.SUPPORTED,) * 3
        )
        assert (failed[name], unsure[name], unasked[name]) == expected, name


def test_why_it_is_not_shown_is_told() -> None:
    mapped = {one.control: one for one in map_controls([answer("backed_up", Verdict.PASS)], ())}
    assert mapped["A.8.13"].because[0] == f"{WHOLE} Not asked."
    assert BACKED_UP in mapped["A.8.13"].conclusions
    assert set(ALWAYS) < set(mapped["A.8.13"].evidence)


def test_what_is_no_question_of_ours_bears_on_nothing() -> None:
    other = Conclusion(question="Is it raining?", verdict=Verdict.FAIL, sentence="Yes.")
    assert map_controls([*all_pass(), other], ()) == map_controls(all_pass(), ())
    assert {one.status for one in map_controls((), ())} == {ControlStatus.NOT_SHOWN}


def test_findings_speak_against_the_controls_of_their_question() -> None:
    findings = [found("dr.unprotected"), found("dr.rto_missed"), found("dr.pitr_off", Severity.LOW)]
    mapped = {one.control: one for one in map_controls(all_pass(), findings)}
    assert mapped["A1.2"].findings == (findings[0].id,)
    assert mapped["A1.3"].findings == (findings[1].id,)
    assert mapped["Article 12"].findings == (findings[0].id, findings[1].id)


def test_more_files_may_be_named_by_the_report() -> None:
    files = {"in_time": ["tables/phases.csv"]}
    (one,) = map_controls(all_pass(), (), controls=CONTROLS[1:2], files=files)
    assert "tables/phases.csv" in one.evidence
    (one,) = map_controls((), (), controls=CONTROLS[1:2], files=files)
    assert one.evidence == ALWAYS, "what was not asked left no file"


def test_every_kind_of_finding_about_backups_is_known() -> None:
    """The kinds stand in the checks as text: a new one must find its question."""
    restored = {"missed_injury", "rto_missed", "rpo_missed", "to_set_after_restore"}
    named = {
        kind
        for path in ANALYSIS.glob("*.py")
        if path.name not in {"control_mapping.py", "restore_findings.py"}
        for kind in re.findall(r'kind="(?:dr\.)?([a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) > 15
    unknown = {kind for kind in named - restored if question_key(f"dr.{kind}") == "whole"}
    assert unknown == set()


def test_the_report_asks_by_the_same_words() -> None:
    parameters = DrParameters.parse(
        {
            "as_of": AS_OF,
            "mode": "validate_existing",
            "source": "orders",
            "restored": "copy",
            "source_secret": SECRET,
            "restored_secret": SECRET,
            "database": "orders",
            "baseline": "somewhere",
        }
    )
    servers = pd.DataFrame(columns=list(DATABASE_SERVERS.columns))
    plan = DrillPlan(source=servers, choice=None, order=None, blocked="", usd_per_hour=None)
    nothing = Drill(plan=plan, restored_server=servers)
    report = analyse_drill(parameters, recovery_tables(), nothing, ())
    asked = [conclusion.question for conclusion in report.conclusions]
    assert {QUESTIONS["whole"], QUESTIONS["noticed"], QUESTIONS["backed_up"]} <= set(asked)


def recovery_tables() -> RecoveryTables:
    terraform = TerraformTables(
        buckets=pd.DataFrame(columns=list(STATE_BUCKETS.columns)),
        states=pd.DataFrame(columns=list(STATE_OBJECTS.columns)),
    )
    return RecoveryTables(
        backups=tables(),
        terraform=terraform,
        past_runs=pd.DataFrame(columns=list(PAST_RUNS.columns)),
        restore_jobs=pd.DataFrame(columns=list(RESTORE_JOBS.columns)),
    )


@given(st.lists(st.sampled_from(list(Verdict)), min_size=7, max_size=7))
def test_a_worse_answer_never_supports_more(verdicts: list[Verdict]) -> None:
    given_ = dict(zip(QUESTIONS, verdicts, strict=True))
    before = statuses(*all_pass(**given_))
    for key in QUESTIONS:
        after = statuses(*all_pass(**{**given_, key: Verdict.FAIL}))
        for name, status in after.items():
            if status is ControlStatus.SUPPORTED:
                assert before[name] is ControlStatus.SUPPORTED
