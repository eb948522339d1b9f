from __future__ import annotations

from opslib.analysis.dr import posture_tables
from tests.analysis.dr.backups import AS_OF, ORDERS, TODAY, assess, bucket, store, tables


def test_every_finding_can_be_traced_to_a_table() -> None:
    bare = store(IsPitrOn=False, PitrEarliest=None, PitrLatest=None)
    made = tables(stores=[bare], points=[])
    posture = assess(made)
    shown = posture_tables(posture, made)
    named = {name for finding in posture.findings for name in finding.evidence}
    assert named
    assert named <= set(shown)


def test_the_posture_has_one_row_a_resource_with_its_figures() -> None:
    made = tables(stores=[store(), bucket("papers")])
    rows = posture_tables(assess(made), made)["posture"].set_index("ResourceArn")
    assert rows["verdict"].to_dict() == {ORDERS: "pass", "arn:aws:s3:::papers": "fail"}
    orders = rows.loc[ORDERS]
    assert orders["backup_age_hours"] == round((AS_OF - TODAY).total_seconds() / 3600, 2) == 2.83
    assert orders["retention_days"] == 35
    assert orders["plans"] == "daily"
    assert rows.loc["arn:aws:s3:::papers", "reasons"] == "has a backup plan and 0 recovery points"
