"""Whether a restore that is whole passes, and every injury is caught, on any PostgreSQL script.

    python benchmarks/injuries.py chinook.sql estate.sql

Loads each script into an embedded server, restores it physically to the moment of a baseline
while writes go on at the source, and validates what came back; then makes every injury that the
schema allows on a restored copy and validates again. Prints the matrix; exits 1 on a false alarm
or a miss.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psycopg

from opslib.actions.injuries import Injury, injure
from opslib.actions.injury_list import INJURIES
from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.validation import differing_buckets, validate_restore
from opslib.databases.content import read_rows, read_rows_on
from opslib.databases.postgres import Database, connect
from opslib.databases.state import read_state, read_state_on
from opslib.errors import OpsError
from opslib.findings import Verdict
from opslib.sandbox.database_scripts import load_script
from opslib.sandbox.database_writes import writing
from opslib.sandbox.file_injuries import FILE_INJURIES, FileInjury
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


def judge_injury(
    restored: Database, injury: Injury, baseline: DatabaseState
) -> tuple[str, str, list[CheckResult]]:
    """Make one injury in a transaction, validate, take it back; with where it was made."""
    with connect(restored, read_only=False) as connection:
        with injure(connection, injury) as made:
            if made is None:
                return "not applicable", "", []
            state = read_state_on(connection, baseline.algorithm, baseline.plans)
            wanted = differing_buckets(baseline, state)
            rows = read_rows_on(connection, baseline.algorithm, wanted, baseline.plans)
        state = replace(state, corruptions=baseline.corruptions)
        results = validate_restore(baseline, state, rows, baseline, baseline.rows)
    failed = [result for result in results if result.verdict is Verdict.FAIL]
    caught = {result.check for result in failed} & set(injury.caught_by)
    return ("caught" if caught else "MISSED"), made.place, failed


def judge_file_injury(
    server: PostgresServer, name: str, injury: FileInjury
) -> tuple[str, str, list[CheckResult]]:
    """Injure a file of a stopped server, start it, look, and mend the file."""
    with injury.make(server, name) as place:
        if not place:
            return "not applicable", "", []
        restored = Database(label="restored", conninfo=server.conninfo(name))
        try:
            state = read_state(restored, is_restored=True)
        except OpsError:
            return "caught", place, []
        assert state.corruptions is not None
        found = (state.corruptions["Found"] != "").any()
        return ("caught" if found else "MISSED"), place, []


def examine(script: Path, restores: int, folder: Path) -> bool:
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
        return examine_injuries(restored, name) and good
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


def examine_injuries(restored: PostgresServer, name: str) -> bool:
    """Make every injury that the schema allows; every one must be caught."""
    database = Database(label="restored", conninfo=restored.conninfo(name))
    baseline = read_state(database, rows_limit=ROWS_LIMIT, is_restored=True)
    outcomes: Counter[str] = Counter()
    print(f"  {'injury':<42}{'outcome':<16}{'where':<36}caught by")
    for injury in INJURIES:
        outcome, place, failed = judge_injury(database, injury, baseline)
        outcomes[outcome] += 1
        checks = ", ".join(sorted({result.check for result in failed}))
        print(f"  {injury.name:<42}{outcome:<16}{place[:34]:<36}{checks[:70]}")
    for made in FILE_INJURIES:
        outcome, place, _ = judge_file_injury(restored, name, made)
        outcomes[outcome] += 1
        print(f"  {made.name:<42}{outcome:<16}{place[:34]:<36}")
    print("  " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))
    return not outcomes["MISSED"]


def main() -> int:
    """Read the command line, run, print; 1 on a miss or a false alarm."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scripts", nargs="+", type=Path, metavar="FILE.sql")
    parser.add_argument("--restores", type=int, default=20)
    options = parser.parse_args()
    good = True
    for script in options.scripts:
        with tempfile.TemporaryDirectory(prefix="opslib-injuries-") as folder:
            good = examine(script, options.restores, Path(folder)) and good
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
