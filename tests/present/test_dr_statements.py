"""The SQL of checks in a report: readable, escaped, and bounded."""

from __future__ import annotations

import re

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.findings import Verdict
from opslib.present.dr.statements import duration, fold_session, fold_statements
from opslib.present.html import Column, table
from opslib.tables.statements import SESSION, STATEMENTS

HOSTILE = '</code></pre></details><script>alert(1)</script><img src=x onerror="a()">\u202e'


def sent(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([(*row, 0.01) for row in rows], columns=list(STATEMENTS.columns))


def check(subject: str, name: str = "content", seconds: float | None = 0.01) -> CheckResult:
    return CheckResult(
        check=name, subject=subject, verdict=Verdict.PASS, sentence="", seconds=seconds
    )


def markup_of(checks: list[CheckResult], statements: pd.DataFrame) -> str:
    (fold,) = fold_statements([checks], statements)
    assert fold is not None
    return fold.markup


def test_hostile_names_are_shown_and_run_nothing() -> None:
    found = sent(("content", HOSTILE, f'SELECT 1 FROM "{HOSTILE}"', ""))
    markup = markup_of([check(HOSTILE)], found)
    assert "<script" not in markup
    assert "<img" not in markup
    assert "\u202e" not in markup
    assert "&lt;script&gt;" in markup
    assert len(re.findall("</details>|</pre>|</code>", markup)) == 3


def test_hostile_parameters_are_escaped_too() -> None:
    found = sent(("transaction", "t", "SELECT $1, $2", '["<script>", null]'))
    markup = markup_of([check("t", "transaction")], found)
    assert "$1 = &#x27;&lt;script&gt;&#x27;, $2 = null" in markup


def test_lines_and_indentation_of_sql_are_kept() -> None:
    found = sent(("content", "a", "SELECT 1\r\n\tFROM x", ""))
    assert "SELECT 1\n    FROM x" in markup_of([check("a")], found)


def test_one_query_of_many_subjects_stands_once() -> None:
    relations = [f"a.t{n}" for n in range(200)]
    rows = [("content", name, "SELECT amcheck($1)", f'["{n}"]') for n, name in enumerate(relations)]
    markup = markup_of([check(name) for name in relations], sent(*rows))
    assert markup.count("<pre>") == 1
    assert "a.t0" in markup
    assert "and 194 others" in markup
    assert "its parameters in tables/statements.csv" in markup


def test_a_database_of_many_tables_and_columns_keeps_the_page_readable() -> None:
    rows = [("content", f"a.t{n}", f"SELECT {n}, {'column, ' * 9000}", "") for n in range(200)]
    checks = [check(f"a.t{n}") for n in range(200)]
    markup = markup_of(checks, sent(*rows))
    assert len(markup) < 30_000
    assert "197 more statements in tables/statements.csv" in markup
    assert "the rest in tables/statements.csv" in markup
    each = fold_statements([[one] for one in checks], sent(*rows))
    assert len(each) == 200
    assert sum(fold is not None for fold in each) == 100


def test_what_has_no_statement_has_no_fold() -> None:
    assert fold_statements([[check("a")]], None) == [None]
    assert fold_statements([[check("a")]], sent()) == [None]
    assert fold_session(None).markup == fold_session(sent()).markup == ""


def test_the_settings_of_all_stand_below() -> None:
    found = sent((SESSION, "", "SET LOCAL search_path = ''", ""))
    assert "SET LOCAL search_path = &#x27;&#x27;" in fold_session(found).markup


def test_durations_are_added_up_and_never_made_up() -> None:
    assert duration([check("a", seconds=0.5), check("b", seconds=None)]) == "500.0 ms"
    assert duration([check("a", seconds=1234.56)]) == "1,234.6 s"
    assert duration([check("a", seconds=None)]) == "—"


def test_a_fold_spans_its_row_and_nothing_else_changes() -> None:
    columns, rows = [Column("A"), Column("B")], [("1", "2"), ("3", "4")]
    (fold,) = fold_statements([[check("a")]], sent(("content", "a", "SELECT 1", "")))
    shown = table(columns, rows, caption="c", folds=[fold, None])
    assert shown.markup.count('colspan="2"') == 1
    assert shown.markup.count("ops-unfolds") == 1
    assert shown.plain == table(columns, rows, caption="c").plain
