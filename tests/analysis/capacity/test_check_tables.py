from decimal import Decimal

from opslib.analysis.capacity.alerts.findings import find_alerts
from opslib.analysis.capacity.alerts.history import check_alerts
from opslib.analysis.capacity.headroom.findings import find_recovery_quotas, find_zone_losses
from opslib.analysis.capacity.headroom.recovery_region import check_recovery
from opslib.analysis.capacity.headroom.zone_losses import check_zone_loss
from opslib.analysis.capacity.result_tables import check_tables
from opslib.analysis.capacity.sizes.findings import find_sizes
from opslib.analysis.capacity.sizes.rightsizing import rightsize
from tests.analysis.capacity.small_estates import Estate, flat, parameters


def test_every_finding_of_a_check_can_be_traced_to_its_table() -> None:
    estate = Estate()
    estate.resource("ec2", "i-1", instance_type="m7g.2xlarge")
    estate.limit("i-1", "CPU", flat(20))
    estate.limit("i-1", "memory", flat(5))
    estate.cost("i-1", "BoxUsage:m7g.2xlarge", 300)
    estate.resource("rds", "orders", ("a",), is_multi_az=False)
    estate.limit("orders", "connections", flat(99), value=900, statistic="Maximum")
    estate.quota("us-east-1", "L-1", 900, [640.0])
    estate.quota("eu-west-1", "L-1", 500, [0.0])
    asked, tables = parameters(recovery_region="eu-west-1"), estate.tables()
    checked = (
        rightsize(tables, asked),
        check_zone_loss(tables, asked),
        check_recovery(tables, asked),
        check_alerts(tables, asked),
    )
    kept = check_tables(*checked)
    findings = [
        *find_sizes(checked[0], "USD"),
        *find_zone_losses(checked[1]),
        *find_recovery_quotas(checked[2]),
        *find_alerts(checked[3]),
    ]
    assert [one.evidence for one in findings] == [(name,) for name in kept]
    over = kept["sizes"].set_index("Name").loc["i-1"]
    assert (over["Direction"], over["Proposed"]) == ("over", "m7g.xlarge")
    assert over["SavingAMonth"] == Decimal("150.00")
    assert kept["zone_losses"].loc[0, "Units"] == '[["a", 1]]'
    assert list(kept["recovery_quotas"]["Peak"]) == [640]
    noisy = kept["alerts"].set_index("Name").loc["orders"]
    assert (noisy["Verdict"], noisy["Certainty"]) == ("noisy", "exact")


def test_empty_tables_keep_their_columns() -> None:
    for table in check_tables((), (), (), ()).values():
        assert table.empty
        assert "Why" in table.columns
