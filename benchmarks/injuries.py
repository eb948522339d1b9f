"""Whether a restore that is whole passes, and every injury is caught, on any PostgreSQL script.

    python benchmarks/injuries.py chinook.sql estate.sql

Loads each script into an embedded server, restores it physically to the moment of a baseline
while writes go on at the source, and validates what came back; then makes every injury that the
schema allows on a restored copy and validates again, and every injury of a file on a physical copy
of its own. Prints the matrix; exits 1 on a false alarm, a miss, or an injury that was not judged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
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


def validate(
    baseline: DatabaseState, restored: Database, source: Database | None
) -> list[CheckResult]:
    """Read a restored database, and the source where it is given, and judge."""
    found = read_state(restored, baseline.algorithm, baseline.plans, is_restored=True)
    wanted = differing_buckets(baseline, found)
    rows = read_rows(restored, baseline.algorithm, wanted, baseline.plans)
    now = read_state(source, baseline.algorithm, baseline.plans) if source else None
    now_rows = read_rows(source, baseline.algorithm, wanted, baseline.plans) if source else None
    return validate_restore(baseline, found, rows, now, now_rows)


def restore_cleanly(
    server: PostgresServer, name: str, folder: Path, seed: int
) -> tuple[list[CheckResult], int]:
    """Back up under writes, restore to a baseline's instant, validate; with the writes counted."""
    source = Database(label="source", conninfo=server.conninfo(name))
    with writing(server.conninfo(name), seed) as writes:
        copy = take_backup(server, folder / f"backup-{seed}")
        time.sleep(0.2)
        baseline = read_state(source, rows_limit=ROWS_LIMIT)
        time.sleep(0.2)
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
        restored = restore_backup(copy, server, folder / f"clean-{seed}", baseline.captured_at)
        try:
            found = Database(label="restored", conninfo=restored.conninfo(name))
            return validate(baseline, found, source), writes.done
        finally:
            restored.remove()


def judge_file_injury(
    server: PostgresServer, name: str, baseline: DatabaseState
) -> tuple[list[CheckResult], list[CheckResult]]:
    """Validate a server with an injured file; return what failed, and what was inconclusive."""
    restored = Database(label="restored", conninfo=server.conninfo(name))
    found = read_state(restored, baseline.algorithm, baseline.plans, is_restored=True)
    wanted = differing_buckets(baseline, found)
    rows = read_rows(restored, baseline.algorithm, wanted, baseline.plans)
    results = validate_restore(baseline, found, rows, baseline, baseline.rows)
    failed = [result for result in results if result.verdict is Verdict.FAIL]
    return failed, [result for result in results if result.verdict is Verdict.INCONCLUSIVE]


def examine(script: Path, restores: int, limit: int, folder: Path) -> bool:
    """Run one script's restores and injuries; True when all is as it should be."""
    server = start_postgres(folder / "source")
    copies = [server]
    try:
        loaded = load_script(server, script)
        name = loaded.database
        print(f"\n{script.name}: database {name}, {len(loaded.errors)} statements refused")
        for error in loaded.errors[:5]:
            print(f"  refused: {error}")
        good = examine_clean(server, name, folder, restores)
        copy = take_backup(server, folder / "backup")
        restored = restore_backup(copy, server, folder / "restored")
        copies.append(restored)
        outcomes = examine_injuries(restored, name, limit)
        whole = Database(label="restored", conninfo=restored.conninfo(name))
        baseline = read_state(whole, rows_limit=ROWS_LIMIT)
        outcomes += examine_files(copy, server, name, folder, baseline)
        told = (f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"  {', '.join(told)}")
        return good and not set(outcomes) & {"missed", "error", "not judged"}
    finally:
        for made in copies:
            made.remove()


def examine_clean(server: PostgresServer, name: str, folder: Path, restores: int) -> bool:
    """Validate restores that are whole; every one must pass."""
    alarms = 0
    for seed in range(restores):
        results, writes = restore_cleanly(server, name, folder, seed)
        bad = [result for result in results if result.verdict is not Verdict.PASS]
        alarms += bool(bad)
        if seed == 0:
            checks = Counter(result.check for result in results)
            print("  checks", ", ".join(f"{check} {count}" for check, count in checks.items()))
        print(f"  clean restore {seed + 1}: {len(results)} checks, {writes} writes, ", end="")
        print("pass" if not bad else f"{len(bad)} FALSE ALARMS")
        for result in bad[:5]:
            print(f"    {result.check} {result.verdict}: {result.sentence}")
            print(f"      expected {result.expected[:300]}\n      found    {result.found[:300]}")
    print(f"  false alarms in {restores} clean restores: {alarms}")
    return not alarms


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


def examine_files(
    copy: Path, server: PostgresServer, name: str, folder: Path, baseline: DatabaseState
) -> Counter[str]:
    """Make every injury of a file, each on a copy of its own; return how many came to what."""
    outcomes: Counter[str] = Counter()
    for number, injury in enumerate(FILE_INJURIES):
        with injured_copy(copy, server, folder / f"file-{number}", name, injury) as made:
            injured, place = made
            if not place:
                outcome, checks = "not applicable", set()
            else:
                failed, _ = judge_file_injury(injured, name, baseline)
                checks = {result.check for result in failed}
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
    parser.add_argument("--control-rows-limit", type=int, default=100_000)
    options = parser.parse_args()
    good, limit = True, options.control_rows_limit
    for script in options.scripts:
        with tempfile.TemporaryDirectory(prefix="opslib-injuries-") as folder:
            good = examine(script, options.restores, limit, Path(folder)) and good
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
