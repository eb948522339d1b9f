"""Whether the restored schema is the one that was there.

Method: every object of every kind is told by one text that holds all that makes two of a kind
alike (`opslib.databases.schema_queries`); the two lists are compared as multisets.

Failure mode: what no query lists (such as text search configurations, operators and casts of the
user's own) is not compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.findings import Verdict

__all__ = ["check_schema"]

Named = tuple[str, str, str]


def check_schema(
    expected: pd.DataFrame, restored: pd.DataFrame, now: pd.DataFrame | None
) -> list[CheckResult]:
    """Compare two inventories; one result an object that differs, and one a kind that does not.

    Args:
        expected: columns of `opslib.tables.databases.SCHEMA_OBJECTS`.
        restored: the same of the restored database.
        now: the same of the source as it is now; None where it cannot be asked. What differs
            from the baseline but is as it is there was changed since the baseline.

    Returns:
        An inconclusive result alone where there is no table on either side.
    """
    if not (expected["Kind"] == "table").any():
        sentence = "No table was there to compare with."
        return [_result("table", "", Verdict.INCONCLUSIVE, sentence)]
    before, after = _by_name(expected), _by_name(restored)
    current = None if now is None else _by_name(now)
    results = []
    for kind in sorted({*expected["Kind"], *restored["Kind"]}):
        names = sorted(name for name in {*before, *after} if name[0] == kind)
        differing = [name for name in names if before.get(name) != after.get(name)]
        explained = [n for n in differing if current and current.get(n) == after.get(n)]
        wrong = [name for name in differing if name not in explained]
        results += [_difference(name, before.get(name), after.get(name)) for name in wrong]
        if not wrong:
            since = f", {len(explained)} of them changed since the baseline" if explained else ""
            sentence = f"All {len(names)} as expected{since}."
            results.append(_result(kind, "", Verdict.PASS, sentence))
    return results


def _by_name(objects: pd.DataFrame) -> dict[Named, Counter[str]]:
    found: dict[Named, Counter[str]] = {}
    for kind, schema, name, definition in objects.itertuples(index=False):
        found.setdefault((kind, schema, name), Counter())[definition] += 1
    return found


def _difference(
    name: Named, before: Counter[str] | None, after: Counter[str] | None
) -> CheckResult:
    kind, schema, own = name
    subject = f"{schema}.{own}" if schema and own != schema else own
    lost = (before or Counter()) - (after or Counter())
    extra = (after or Counter()) - (before or Counter())
    if not extra:
        verb = "is missing"
    elif not lost:
        verb = "is there and was not expected"
    else:
        verb = "differs"
    sentence = f"{kind.capitalize()} {subject} {verb}."
    return _result(kind, subject, Verdict.FAIL, sentence, lost, extra)


def _result(
    kind: str,
    subject: str,
    verdict: Verdict,
    sentence: str,
    lost: Iterable[str] = (),
    extra: Iterable[str] = (),
) -> CheckResult:
    return CheckResult(
        check=f"schema: {kind}",
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        expected="; ".join(lost),
        found="; ".join(extra),
    )
