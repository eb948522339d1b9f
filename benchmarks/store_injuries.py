"""Whether restores of tables, buckets and folders that are whole pass, and every injury is caught.

    python -m benchmarks.store_injuries

Starts a sandbox. Captures a baseline of each store and restores it while writes go on, and
validates what came back: a fail is a false alarm. Then injures a fresh restored copy in every way
that it has a place for, by real calls, and validates again. Prints the matrix; exits 1 on a false
alarm or a miss. A restore whose differences could not all be explained is inconclusive, and
counted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.file_copy import validate_file_copy
from opslib.analysis.dr.object_copy import validate_object_copy
from opslib.analysis.dr.store_copy import data_verdict, is_after_restore
from opslib.analysis.dr.table_copy import validate_table_copy
from opslib.aws.reads import Reads
from opslib.databases.file_copies import capture_file_baseline, read_file_validation
from opslib.databases.object_copies import capture_bucket_baseline, read_object_validation
from opslib.databases.table_copies import capture_table_baseline, read_table_validation
from opslib.findings import Verdict
from opslib.parameters import CostParameters
from opslib.run_folder import RunFolder
from opslib.sandbox.bucket_injuries import BUCKET_CHANGES, BUCKET_INJURIES, restore_bucket
from opslib.sandbox.definition_injuries import DEFINITION_INJURIES
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.folder_injuries import FOLDER_INJURIES
from opslib.sandbox.item_injuries import ITEM_INJURIES, another_key, items_of, put_items
from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.store_writes import write_file, write_item, write_object, writing_to

REGION = "us-east-1"
TABLES, BUCKETS = ("carts", "sessions", "inventory"), ("acme-documents",)
Results = list[CheckResult]


@dataclass(frozen=True)
class Account:
    """The sandbox's production account: a writing client, reads, and a folder of its own."""

    sandbox: RunningSandbox
    folder: Path

    def client(self, service: str) -> Any:
        """Return a boto3 client that may write."""
        import boto3  # noqa: PLC0415

        sts = boto3.client("sts", region_name=REGION, **self._own())
        role = f"arn:aws:iam::{PRODUCTION}:role/opslib-read"
        granted = sts.assume_role(RoleArn=role, RoleSessionName="injure")["Credentials"]
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.sandbox.endpoint,
            aws_access_key_id=granted["AccessKeyId"],
            aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
        )

    def _own(self) -> dict[str, str]:
        return {
            "endpoint_url": self.sandbox.endpoint,
            "aws_access_key_id": self.sandbox.access_key_id,
            "aws_secret_access_key": self.sandbox.secret_access_key,
        }

    def reads(self) -> tuple[Reads, Any]:
        """Return a fresh run's reads, and the account that it reads."""
        run = self.folder / f"run-{next(NUMBERS)}"
        run.mkdir()
        parameters = CostParameters.parse(
            {
                "environment": "test",
                "as_of": "2026-03-02T06:00:00Z",
                "accounts": [
                    {"id": PRODUCTION, "role": f"arn:aws:iam::{PRODUCTION}:role/opslib-read"}
                ],
            }
        )
        return Reads(parameters, RunFolder(path=run)), parameters.accounts[0]

    def path(self, name: str) -> Path:
        """Return a path that nothing has."""
        return self.folder / f"{name}-{next(NUMBERS)}"


NUMBERS: Iterator[int] = count()


def capture_table(account: Account, table: str) -> Path:
    """Capture a table's baseline."""
    place = account.path("baseline")
    capture_table_baseline(*account.reads(), REGION, table, place)
    return place


def restore_table(client: Any, table: str) -> str:
    """Restore a table to the latest moment; return the copy's name."""
    name = f"{table}-copy-{next(NUMBERS)}"
    client.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=name, UseLatestRestorableTime=True
    )
    return name


def validate_table(account: Account, table: str, copy: str, baseline: Path) -> Results:
    """Read and judge a restored table."""
    states = read_table_validation(*account.reads(), REGION, table, copy, str(baseline))
    return validate_table_copy(states)


