"""The query of a bill: parsed, and asked which columns and partitions it reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from opslib.errors import TableError
from opslib.tables.athena_table import AthenaTable, TableName
from opslib.tables.bill import break_down
from opslib.tables.bill_athena import keep_charges, query_charges
from opslib.tables.cur2 import CUR2_REQUIRED_COLUMNS
from opslib.tables.engine import Engine

NAME = TableName(catalog="AwsDataCatalog", database="billing", table="focus")
DAYS = (date(2025, 12, 20), date(2026, 3, 2))
TEXTS = (
    "billingaccountid billingcurrency chargecategory chargedescription pricingunit providername"
    " regionid resourceid servicename skuid subaccountid subaccountname x_usagetype"
)
NEEDED = {
    **dict.fromkeys(TEXTS.split(), "string"),
    **dict.fromkeys(("billedcost", "effectivecost", "pricingquantity"), "double"),
    "chargeperiodstart": "timestamp",
    "tags": "map<string,string>",
}
NOT_NEEDED = {
    "billingperiodstart": "timestamp",
    "chargeperiodend": "timestamp",
    "listcost": "double",
    "contractedcost": "double",
    "invoiceissuername": "string",
}
BY_PERIOD = {"billing_period": "string"}


def table(partitions: Mapping[str, str] = BY_PERIOD, **columns: str) -> AthenaTable:
    told = NEEDED | NOT_NEEDED | columns
    return AthenaTable(name=NAME, columns=told, partitions=partitions, properties={})


def parsed(query: str) -> exp.Select:
    return sqlglot.parse_one(query, dialect="athena", into=exp.Select)


def test_one_scan_reads_the_needed_columns_of_the_asked_periods_only() -> None:
    query = parsed(query_charges(table(), DAYS, ("Project",)))
    (scanned,) = query.find_all(exp.Table)
    inner = scanned.find_ancestor(exp.Select)
    assert inner is not None
    names = {column.name for column in inner.find_all(exp.Column)}
    assert names == {*NEEDED, "billing_period"}
    where = inner.args["where"].this
    assert where.sql("athena") == "\"t0\".\"billing_period\" BETWEEN '2025-12' AND '2026-03'"


def test_partitions_of_year_and_month_are_one_period() -> None:
    query = query_charges(table({"year": "string", "month": "string"}), DAYS, ())
    (scanned,) = parsed(query).find_all(exp.Table)
    inner = scanned.find_ancestor(exp.Select)
    assert inner is not None
    where = inner.args["where"]
    assert "BETWEEN '2025-12' AND '2026-03'" in where.sql("athena")
    assert "LPAD" in where.sql("athena")
    assert {column.name for column in where.find_all(exp.Column)} == {"year", "month"}


def test_a_table_that_every_query_would_scan_whole_is_refused() -> None:
    with pytest.raises(TableError, match="not divided by billing_period") as raised:
        query_charges(table({"region": "string"}), DAYS, ())
    assert raised.value.where == "Athena table billing.focus"


def test_a_table_of_no_bill_is_refused() -> None:
    other = AthenaTable(name=NAME, columns={"id": "string"}, partitions=BY_PERIOD, properties={})
    with pytest.raises(TableError, match="no column of"):
        query_charges(other, DAYS, ())


def test_a_tag_is_asked_for_in_its_spellings() -> None:
    query = query_charges(table(), DAYS, ("Pro'ject",))
    for spelling in ("Pro''ject", "user:Pro''ject", "user_pro_ject", "resourceTags/Pro''ject"):
        assert f'ELEMENT_AT("t1"."Tags", \'{spelling}\')' in query


def test_cur_2_is_read_after_discounts_and_with_tags_of_every_kind() -> None:
    """FOCUS names tags alike, but for a capital that Athena does not keep."""
    money = ("line_item_unblended_cost", "line_item_net_unblended_cost")
    columns = {
        **dict.fromkeys(CUR2_REQUIRED_COLUMNS, "string"),
        **dict.fromkeys(money, "double"),
        "tags": "map<string,string>",
    }
    bill = AthenaTable(name=NAME, columns=columns, partitions=BY_PERIOD, properties={})
    query = parsed(query_charges(bill, DAYS, ("Project",)))
    (scanned,) = query.find_all(exp.Table)
    inner = scanned.find_ancestor(exp.Select)
    assert inner is not None
    read = {column.name for column in inner.find_all(exp.Column)}
    assert {*money, "tags", "billing_period"} <= read
    assert 'ELEMENT_AT("t1"."Tags", \'resourceTags/Project\')' in query.sql("athena")


def test_an_answer_without_rows_is_a_bill_without_charges() -> None:
    query = query_charges(table(), DAYS, ("Project",))
    with Engine(threads=1) as engine:
        nothing = pa.table(
            {name: pa.array([], pa.string()) for name in parsed(query).named_selects}
        )
        charges = keep_charges(engine, nothing, query)
        bill = break_down(engine, charges, days=DAYS, tag_keys=("Project",))
    assert bill.meters.empty
    assert (bill.currency, bill.first_day, bill.tags) == ("", None, {})
