from __future__ import annotations

import json
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from opslib.sandbox.export import PREFIX, export_periods, lay_out
from opslib.sandbox.scenario import plan_scenario

BILL = plan_scenario("steady", 1).bill
WRITTEN = dict(lay_out(export_periods(BILL), PREFIX))
FILES = {key: content for key, content in WRITTEN.items() if key.endswith(".parquet")}
TABLE = pa.concat_tables([pq.read_table(BytesIO(content)) for content in FILES.values()])


def test_there_is_one_folder_a_billing_period_and_each_holds_its_own_days() -> None:
    months = sorted({f"{day:%Y-%m}" for day in BILL["day"]})
    folders = list(dict.fromkeys(key.rsplit("/", 1)[0] for key in FILES))
    assert folders == [f"focus/acme/data/BILLING_PERIOD={month}" for month in months]
    for key, content in FILES.items():
        starts = pq.read_table(BytesIO(content))["ChargePeriodStart"].to_pylist()
        assert {f"{start:%Y-%m}" for start in starts} == {key.split("=")[1][:7]}


def test_the_manifest_of_a_period_lists_its_files() -> None:
    manifests = {key: json.loads(WRITTEN[key]) for key in WRITTEN if key.endswith(".json")}
    listed = [uri for manifest in manifests.values() for uri in manifest["dataFiles"]]
    assert listed == [f"s3://acme-billing-export/{key}" for key in FILES]
    for key, manifest in manifests.items():
        month = key.split("=")[1][:7]
        assert key == f"focus/acme/metadata/BILLING_PERIOD={month}/acme-Manifest.json"
        assert all(month in uri for uri in manifest["dataFiles"])


def test_every_cost_of_the_bill_is_in_the_export_as_the_double_that_aws_writes() -> None:
    for column, of_bill in (("BilledCost", "billed"), ("EffectiveCost", "effective")):
        assert TABLE.schema.field(column).type == pa.float64()
        assert sorted(TABLE[column].to_pylist()) == sorted(float(cost) for cost in BILL[of_bill])


def test_what_has_no_region_resource_or_tag_is_null_and_not_an_empty_text() -> None:
    assert TABLE["RegionId"].null_count == sum(BILL["region"] == "")
    assert TABLE["ResourceId"].null_count == sum(BILL["resource"] == "")
    untagged = [row for row in TABLE["Tags"].to_pylist() if "Project" not in dict(row)]
    assert len(untagged) == sum(BILL["project"] == "")
    for column in ("RegionId", "ResourceId", "PricingUnit"):
        assert "" not in TABLE[column].to_pylist()


def test_purchase_and_covered_use_of_a_savings_plan_are_told_apart() -> None:
    rows = zip(
        TABLE["ChargeCategory"].to_pylist(),
        TABLE["BilledCost"].to_pylist(),
        TABLE["EffectiveCost"].to_pylist(),
        TABLE["x_UsageType"].to_pylist(),
        strict=True,
    )
    plan = [
        (category, billed, effective)
        for category, billed, effective, meter in rows
        if meter.startswith("ComputeSP")
    ]
    assert plan
    assert all(category == "Purchase" for category, _, _ in plan)
    assert all(billed > 0 == effective for _, billed, effective in plan)


def test_a_new_account_exports_nothing() -> None:
    assert export_periods(plan_scenario("empty", 1).bill) == ()
