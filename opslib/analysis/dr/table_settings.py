"""Whether a restored DynamoDB table is set up as its source is.

Keys, attributes and indexes come along with a restore: a difference is a fail of the check
``definition: ...``. Much else does not come along, or may be chosen anew: autoscaling, alarms,
tags, streams, time to live, point-in-time recovery, resource policy, deletion protection. Each that
differs fails the check ``after restore: ...``, which is a list of what to do and says nothing about
the data (see `opslib.analysis.dr.store_copy.data_verdict`).

IAM policies that name the source, subscribers of its stream and AWS Backup selections by ARN are
not seen from the table.

Source: Amazon DynamoDB Developer Guide, "Point-in-time recovery: How it works" and "Restore a
table in DynamoDB".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.store_copy import AFTER_RESTORE, unreadable
from opslib.findings import Verdict
from opslib.tables.store_states import TableCopyStates, TableDescription
from opslib.wording import join, printable

__all__ = ["SETTING_ACTIONS", "check_settings"]

DEFINITION = (
    "key schema",
    "attribute definition",
    "global secondary index",
    "local secondary index",
)
SETTING_ACTIONS = {
    "billing mode": "Set the billing mode.",
    "provisioned capacity": "Set the capacity of table and indexes before traffic comes.",
    "on-demand maximum": "Set the maximum of on-demand capacity.",
    "encryption": "Choose the same kind of key, or agree that another one is meant.",
    "table class": "Set the table class.",
    "deletion protection": "Turn deletion protection on.",
    "stream": "Turn the stream on, and attach who reads it.",
    "global table replica": "Add the replicas again.",
    "time to live": "Set time to live on the same attribute.",
    "point-in-time recovery": "Turn point-in-time recovery on: the copy has none of its own.",
    "tag": "Set the tags; backup plans may select by them.",
    "resource policy": "Attach the resource policy.",
    "contributor insights": "Turn contributor insights on.",
    "Kinesis destination": "Enable the Kinesis destination.",
    "autoscaling": "Register the scalable targets and their policies.",
    "alarm": "Create the alarms for this table's name.",
}
"""What does not come along with a restore, and what to do about it."""
SINGLE = {
    "billing mode",
    "on-demand maximum",
    "encryption",
    "table class",
    "deletion protection",
    "stream",
    "time to live",
    "point-in-time recovery",
    "resource policy",
}
"""Settings of which more than the source has is a difference too."""

BROUGHT = {
    *DEFINITION,
    "billing mode",
    "provisioned capacity",
    "on-demand maximum",
    "encryption",
    "table class",
}
"""Settings that come along, from the source as it is or as it was."""

Values = Mapping[str, str]


def check_settings(states: TableCopyStates) -> list[CheckResult]:
    """Hold every setting of a restored table against the source now, or the baseline.

    What comes along may be as the baseline or as the source is. The rest is wanted as it is at the
    source; where that cannot be read, as it was in the baseline.
    """
    reference = states.source or states.baseline
    if states.restored is None or reference is None:
        return [unreadable("definition", states.restored_table, states.unread)]
    kinds = (*DEFINITION, *SETTING_ACTIONS)
    return [*_check_indexes(states), *(_check_setting(states, kind) for kind in kinds)]


def _check_indexes(states: TableCopyStates) -> Iterator[CheckResult]:
    assert states.restored is not None
    under_way = _values(states.restored, "index under way")
    for index, status in under_way.items():
        sentence = f"Index {printable(index)} is {printable(status)}."
        yield CheckResult(
            check="definition: index under way",
            subject=states.restored_table,
            verdict=Verdict.INCONCLUSIVE,
            sentence=sentence,
        )


def _check_setting(states: TableCopyStates, kind: str) -> CheckResult:
    assert states.restored is not None
    found = _values(states.restored, kind)
    told = [one for one in (states.source, states.baseline) if one is not None]
    blind = [why for one in (states.restored, told[0]) if (why := _problem(one, kind))]
    check = f"definition: {kind}" if kind in DEFINITION else f"{AFTER_RESTORE}{kind}"
    if blind:
        return unreadable(check, states.restored_table, [f"{kind}: {why}" for why in blind])
    wanted = _values(told[0], kind)
    if kind == "provisioned capacity" and _values(told[0], "autoscaling"):
        # Autoscaling moves it all the time, and is itself compared.
        wanted = {}
    differing = _differing(kind, wanted, found)
    if kind in BROUGHT and any(not _differing(kind, _values(one, kind), found) for one in told):
        differing = []
    verdict = Verdict.FAIL if differing else Verdict.PASS
    return CheckResult(
        check=check,
        subject=states.restored_table,
        verdict=verdict,
        sentence=_sentence(states, kind, differing),
        expected=_told(wanted, differing),
        found=_told(found, differing),
    )


def _differing(kind: str, wanted: Values, found: Values) -> list[str]:
    names = {*wanted, *found} if kind in SINGLE or kind in DEFINITION else set(wanted)
    return sorted(name for name in names if wanted.get(name) != found.get(name))


def _sentence(states: TableCopyStates, kind: str, differing: list[str]) -> str:
    copy, source = printable(states.restored_table), printable(states.source_table)
    if not differing:
        return f"{kind[0].upper()}{kind[1:]} of {copy}: as on {source}."
    names = join([printable(name) for name in differing if name])
    return (
        f"{kind[0].upper()}{kind[1:]}{f' {names}' if names else ''} of {copy}: not as on {source}."
    )


def _told(values: Values, names: list[str]) -> str:
    return "; ".join(f"{name} {values.get(name, 'none')}".strip() for name in names)


def _values(described: TableDescription, kind: str) -> dict[str, str]:
    return {name: value for name, value, problem in _rows(described, kind) if not problem}


def _problem(described: TableDescription, kind: str) -> str:
    return next((problem for _, _, problem in _rows(described, kind) if problem), "")


def _rows(described: TableDescription, kind: str) -> Iterator[tuple[str, str, str]]:
    columns = ("Setting", "Name", "Value", "Problem")
    for setting, name, value, problem in zip(
        *(described.settings[column] for column in columns), strict=True
    ):
        if setting == kind:
            yield name, value, problem
