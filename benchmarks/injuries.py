"""Whether a restore that is whole passes, and every injury is caught, on any PostgreSQL script.

    python -m benchmarks.injuries chinook.sql estate.sql

Loads each script into an embedded server, restores it physically to the moment of a baseline
while writes go on at the source, and validates what came back; then makes every injury that the
schema allows on a restored copy and validates again, and every injury of a file on a physical copy
of its own. Prints the matrix; exits 1 on a false alarm, a miss, or an injury that was not judged.

A whole copy that fails is a false alarm. So is one that does not pass, where it is of the very
moment of an exact baseline: with ``--later`` it is of a moment after it, and with many writers
the source is too busy for an exact one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from opslib.actions.controls import make_controls
from opslib.actions.injury_list import INJURIES
from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.databases.content import read_rows
from opslib.databases.postgres import Database
from opslib.databases.state import read_state
from opslib.findings import Verdict
from opslib.sandbox.database_scripts import load_script
from opslib.sandbox.database_writes import writing
from opslib.sandbox.file_injuries import FILE_INJURIES, injured_copy
from opslib.sandbox.physical_backup import restore_backup, take_backup
from opslib.sandbox.postgres import PostgresServer, start_postgres
from opslib.tables.database_state import DatabaseState

ROWS_LIMIT = 200_000


def validate(baseline: DatabaseState, restored: Database, source: Database) -> list[CheckResult]:
    """Read a restored database and its source, and judge."""
    found = read_state(restored, baseline.algorithm, baseline.plans, is_restored=True)
    wanted = differing_buckets(baseline, found)
    rows = read_rows(restored, baseline.algorithm, wanted, baseline.plans)
    now = read_state(source, baseline.algorithm, baseline.plans)
    now_rows = read_rows(source, baseline.algorithm, wanted, baseline.plans)
    return validate_restore(baseline, found, rows, now, now_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanRestore:
    """What a whole copy was judged to be.

    Args:
        results: of every check.
        writes: that went on at the source meanwhile.
        is_exact: whether it is of the very moment of the baseline.
    """

    results: list[CheckResult]
    writes: int
    is_exact: bool

    @property
    def bad(self) -> list[CheckResult]:
        """Return what is no pass."""
        return [result for result in self.results if result.verdict is not Verdict.PASS]

    @property
    def outcome(self) -> str:
        """Return ``pass``, ``inconclusive`` or ``FALSE ALARM``."""
        if not self.bad:
            return "pass"
        failed = any(result.verdict is Verdict.FAIL for result in self.bad)
        return "FALSE ALARM" if failed or self.is_exact else "inconclusive"


def restore_cleanly(
    server: PostgresServer, name: str, folder: Path, seed: int, options: argparse.Namespace
) -> CleanRestore:
    """Back up under writes, restore to a baseline's instant or to a later one, validate."""
    writers, later = options.writers, options.later
    source = Database(label="source", conninfo=server.conninfo(name))
    with ExitStack() as stack:
        busy = [
            stack.enter_context(writing(server.conninfo(name), seed * writers + number))
            for number in range(writers)
        ]
        copy = take_backup(server, folder / f"backup-{seed}")
        time.sleep(0.2)
        baseline = read_state(source, rows_limit=ROWS_LIMIT)
        time.sleep(0.2 + later)
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
        until = baseline.captured_at + timedelta(seconds=later)
        restored = restore_backup(copy, server, folder / f"clean-{seed}", until)
        try:
            found = Database(label="restored", conninfo=restored.conninfo(name))
            return CleanRestore(
                results=validate(baseline, found, source),
                writes=sum(writes.done for writes in busy),
                is_exact=baseline.is_exact and not later,
            )
        finally:
            restored.remove()


