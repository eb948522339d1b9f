"""The file of synthetic transactions: what is wrong in it is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.errors import ParameterError
from opslib.parameters.statements import ALLOWED_STATEMENTS, refuse_statement
from opslib.parameters.synthetic import RowRange, load_transactions, parse_transactions

EXAMPLE = Path(__file__).parents[2] / "parameters" / "sandbox" / "dr_transactions.yaml"


def of_step(step: str, *, head: str = "") -> str:
    return f"transactions:\n- name: pay\n{head}  steps:\n  - {step}\n"


def test_the_example_is_read() -> None:
    found = load_transactions(EXAMPLE)
    assert [one.read_only for one in found] == [True, True, False, False]
    assert [one.moves for one in found] == [False, True, False, False]
    assert found[0].steps[0].expect is not None
    assert found[0].steps[0].expect.rows == RowRange(min=1, max=1)
    assert found[2].max_p95_ms == 500


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"there is no transaction|'transactions' is missing"),
        ("transactions: []", r"there is no transaction \[f:1\]"),
        ("transaction: []", r"'transactions' is missing|did you mean 'transactions'"),
        (of_step("sql: COMMIT"), r"'pay', step 1: sql: COMMIT is transaction control.*\[f:4\]"),
        (of_step("sql: SELECT 1; COMMIT"), r"step 1: sql: it holds more than one.*\[f:4\]"),
        (of_step("sql: vacuum full t"), r"VACUUM is not among SELECT"),
        (of_step("sql: COPY t TO PROGRAM 'x'"), r"COPY is not among"),
        (of_step("sql: CREATE INDEX CONCURRENTLY i ON t (a)"), r"CREATE is not among"),
        (of_step("sql: SET transaction_read_only = off"), r"SET is not among"),
        (of_step("sql: -- nothing"), r"it holds no statement"),
        (of_step("{sql: SELECT 1, expect: {rwos: 1}}"), r"'rwos'; did you mean 'rows'\?"),
        (of_step("{sqll: SELECT 1}"), r"step 1: .*'sql"),
        (of_step("{sql: SELECT 1, expect: {rows: {mn: 1}}}"), r"'mn'; did you mean 'min'\?"),
        (of_step("{sql: SELECT 1, expect: {rows: many}}"), r"rows: 'many' is neither"),
        (of_step("{sql: SELECT 1, expect: {rows: {min: 3, max: 2}}}"), r"max 2 is below min 3"),
        (of_step("{sql: SELECT 1, expect: {value: [1]}}"), r"value: is no plain value"),
        (of_step("{sql: SELECT 1, expect: {error: oops}}"), r"error: string should match"),
        (of_step("{sql: SELECT 1, expect: {error: 23505, rows: 1}}"), r"returns nothing else"),
        (of_step("{sql: SELECT 1, expect: {}}"), r"nothing is expected"),
        (of_step("sql: SELECT 1"), r"transaction 'pay': no step expects anything.*\[f:2\]"),
        (of_step("{sql: SELECT 1, parameters: [[1]], expect: {rows: 1}}"), r"no plain value"),
        (
            of_step("{sql: SELECT 1, expect: {rows: 1}}", head="  max_p95_ms: 9\n  repeat: 20\n"),
            r"max_p95_ms needs a repeat of at least 21",
        ),
        (
            of_step("{sql: SELECT 1, expect: {rows: 1}}", head="  repeat: 0\n"),
            r"transaction 'pay': repeat: .*\[f:3\]",
        ),
        ("transactions:\n- name: pay\n  steps: []\n", r"'pay': it has no step"),
        (
            of_step("{sql: SELECT 1, expect: {rows: 1}}")
            + of_step("{sql: SELECT 1, expect: {rows: 1}}").partition("\n")[2],
            r"transactions stand twice: pay",
        ),
        ("transactions:\n- name: a\n  name: b\n", r"'name' stands twice \[f:3\]"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        parse_transactions(text, "f")


def test_a_missing_file_is_a_parameter_error(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        load_transactions(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'a; COMMIT'",
        "select $$ ; commit $$ ;",
        'SELECT ";" FROM t -- ; COMMIT',
        "/* BEGIN */ WITH x AS (SELECT 1) SELECT * FROM x",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT $tag$ ; $$ ; $tag$, E'it\\'s; ok', 'it''s; ok'",
        "SET LOCAL search_path = shop",
        "UPDATE t SET a = $1 WHERE b = $2",
    ],
)
def test_a_statement_is_judged_by_its_first_word_alone(statement: str) -> None:
    assert refuse_statement(statement) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1; COMMIT",
        "/* SELECT */ COMMIT",
        "-- SELECT\nROLLBACK AND CHAIN",
        "SELECT ';'; DROP TABLE t",
        "SELECT $1$2; COMMIT",
        "PREPARE TRANSACTION 'x'",
        "END",
        "SAVEPOINT SELECT",
        "DO $$ BEGIN END $$",
        "SETLOCAL x",
    ],
)
def test_what_a_rollback_would_not_undo_is_refused(statement: str) -> None:
    assert refuse_statement(statement)


@given(st.text(alphabet="ab;'\"$-/* \n", max_size=30), st.sampled_from(ALLOWED_STATEMENTS))
def test_no_text_inside_quotes_makes_a_statement_refused(text: str, word: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert refuse_statement(f"{word} {quoted} AS x") == ""
    assert refuse_statement(f"{word} {quoted}; COMMIT")