def capture_bucket(account: Account, bucket: str) -> Path:
    """Capture a bucket's baseline."""
    place = account.path("baseline")
    capture_bucket_baseline(*account.reads(), REGION, bucket, place)
    return place


def copy_bucket(client: Any, bucket: str) -> str:
    """Restore a bucket as it is now; return the copy's name."""
    name = f"{bucket}-copy-{next(NUMBERS)}"
    restore_bucket(client, bucket, name)
    return name


def validate_bucket(account: Account, bucket: str, copy: str, baseline: Path) -> Results:
    """Read and judge a restored bucket."""
    states = read_object_validation(*account.reads(), REGION, bucket, copy, str(baseline))
    return validate_object_copy(states)


def make_tree(root: Path) -> Path:
    """Make a folder with a few of everything."""
    for number in range(400):
        place = root / f"part {number % 4}" / f"Ü{number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"file {number}.bin").write_bytes(os.urandom(10 * number))
        os.utime(place / f"file {number}.bin", (1_700_000_000 + number,) * 2)
    (root / "link").symlink_to("part 0")
    (root / "out").symlink_to("/etc")
    os.mkfifo(root / "pipe")
    return root


def copy_tree(root: Path, target: Path) -> Path:
    """Restore a folder."""
    special = [path for path in root.rglob("*") if path.is_fifo()]
    shutil.copytree(root, target, symlinks=True, ignore=lambda _, names: {"pipe"} & set(names))
    for path in special:
        os.mkfifo(target / path.relative_to(root))
        shutil.copystat(path, target / path.relative_to(root))
    return target


def validate_tree(account: Account, root: Path, copy: Path, baseline: Path) -> Results:
    """Read and judge a restored folder."""
    reads, _ = account.reads()
    return validate_file_copy(read_file_validation(reads, None, root, copy, str(baseline)))


def outcome(results: Results, caught_by: str, place: str) -> str:
    """Return what became of an injury: caught, MISSED, or not applicable."""
    if not place:
        return "not applicable"
    failed = {result.check for result in results if result.verdict is Verdict.FAIL}
    if not caught_by:
        return "no alarm" if data_verdict(results) is Verdict.PASS else "FALSE ALARM"
    return "caught" if caught_by in failed else "MISSED"


def enlarge(client: Any) -> None:
    """Let the tables hold more than is written while one is restored."""
    for table in TABLES:
        items = items_of(client, table)
        schema = client.describe_table(TableName=table)["Table"]["KeySchema"]
        name = schema[-1]["AttributeName"]
        more = [
            {**item, name: another_key(item[name], number)} for item in items for number in range(7)
        ]
        put_items(client, table, more)


def clean_restores(account: Account, restores: int) -> Iterator[tuple[str, Verdict, int, Results]]:
    """Restore every kind of store while writes go on; yield verdicts and writes."""
    tables, buckets = account.client("dynamodb"), account.client("s3")
    enlarge(tables)
    for seed in range(restores):
        table = TABLES[seed % len(TABLES)]
        with writing_to(write_item(account.client("dynamodb"), table), seed, 0.05) as done:
            baseline = capture_table(account, table)
            copy = restore_table(tables, table)
            results = validate_table(account, table, copy, baseline)
        tables.delete_table(TableName=copy)
        yield f"table {table}", data_verdict(results), done[0], results
    for seed in range(restores):
        bucket = BUCKETS[seed % len(BUCKETS)]
        baseline = capture_bucket(account, bucket)
        write = write_object(account.client("s3"), bucket)
        with writing_to(write, seed, 0.02) as done:
            time.sleep(0.1)
        copy = copy_bucket(buckets, bucket)
        with writing_to(write, seed + restores, 0.02) as more:
            results = validate_bucket(account, bucket, copy, baseline)
        yield f"bucket {bucket}", data_verdict(results), done[0] + more[0], results
    for seed in range(restores):
        yield clean_tree(account, seed)


