"""The time of checks, told once."""

from __future__ import annotations

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.statements import statements_of, time_checks
from opslib.findings import Verdict
from opslib.tables.statements import STATEMENTS


def sent(*rows: tuple[str, str, float]) -> pd.DataFrame:
    told = [(check, subject, f"SELECT {n}", "", s) for n, (check, subject, s) in enumerate(rows)]
    return pd.DataFrame(told, columns=list(STATEMENTS.columns))


def check(name: str, subject: str, *rests_on: str, seconds: float | None = None) -> CheckResult:
    return CheckResult(
        check=name,
        subject=subject,
        verdict=Verdict.PASS,
        sentence="",
        seconds=seconds,
        rests_on=rests_on,
    )


STATEMENTS_OF_ALL = sent(
    ("content", "", 0.5),
    ("content", "a.b", 1.0),
    ("content", "a.b", 2.0),
    ("content", "a.c", 4.0),
    ("schema: table", "", 8.0),
    ("physical", "a.b", 16.0),
    ("physical", "a.c", 32.0),
)


def test_times_of_checks_add_up_to_those_of_their_statements() -> None:
    checks = [
        check("content", "a.b", seconds=99.0),
        check("content", "a.c"),
        check("schema: table", "a.lost"),
        check("schema: table", "a.other"),
        check("physical", "table", "a.b", "a.c"),
        check("latency", "warm-up", seconds=7.5),
        check("rpo", ""),
    ]
    timed = time_checks(checks, STATEMENTS_OF_ALL)
    assert [one.seconds for one in timed] == [3.5, 4.0, 8.0, None, 48.0, 7.5, None]
    assert sum(one.seconds or 0 for one in timed[:5]) == STATEMENTS_OF_ALL["Seconds"].sum()


def test_a_relation_that_is_corrupt_twice_took_its_time_once() -> None:
    timed = time_checks([check("physical", "a.b"), check("physical", "a.b")], STATEMENTS_OF_ALL)
    assert [one.seconds for one in timed] == [16.0, None]


def test_without_statements_a_time_that_is_known_stays() -> None:
    assert time_checks([check("content", "a.b", seconds=2.0)], None)[0].seconds == 2.0
    assert time_checks([check("x", "y", seconds=2.0)], STATEMENTS_OF_ALL)[0].seconds == 2.0


def test_a_check_rests_on_its_own_statements_and_on_those_of_all() -> None:
    found = statements_of([check("content", "a.c")], STATEMENTS_OF_ALL)
    assert found["Seconds"].tolist() == [0.5, 4.0]
    assert statements_of([check("rpo", "a.c")], STATEMENTS_OF_ALL).empty
