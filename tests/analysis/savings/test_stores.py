"""Idle databases and caches, unread buckets: what is found, and what silence and youth say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging, Option
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.analysis.savings.use import reject_used, use_span
from opslib.analysis.savings.waste.buckets import check_unread_buckets
from opslib.analysis.savings.waste.caches import check_idle_caches
from opslib.analysis.savings.waste.databases import check_idle_databases
from tests.analysis.savings.estates import AS_OF, DAYS, judging_of, thing

SPAN = tuple(AS_OF.date() - timedelta(days=back) for back in range(30, 0, -1))
GIB = 1024**3
Use = dict[tuple[str, str], Mapping[date, float]]


def each_day(value: float, days: Iterable[date] = SPAN) -> dict[date, float]:
    return dict.fromkeys(days, value)


def one(options: Iterable[Option]) -> Option:
    (option,) = options
    return option


def reason(option: Option) -> Reason:
    assert isinstance(option, Rejection)
    return option.reason


def recommended(option: Option) -> Recommendation:
    assert isinstance(option, Recommendation), option
    return option


def database(name: str, **settings: Any) -> Thing:
    return thing("database", name, **{"engine": "postgres", "class": "db.r6g.xlarge", **settings})


def test_the_days_that_count_are_the_whole_ones_before() -> None:
    judging = judging_of([], [], use_days=7)
    assert use_span(judging) == SPAN[-7:]
    assert SPAN[-1] == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (each_day(0), None),
        ({}, Reason.UNKNOWN),
        (each_day(0, SPAN[1:]), Reason.UNKNOWN),
        (each_day(0) | {SPAN[4]: 1}, Reason.IN_USE),
        ({SPAN[4]: 1}, Reason.IN_USE),
    ],
)
def test_only_a_zero_on_every_day_is_idle(values: dict[date, float], why: Reason | None) -> None:
    here = thing("x", "x")
    judging = judging_of([here], [], {("x", "asked"): values})
    found = reject_used("kind", here, judging, [(here, "asked")], "requests")
    assert (found.reason if found else None) is why


def test_nothing_measured_is_unknown() -> None:
    here = thing("x", "x")
    found = reject_used("kind", here, judging_of([here], []), [], "requests")
    assert found is not None
    assert found.reason is Reason.UNKNOWN


CHARGED = [
    ("ledger", "InstanceUsage:db.r6g.xl", "24", "0.45", DAYS),
    ("ledger", "RDS:GP3-Storage", "2", "0.115", DAYS),
    ("ledger", "RDS:ChargedBackupUsage", "1", "0.095", DAYS),
    ("ledger", "WriteCapacityUnit-Hrs", "24", "0.00065", DAYS),
]


def judge_database(here: Thing, values: Mapping[date, float]) -> Option:
    judging = judging_of([here], CHARGED, {("ledger", "connections"): values})
    return one(check_idle_databases(judging))


def test_an_idle_database_saves_all_but_its_backups() -> None:
    found = recommended(judge_database(database("ledger"), each_day(0)))
    assert found.saving == 30 * (24 * Decimal("0.45") + 2 * Decimal("0.115"))
    assert found.cost == found.saving + 30 * Decimal("0.095")
    assert found.basis is Basis.BILL


def test_a_replica_and_its_source_are_kept() -> None:
    assert reason(judge_database(database("ledger", source="main"), each_day(0))) is Reason.UNKNOWN
    assert reason(judge_database(database("ledger", replicas=["r"]), each_day(0))) is Reason.IN_USE


def test_a_young_database_is_not_judged_by_its_use() -> None:
    young = thing("database", "ledger", days_old=29, engine="postgres")
    assert reason(judge_database(young, each_day(5))) is Reason.TOO_YOUNG


def test_without_resources_a_database_is_estimated_by_its_hours() -> None:
    use: Use = {("ledger", "connections"): each_day(0)}
    judging = judging_of([database("ledger")], CHARGED, use, knows_resources=False)
    found = recommended(one(check_idle_databases(judging)))
    assert (found.basis, found.saving) == (Basis.ESTIMATE, 720 * Decimal("0.45"))


def judge_cluster(connections: tuple[float | None, ...]) -> Option:
    names = [f"shop-{number}" for number in range(len(connections))]
    cluster = thing(
        "database_cluster", "shop", engine="aurora-mysql", members=names, billed_as="cluster-ABC"
    )
    instances = [database(name, cluster="shop") for name in names]
    charged = [
        ("cluster-ABC", "Aurora:StorageUsage", "3", "0.1", DAYS),
        *((name, "InstanceUsage:db.r6g.xl", "24", "0.5", DAYS) for name in names),
    ]
    use: Use = {
        (name, "connections"): each_day(value)
        for name, value in zip(names, connections, strict=True)
        if value is not None
    }
    return one(check_idle_databases(judging_of([cluster, *instances], charged, use)))


def test_an_idle_cluster_goes_with_its_instances_and_storage() -> None:
    found = recommended(judge_cluster((0, 0)))
    assert found.thing.id == "shop"
    assert found.saving == 30 * (2 * 24 * Decimal("0.5") + 3 * Decimal("0.1"))


@pytest.mark.parametrize(
    ("connections", "why"),
    [((9, 0), Reason.IN_USE), ((0, None), Reason.UNKNOWN), ((), Reason.UNKNOWN)],
)
def test_a_cluster_is_judged_whole(connections: tuple[float | None, ...], why: Reason) -> None:
    assert reason(judge_cluster(connections)) is why


def judge_cache(engine: str, use: Mapping[str, float | None]) -> Option:
    nodes = ["n1", "n2"]
    cache = thing("cache", "cart", engine=engine, nodes=nodes, node_type="cache.t4g.small")
    told = [thing("cache_node", node, engine=engine) for node in nodes]
    charged = [(node, "NodeUsage:cache.t4g.small", "24", "0.032", DAYS) for node in nodes]
    values: Use = {
        (node, measure): each_day(value)
        for node in nodes
        for measure, value in use.items()
        if value is not None
    }
    return one(check_idle_caches(judging_of([cache, *told], charged, values)))


QUIET = {"GetTypeCmds": 0.0, "SetTypeCmds": 0.0, "CurrConnections": 4.0}


@pytest.mark.parametrize(
    ("engine", "use"),
    [("valkey", QUIET), ("redis", QUIET), ("memcached", {"CmdGet": 0, "CmdSet": 0})],
)
def test_an_idle_cache_saves_its_nodes(engine: str, use: dict[str, float]) -> None:
    assert recommended(judge_cache(engine, use)).saving == 30 * 2 * 24 * Decimal("0.032")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"GetTypeCmds": 1.0}, Reason.IN_USE),
        ({"PubSubBasedCmds": 1.0}, Reason.IN_USE),
        ({"CurrConnections": 5.0}, Reason.IN_USE),
        ({"SetTypeCmds": None}, Reason.UNKNOWN),
        ({"CurrConnections": None}, Reason.UNKNOWN),
    ],
)
def test_a_cache_is_kept(change: dict[str, float | None], why: Reason) -> None:
    assert reason(judge_cache("valkey", {**QUIET, **change})) is why


STORED = {"bytes": 1000.0 * GIB, "objects": 250_000.0, "AllRequests": 3.0}


def bucket_judging(use: Mapping[str, float], settings: Mapping[str, Any], **known: Any) -> Judging:
    here = thing("bucket", "logs", **{"rules": 0, "watched": "all", **settings})
    values: Use = {("logs", measure): each_day(value) for measure, value in use.items()}
    charged = [("logs", "TimedStorage-ByteHrs", "50", "0.023", DAYS)]
    extra = known.pop("charged", [])
    return judging_of([here], [*charged, *extra], values, **known)


def judge_bucket(use: Mapping[str, float] = STORED, **settings: Any) -> Option:
    return one(check_unread_buckets(bucket_judging(use, settings)))


COST = 30 * 50 * Decimal("0.023")
FEE = 250_000 * Decimal("0.0000025")


def test_an_unread_bucket_saves_the_tier_without_its_fee() -> None:
    cheaper = COST * (1 - Decimal("0.0125") / Decimal("0.023"))
    assert float(recommended(judge_bucket()).saving) == pytest.approx(float(cheaper - FEE))


def test_what_was_uploaded_meanwhile_is_not_counted() -> None:
    half = {**STORED, "BytesUploaded": 500.0 * GIB / 30}
    cheaper = COST / 2 * (1 - Decimal("0.0125") / Decimal("0.023"))
    assert float(recommended(judge_bucket(half)).saving) == pytest.approx(float(cheaper - FEE))


def test_prices_that_the_account_pays_come_first() -> None:
    paid = [
        ("other", "TimedStorage-INT-IA-ByteHrs", "1", "0.01", DAYS),
        ("other", "Monitoring-Automation-INT", "1000", "0.000002", DAYS),
    ]
    found = recommended(one(check_unread_buckets(bucket_judging(STORED, {}, charged=paid))))
    expected = COST * (1 - Decimal("0.01") / Decimal("0.023")) - 250_000 * Decimal("0.000002")
    assert float(found.saving) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("change", "settings", "why"),
    [
        ({"GetRequests": 1.0}, {}, Reason.IN_USE),
        ({"objects": 250e6}, {}, Reason.TOO_SMALL),
        ({}, {"rules": 2}, Reason.COVERED),
        ({}, {"rules": None}, Reason.UNKNOWN),
        ({}, {"watched": ""}, Reason.UNKNOWN),
        ({}, {"watched": None}, Reason.UNKNOWN),
    ],
)
def test_a_bucket_is_kept(change: dict[str, float], settings: dict[str, Any], why: Reason) -> None:
    assert reason(judge_bucket({**STORED, **change}, **settings)) is why


@pytest.mark.parametrize("measure", ["bytes", "objects", "AllRequests"])
def test_a_bucket_of_which_nothing_is_told_is_unknown(measure: str) -> None:
    less = {name: value for name, value in STORED.items() if name != measure}
    assert reason(judge_bucket(less)) is Reason.UNKNOWN


def test_what_an_uncounted_bucket_would_save_unread_stands_beside() -> None:
    found = judge_bucket(watched="")
    assert isinstance(found, Rejection)
    assert found.saving == recommended(judge_bucket()).saving


def test_fewer_days_than_the_tier_asks_for_tell_too_little() -> None:
    judging = bucket_judging(STORED, {}, use_days=14)
    assert reason(one(check_unread_buckets(judging))) is Reason.UNKNOWN