def clean_tree(account: Account, seed: int) -> tuple[str, Verdict, int, Results]:
    """Restore a folder of one moment, while files are written before and after it."""
    root, pause = make_tree(account.path("tree")), threading.Lock()
    baseline = account.path("baseline")
    capture_file_baseline(root, baseline)
    with writing_to(write_file(root, pause), seed, 0.005) as done:
        time.sleep(0.05)
        with pause:
            copy = copy_tree(root, account.path("copy"))
        time.sleep(0.05)
    results = validate_tree(account, root, copy, baseline)
    return "folder", data_verdict(results), done[0], results


Row = tuple[str, str, str, str, str]


def injured(account: Account) -> Iterator[Row]:
    """Make every injury on a fresh copy; yield store, injury, outcome, place and failed checks."""
    client = account.client("dynamodb")
    for table in TABLES:
        baseline = capture_table(account, table)
        for injury in (*ITEM_INJURIES, *DEFINITION_INJURIES):
            copy = restore_table(client, table)
            place = injury.make(client, copy)
            results = validate_table(account, table, copy, baseline) if place else []
            yield row(table, injury.name, results, injury.caught_by, place)
            client.delete_table(TableName=copy)
    client = account.client("s3")
    for bucket in BUCKETS:
        baseline = capture_bucket(account, bucket)
        for change in (*BUCKET_INJURIES, *BUCKET_CHANGES):
            copy = copy_bucket(client, bucket)
            place = change.make(client, copy)
            results = validate_bucket(account, bucket, copy, baseline) if place else []
            yield row(bucket, change.name, results, change.caught_by, place)
    root, baseline = make_tree(account.path("tree")), account.path("baseline")
    capture_file_baseline(root, baseline)
    for harm in FOLDER_INJURIES:
        folder = copy_tree(root, account.path("copy"))
        place = harm.make(folder)
        results = validate_tree(account, root, folder, baseline)
        yield row("folder", harm.name, results, harm.caught_by, place)


def row(store: str, injury: str, results: Results, caught_by: str, place: str) -> Row:
    """Return a line of the matrix."""
    failed = sorted({r.check for r in results if r.verdict is Verdict.FAIL})
    own = [check for check in failed if not check.startswith("after restore")]
    return store, injury, outcome(results, caught_by, place), place, ", ".join(own)


def examine(account: Account, restores: int) -> bool:
    """Run and print it all; True when all is as it should be."""
    outcomes: Counter[str] = Counter()
    print(f"{'store':<16}{'injury':<34}{'outcome':<16}failed checks")
    for store, injury, what, _, failed in injured(account):
        outcomes[what] += 1
        print(f"{store:<16}{injury:<34}{what:<16}{failed}")
    verdicts: Counter[Verdict] = Counter()
    for store, verdict, writes, results in clean_restores(account, restores):
        verdicts[verdict] += 1
        print(f"clean restore of {store:<24}{writes:>5} writes   {verdict.value}")
        show(results)
    print("\nclean restores:", ", ".join(f"{n} {v.value}" for v, n in sorted(verdicts.items())))
    print("injuries:", ", ".join(f"{n} {what}" for what, n in sorted(outcomes.items())))
    bad = verdicts[Verdict.FAIL] + outcomes["MISSED"] + outcomes["FALSE ALARM"]
    return not bad


def show(results: Sequence[CheckResult]) -> None:
    """Print the checks of the data that did not pass."""
    for result in results:
        if result.verdict is not Verdict.PASS and not is_after_restore(result):
            print(f"    {result.check}: {result.sentence}")


def main() -> int:
    """Read the command line, run, print; 1 on a miss or a false alarm."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--restores", type=int, default=20, help="clean ones of each kind of store")
    options = parser.parse_args()
    with (
        running_sandbox(scenario="steady", seed=1) as sandbox,
        tempfile.TemporaryDirectory(prefix="opslib-stores-") as folder,
    ):
        os.environ.update({**sandbox.environ, "OPSLIB_CACHE": str(Path(folder) / "cache")})
        return int(not examine(Account(sandbox, Path(folder)), options.restores))


if __name__ == "__main__":
    sys.exit(main())
