"""Whether the restored database holds together: references, sequences, pages and indexes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.findings import Verdict
from opslib.wording import count

__all__ = ["check_orphans", "check_physical", "check_sequences"]


def check_orphans(expected: pd.DataFrame, restored: pd.DataFrame) -> list[CheckResult]:
    """Hold the rows that refer to nothing against those that did so at the source.

    Args:
        expected: columns of `opslib.tables.databases.ORPHANS`. Orphans that the source had too (a
            constraint that was never validated) came back as they were.
        restored: the same of the restored database.
    """
    known = {tuple(row[:3]): row[4] for row in expected.itertuples(index=False)}
    results = []
    for schema, table, name, _, rows, seconds in restored.itertuples(index=False):
        before = known.get((schema, table, name), 0)
        subject = f"{schema}.{table}.{name}"
        sentence = f"{count(rows, 'row')} of {subject} refer to nothing"
        as_before = f", {before} did at the source" if before else ""
        verdict = Verdict.FAIL if rows > before else Verdict.PASS
        results.append(
            CheckResult(
                check="references",
                subject=subject,
                verdict=verdict,
                sentence=f"{sentence}{as_before}.",
                expected=str(before),
                found=str(rows),
                seconds=seconds,
            )
        )
    return results


def check_sequences(expected: pd.DataFrame, restored: pd.DataFrame) -> list[CheckResult]:
    """Say of every sequence whether it would give out a value that is taken.

    A restored sequence may be ahead: PostgreSQL logs up to 32 values in advance (documentation,
    CREATE SEQUENCE, notes). It may not be behind where it stood, nor behind its column.

    Args:
        expected: columns of `opslib.tables.databases.SEQUENCES`.
        restored: the same of the restored database.
    """
    known = {(row["Schema"], row["Sequence"]): row for row in expected.to_dict("records")}
    return [
        _check_sequence(row, known.get((row["Schema"], row["Sequence"]), {}))
        for row in restored.to_dict("records")
    ]


def _check_sequence(row: dict[Any, Any], source: dict[Any, Any]) -> CheckResult:
    subject, position, reached = (
        f"{row['Schema']}.{row['Sequence']}",
        row["Position"],
        row["Reached"],
    )
    before, ascending = source.get("Position"), row["Step"] > 0
    was_behind = _is_behind(before, source.get("Reached"), ascending=ascending)
    at = "its start" if position is None else str(position)
    stands = f"Sequence {subject} stands at {at}"
    verdict, sentence = Verdict.PASS, f"{stands}."
    if _is_behind(position, before, ascending=ascending):
        verdict, sentence = Verdict.FAIL, f"{stands}, at the source it stood at {before}."
    # Numbers that were never taken from the sequence leave it behind at the source too.
    elif _is_behind(position, reached, ascending=ascending) and not was_behind:
        place = f"{row['Table']}.{row['Column']}"
        verdict, sentence = Verdict.FAIL, f"{stands}, {place} is at {reached}."
    return CheckResult(
        check="sequences",
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        expected="" if before is None else str(before),
        found="" if position is None else str(position),
    )


def _is_behind(position: Decimal | None, other: Decimal | None, *, ascending: bool) -> bool:
    if other is None:
        return False
    if position is None:
        return True
    return position < other if ascending else position > other


def check_physical(
    corruptions: pd.DataFrame | None,
    *,
    checksums: bool,
    because: str = "",
    damaged: bool = False,
) -> list[CheckResult]:
    """Say what amcheck and the page checksums found.

    Args:
        corruptions: columns of `opslib.tables.databases.CORRUPTIONS`; None where amcheck did not
            run.
        checksums: whether the server verifies a checksum with every page that it reads.
        because: why amcheck did not run.
        damaged: whether other reads met something damaged.
    """
    relations = list(_check_relations(corruptions, because))
    if checksums and (damaged or any(one.verdict is Verdict.FAIL for one in relations)):
        return relations
    return [*relations, _check_checksums(checksums=checksums)]


def _check_relations(corruptions: pd.DataFrame | None, because: str) -> Iterator[CheckResult]:
    if corruptions is None or corruptions.empty:
        sentence = f"Tables and indexes were not checked: {because or 'there are none'}."
        yield _physical("", Verdict.INCONCLUSIVE, sentence)
        return
    bad = corruptions[corruptions["Found"] != ""]
    for schema, relation, kind, found, seconds in bad.itertuples(index=False):
        sentence = f"{kind.capitalize()} {schema}.{relation} is corrupt: {found}."
        yield _physical(f"{schema}.{relation}", Verdict.FAIL, sentence, seconds)
    for kind in ("table", "index"):
        checked = corruptions[corruptions["Kind"] == kind]
        if not (checked["Found"] != "").any():
            relations = checked.drop_duplicates(["Schema", "Relation"])
            sentence = f"{_many(len(relations), kind)} hold together by amcheck."
            verdict = Verdict.PASS if len(relations) else Verdict.INCONCLUSIVE
            whole = _physical(kind, verdict, sentence, float(sum(relations["Seconds"])))
            yield replace(whole, rests_on=tuple(relations["Schema"] + "." + relations["Relation"]))


def _many(number: int, kind: str) -> str:
    return f"{number} {'indexes' if kind == 'index' else 'tables'}"


def _check_checksums(*, checksums: bool) -> CheckResult:
    if checksums:
        return _physical("checksums", Verdict.PASS, "Every page that was read has its checksum.")
    sentence = "Page checksums are off: a flipped bit in a page may go unseen."
    return _physical("checksums", Verdict.INCONCLUSIVE, sentence)


def _physical(
    subject: str, verdict: Verdict, sentence: str, seconds: float | None = None
) -> CheckResult:
    return CheckResult(
        check="physical", subject=subject, verdict=verdict, sentence=sentence, seconds=seconds
    )
