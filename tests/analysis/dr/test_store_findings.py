from __future__ import annotations

from opslib.analysis.dr.store_findings import describe_store_failures
from opslib.analysis.dr.table_copy import validate_table_copy
from opslib.findings import Severity
from tests.analysis.dr.store_states import described, items, table_copy

TAG = ("tag", "Team", '["shop"]')
INDEX = ("global secondary index", "by-x", "{}")


def test_lost_data_is_critical_and_what_is_to_be_set_is_an_action() -> None:
    source = described(TAG, INDEX)
    states = table_copy(items({"1": 1}), items({}), None, source=source, baseline=source)
    found = describe_store_failures("table", validate_table_copy(states))
    told = {finding.kind: finding for finding in found}
    assert told["dr.table_content"].severity is Severity.CRITICAL
    assert told["dr.table_definition_global_secondary_index"].severity is Severity.HIGH
    to_set = told["dr.to_set_after_restore"]
    assert to_set.severity is Severity.MEDIUM
    assert to_set.subject == {"Table": "t-2"}
    assert "Set the tags" in to_set.action
    assert len({finding.id for finding in found}) == len(found) == 3


def test_what_passed_or_could_not_be_told_is_no_finding() -> None:
    whole = validate_table_copy(table_copy(items({"1": 1}), items({"1": 1}), None))
    unread = validate_table_copy(table_copy(None, None, None, restored=None))
    assert describe_store_failures("table", [*whole, *unread]) == []
