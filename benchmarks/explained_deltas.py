"""Whether declared columns explain what busy tables hold, and hide no loss.

    python -m benchmarks.explained_deltas --restores 20 --injured 4

An embedded server is backed up physically while three writers go on, in transactions that commit
up to a third of a second after they began; a baseline is captured that keeps no rows (as of tables
larger than rows_limit); the backup is restored to a moment later, and validated while the writers
still go on. Every table is judged with and without its declaration. Then rows are lost and changed
in copies of some restored databases. Prints how often each table came to pass, inconclusive and
fail; exits 1 where a whole table fails or an injury passes, but for those that are documented to
be unseen.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from benchmarks.busy_tables import DECLARED, MADE, TOLERANCE_SECONDS, Restore, restored, writing
from opslib.actions.declared_changes import ChangesAsked, gather_changes
from opslib.analysis.dr.drill import RestoredStates
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.databases.changed_rows import find_declared, read_changed_rows
from opslib.databases.content import read_rows
from opslib.databases.postgres import Database
from opslib.databases.state import read_state
from opslib.findings import Verdict
from opslib.parameters.declared_changes import DeclaredChanges
from opslib.sandbox.postgres import PostgresServer, start_postgres

ROWS_LIMIT = 200_000
LOSE = "DELETE FROM {table} WHERE id = %(id)s"
CHANGE = "UPDATE {table} SET v = '?' WHERE id = %(id)s"
REVERT = "UPDATE {table} SET v = 'was', {at} = {at} - interval '1 day' WHERE id = %(id)s"
INJURIES = {
    "an old row lost": ("old", LOSE),
    "a row since the baseline lost": ("since", LOSE),
    "a row that is hot lost": ("hot", LOSE),
    "an old row changed": ("old", CHANGE),
    "a row since the baseline changed": ("since", CHANGE),
    "a row since the baseline taken back": ("since", REVERT),
    "a row that is hot changed": ("hot", CHANGE),
    "a hundredth of all rows lost": ("old", "DELETE FROM {table} WHERE id %% 100 = %(id)s %% 100"),
}
"""Name to the kind of row that it is done to, and how. Old: not written since the baseline; since:
between it and the recovery point; hot: not until then, and at the source after it."""
UNSEEN = {"a row that is hot changed"}
"""Nothing is left to hold such a row against: documented."""


def judge(
    restore: Restore, database: Database, declared: tuple[DeclaredChanges, ...]
) -> dict[str, tuple[Verdict, str]]:
    """Validate a database; return verdict and sentence of every table's content."""
    baseline, source = restore.baseline, restore.source
    found = read_state(database, baseline.algorithm, baseline.plans)
    wanted = differing_buckets(baseline, found)
    rows = read_rows(database, baseline.algorithm, wanted, baseline.plans)
    now = read_state(source, baseline.algorithm, baseline.plans)
    now_rows = read_rows(source, baseline.algorithm, wanted, baseline.plans)
    states = RestoredStates(
        baseline=baseline, restored=found, restored_rows=rows, now=now, now_rows=now_rows
    )
    asked = ChangesAsked(
        declared=declared,
        restored_to=restore.restored_to,
        tolerance_seconds=TOLERANCE_SECONDS,
        rows_limit=ROWS_LIMIT,
    )
    databases = {"restored": database, "source": source}
    changes = gather_changes(
        states,
        asked,
        find_declared(database, declared),
        lambda label, rows: read_changed_rows(databases[label], rows),
    )
    results = validate_restore(
        baseline,
        found,
        rows,
        now,
        now_rows,
        restored_to=restore.restored_to,
        changes=changes,
    )
    return {one.subject: (one.verdict, one.sentence) for one in results if one.check == "content"}


