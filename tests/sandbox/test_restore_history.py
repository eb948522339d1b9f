from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from opslib.sandbox.estate import PAYER, PRODUCTION
from opslib.sandbox.handlers import restore_history
from opslib.sandbox.handlers.restore_history import extra_restore_jobs, validation_of
from opslib.sandbox.overlay import Caller
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import DEFAULT_EPOCH, plan_scenario
from tests.sandbox.answers import ask, ask_all

SEEDS = range(12)


def ask_backup(operation: str, *, account: str = PRODUCTION, **asked: Any) -> dict[str, Any]:
    return ask("backup", operation, account=account, **asked)


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(restore_history, "_VALIDATIONS", {})
    before = list(extra_restore_jobs)
    yield
    extra_restore_jobs[:] = before


def test_every_month_was_tested_and_comes_in_pages() -> None:
    pages = ask_all("backup", "ListRestoreJobs", "NextToken", account=PRODUCTION, MaxResults=7)
    jobs = [job for page in pages for job in page["RestoreJobs"]]
    assert len(pages) == 3
    assert len(jobs) == 18
    dates = [job["CreationDate"] for job in jobs]
    assert dates == sorted(dates, reverse=True)
    assert {date.day for date in dates} == {1}
    assert all(job["CompletionDate"] > job["CreationDate"] for job in jobs)
    since = DEFAULT_EPOCH - timedelta(days=40)
    recent = ask_backup("ListRestoreJobs", ByCreatedAfter=since, ByResourceType="Aurora")
    assert [job["CreationDate"].month for job in recent["RestoreJobs"]] == [3, 2]
    assert ask_backup("ListRestoreJobs", ByStatus="FAILED")["RestoreJobs"] == []


@pytest.mark.parametrize(("account", "scenario"), [(PAYER, "steady"), (PRODUCTION, "empty")])
def test_where_nothing_was_restored_there_is_nothing(account: str, scenario: str) -> None:
    asked = {"account": account, "scenario": scenario}
    assert ask_backup("ListRestoreJobs", **asked) == {"RestoreJobs": []}


@pytest.mark.usefixtures("own_state")
def test_a_verdict_that_is_sent_shows_in_the_list() -> None:
    newest = ask_backup("ListRestoreJobs")["RestoreJobs"][0]["RestoreJobId"]
    verdict = {"ValidationStatus": "FAILED", "ValidationStatusMessage": "3 rows were lost"}
    ask_backup("PutRestoreValidationResult", RestoreJobId=newest, **verdict)
    assert validation_of(PRODUCTION, newest) == verdict
    assert ask_backup("ListRestoreJobs")["RestoreJobs"][0].items() >= verdict.items()
    assert ask_backup("DescribeRestoreJob", RestoreJobId=newest).items() >= verdict.items()


@pytest.mark.usefixtures("own_state")
def test_a_job_that_goes_on_is_told_beside_the_others() -> None:
    def tell(caller: Caller) -> list[dict[str, Any]]:
        running = {"RestoreJobId": "RUN", "CreationDate": DEFAULT_EPOCH, "Status": "RUNNING"}
        return [running] if caller.account == PRODUCTION else []

    extra_restore_jobs.append(tell)
    assert ask_backup("ListRestoreJobs")["RestoreJobs"][0]["RestoreJobId"] == "RUN"
    assert ask_backup("ListRestoreJobs", account=PAYER)["RestoreJobs"] == []
    with pytest.raises(AwsError, match="cannot be validated"):
        ask_backup("PutRestoreValidationResult", RestoreJobId="RUN", ValidationStatus="FAILED")


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("PutRestoreValidationResult", {"RestoreJobId": "none", "ValidationStatus": "FAILED"}),
        ("DescribeRestoreJob", {"RestoreJobId": "none"}),
    ],
)
def test_what_is_not_there_is_refused(operation: str, asked: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as refused:
        ask_backup(operation, **asked)
    assert refused.value.code == "ResourceNotFoundException"


def test_seeds_tell_both_stories_of_too_few_drills() -> None:
    scenarios = [plan_scenario("troubled", seed) for seed in SEEDS]
    names = {t.name for s in scenarios for t in s.truths if t.part == "cadence"}
    assert names == {"drill_overdue", "never_drilled"}
    for scenario in scenarios:
        for test in scenario.restores:
            old = DEFAULT_EPOCH - test.completed > timedelta(days=92)
            assert old or test.validation == "TIMED_OUT"