def examine(script: Path, options: argparse.Namespace, folder: Path) -> bool:
    """Run one script's restores and injuries; True when all is as it should be."""
    server = start_postgres(folder / "source")
    copies = [server]
    try:
        loaded = load_script(server, script)
        name = loaded.database
        print(f"\n{script.name}: database {name}, {len(loaded.errors)} statements refused")
        for error in loaded.errors[:5]:
            print(f"  refused: {error}")
        good = examine_clean(server, name, folder, options)
        copy = take_backup(server, folder / "backup")
        restored = restore_backup(copy, server, folder / "restored")
        copies.append(restored)
        outcomes = examine_injuries(restored, name, options.control_rows_limit)
        outcomes += examine_files(copy, restored, name, folder)
        told = (f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"  {', '.join(told)}")
        return good and not set(outcomes) & {"missed", "error", "not judged"}
    finally:
        for made in copies:
            made.remove()


def examine_clean(
    server: PostgresServer, name: str, folder: Path, options: argparse.Namespace
) -> bool:
    """Validate restores that are whole; none may be called a failure."""
    outcomes: Counter[str] = Counter()
    exact = 0
    for number in range(options.restores):
        seed = options.first_seed + number
        clean = restore_cleanly(server, name, folder, seed, options)
        outcomes[clean.outcome] += 1
        exact += clean.is_exact
        if not number:
            checks = Counter(result.check for result in clean.results)
            print("  checks", ", ".join(f"{check} {count}" for check, count in checks.items()))
        told = f"{len(clean.results)} checks, {clean.writes} writes"
        print(f"  clean restore of seed {seed}: {told}, {clean.outcome}", flush=True)
        for result in clean.bad[:5]:
            print(f"    {result.check} {result.verdict}: {result.sentence}")
            print(f"      expected {result.expected[:300]}\n      found    {result.found[:300]}")
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"  {options.restores} clean restores, {exact} to an exact moment: {told}")
    return not outcomes["FALSE ALARM"]


def examine_injuries(restored: PostgresServer, name: str, limit: int) -> Counter[str]:
    """Make every injury that the schema allows; return how many came to what."""
    database = Database(label="restored", conninfo=restored.conninfo(name))
    state = read_state(database, rows_limit=ROWS_LIMIT, is_restored=True)
    controls = make_controls(database, INJURIES, state, limit)
    print(f"  {'injury':<42}{'outcome':<16}{'where':<36}caught by, or why not made")
    for injury, outcome, place, checks, reason in controls:
        print(f"  {injury:<42}{outcome:<16}{place[:34]:<36}{(checks or reason)[:70]}")
    after = read_state(database, rows_limit=ROWS_LIMIT, is_restored=True)
    assert after.digests.equals(state.digests), "an injury stayed"
    assert after.schema_objects.equals(state.schema_objects), "an injury stayed"
    return Counter(outcome for _, outcome, *_ in controls)


def examine_files(copy: Path, restored: PostgresServer, name: str, folder: Path) -> Counter[str]:
    """Make every injury of a file, each on a copy of its own; return how many came to what.

    Args:
        copy: the backup.
        restored: a whole copy, which stands for the source.
        name: of the database.
        folder: takes the copies.
    """
    whole = Database(label="source", conninfo=restored.conninfo(name))
    baseline = read_state(whole, rows_limit=ROWS_LIMIT)
    outcomes: Counter[str] = Counter()
    for number, injury in enumerate(FILE_INJURIES):
        with injured_copy(copy, restored, folder / f"file-{number}", name, injury) as made:
            injured, place = made
            if not place:
                outcome, checks = "not applicable", set()
            else:
                hurt = Database(label="restored", conninfo=injured.conninfo(name))
                results = validate(baseline, hurt, whole)
                checks = {one.check for one in results if one.verdict is Verdict.FAIL}
                outcome = "caught" if checks & set(injury.caught_by) else "missed"
        outcomes[outcome] += 1
        told = ", ".join(sorted(checks))
        print(f"  {injury.name:<42}{outcome:<16}{place[:34]:<36}{told[:70]}")
    return outcomes


def main() -> int:
    """Read the command line, run, print; 1 on a miss or a false alarm."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scripts", nargs="+", type=Path, metavar="FILE.sql")
    parser.add_argument("--restores", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--later", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--control-rows-limit", type=int, default=100_000)
    options = parser.parse_args()
    good = True
    for script in options.scripts:
        with tempfile.TemporaryDirectory(prefix="opslib-injuries-") as folder:
            good = examine(script, options, Path(folder)) and good
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