def injure(restore: Restore, injury: str, declared: DeclaredChanges) -> bool:
    """Injure database ``injured``; False where no row is of the injury's kind."""
    which, how = INJURIES[injury]
    names = {"table": declared.table, "at": declared.column}
    select = f"SELECT id, {declared.column}, v FROM {declared.table}"  # noqa: S608  our own names
    with (
        psycopg.connect(restore.source.conninfo) as source,
        psycopg.connect(restore.server.conninfo("injured"), autocommit=True) as copy,
    ):
        now = {row[0]: row[1:] for row in source.execute(select.encode())}
        for number, at, value in copy.execute(f"{select} ORDER BY md5(id::text)".encode()):
            if number not in now:
                continue
            kind = kind_of(restore, at, is_kept=now[number] == (at, value))
            if kind == which:
                copy.execute(how.format(**names).encode(), {"id": number})
                return True
    return False


def kind_of(restore: Restore, at: datetime, *, is_kept: bool) -> str:
    """Return the kind of a row that the source has too, as `INJURIES` names it; '' for others.

    Args:
        restore: whose moments count.
        at: when the copy says that it was changed.
        is_kept: whether the source has it just so.
    """
    if at <= restore.baseline.captured_at:
        return "old" if is_kept else "hot"
    settled = restore.restored_to - timedelta(seconds=TOLERANCE_SECONDS)
    return "since" if is_kept and at <= settled else ""


def examine_whole(restore: Restore, tally: dict[str, Counter[str]]) -> None:
    """Judge a copy that is whole, without and with what is declared."""
    for label, declared in (("without", ()), ("declared", DECLARED)):
        for table, (verdict, sentence) in judge(restore, restore.database(), declared).items():
            tally[f"{table}, {label}"][verdict.value] += 1
            if verdict is Verdict.FAIL:
                print(f"  FALSE ALARM {sentence}")


def examine_injuries(restore: Restore, tally: dict[str, Counter[str]]) -> None:
    """Make every injury on every table, all tables at once, in a database of its own."""
    for injury in INJURIES:
        run(restore.server, "CREATE DATABASE injured TEMPLATE postgres")
        hurt = [one.table for one in DECLARED if injure(restore, injury, one)]
        found = judge(restore, restore.database("injured"), DECLARED)
        for table in hurt:
            verdict, sentence = found[table]
            tally[f"{table}: {injury}"][verdict.value] += 1
            if verdict is Verdict.PASS and injury not in UNSEEN:
                print(f"  MISSED {injury}: {sentence}")
        run(restore.server, "DROP DATABASE injured WITH (FORCE)")


def run(server: PostgresServer, statement: str) -> None:
    """Run one statement, from another database than the one that is copied."""
    with psycopg.connect(server.conninfo("template1"), autocommit=True) as connection:
        connection.execute(statement.encode())


def examine(folder: Path, restores: int, injured: int) -> bool:
    """Make all restores and injuries, print; True where all is as it should be."""
    whole: dict[str, Counter[str]] = defaultdict(Counter)
    hurt: dict[str, Counter[str]] = defaultdict(Counter)
    server = start_postgres(folder / "source")
    try:
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            connection.execute(MADE.encode())
        for seed in range(restores):
            with ExitStack() as made:
                with writing(server, seed) as writes:
                    restore = made.enter_context(restored(server, folder, seed))
                    examine_whole(restore, whole)
                if seed < injured:
                    examine_injuries(restore, hurt)
            print(f"restore {seed + 1}: {writes['done']} transactions", flush=True)
    finally:
        server.remove()
    show("whole copies", whole)
    show("injuries, declared", hurt)
    missed = sum(told["pass"] for name, told in hurt.items() if name.split(": ")[1] not in UNSEEN)
    alarms = sum(told["fail"] for told in whole.values())
    print(f"false alarms {alarms}, misses {missed}")
    return not missed and not alarms


def show(title: str, tally: dict[str, Counter[str]]) -> None:
    """Print how often each came to what."""
    verdicts = [verdict.value for verdict in (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL)]
    print(f"\n{title:<52}" + "".join(f"{verdict:>14}" for verdict in verdicts))
    for name, told in tally.items():
        print(f"{name:<52}" + "".join(f"{told[verdict]:>14}" for verdict in verdicts))


def main() -> int:
    """Read the command line, run, print; 1 on a miss or a false alarm."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--restores", type=int, default=20)
    parser.add_argument("--injured", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="opslib-deltas-") as folder:
        return int(not examine(Path(folder), options.restores, options.injured))


if __name__ == "__main__":
    sys.exit(main())
