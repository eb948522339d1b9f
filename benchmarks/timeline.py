"""How fast and in how much memory CloudTrail log files become the events of a window, in order.

    python -m benchmarks.timeline [--events 1000000] [--files 200] [--rounds 3]

Makes log files of a month (gzipped, realistic nested records) and, each in a process of its own,
the sides in turn:

- floor: DuckDB's own read_json of the same files, explicit columns and records=true, the columns
  read and counted; nothing normalised, no window, no order;
- floor, kept: the same, its rows kept in a table;
- opslib: window, normalise, repeated events out, order; of a day, a week and the whole month;
- json + pandas: gzip, json.load, the same fields picked, one data frame of the day, sorted.

Prints seconds (median) with the ratio to the floor, and the largest resident memory. Exits 1
where the whole month takes more than 1.5 times the floor that keeps its rows too, the day more
than 1.5 times the bare floor, or one more than 1 GiB.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 2, 1, tzinfo=UTC)
DAYS = 30
MOST_RATIO = 1.5
MOST_MIB = 1024
DAY_IN_THE_MIDDLE = START + timedelta(days=14)
OPERATIONS = (
    ("ec2", "DescribeInstances", True),
    ("s3", "GetBucketAcl", True),
    ("sts", "AssumeRole", True),
    ("kms", "Decrypt", True),
    ("ecs", "UpdateService", False),
    ("lambda", "UpdateFunctionCode20150331v2", False),
    ("ec2", "CreateTags", False),
    ("logs", "CreateLogStream", False),
)


def record(chance: random.Random, moment: datetime) -> dict[str, Any]:
    """Return a made-up record of about the size and depth of a real one."""
    service, operation, reading = chance.choice(OPERATIONS)
    role = f"role-{chance.randrange(50)}"
    items = [{"instanceId": f"i-{chance.getrandbits(32):08x}"} for _ in range(chance.randint(1, 5))]
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLEEXAMPLE:session",
            "arn": f"arn:aws:sts::111122223333:assumed-role/{role}/s-{chance.randrange(1000)}",
            "accountId": "111122223333",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "arn": f"arn:aws:iam::111122223333:role/{role}",
                    "userName": role,
                },
                "attributes": {"creationDate": "2026-02-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": chance.choice(("eu-west-1", "us-east-1")),
        "sourceIPAddress": f"10.0.{chance.randrange(256)}.{chance.randrange(256)}",
        "userAgent": "Boto3/1.34 md/Botocore#1.34 ua/2.0 os/linux#5.10 lang/python#3.11",
        "requestParameters": {
            "instancesSet": {"items": items},
            "filterSet": {"items": [{"name": "tag:app", "valueSet": {"value": "x" * 40}}]},
            "encryptionContext": {"aws:lambda:FunctionArn": "arn:aws:lambda:eu-west-1:1:f"},
        },
        "responseElements": None if reading else {"requestId": "a" * 36, "events": ["y" * 50] * 3},
        "requestID": f"{chance.getrandbits(128):032x}",
        "eventID": f"{chance.getrandbits(128):032x}",
        "readOnly": reading,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
    }


def make_files(folder: Path, events: int, files: int) -> None:
    """Write the log files, each of its own stretch of time, the records in it in no order."""
    chance = random.Random(1)  # noqa: S311  made-up data
    step = timedelta(days=DAYS) / events
    for number in range(files):
        first = number * events // files
        moments = [START + step * place for place in range(first, (number + 1) * events // files)]
        records = [record(chance, moment) for moment in moments]
        chance.shuffle(records)
        stamp = f"{moments[-1]:%Y%m%dT%H%M}Z"
        place = folder / f"111122223333_CloudTrail_eu-west-1_{stamp}_{number:05d}.json.gz"
        with gzip.open(place, "wt", compresslevel=4) as file:
            json.dump({"Records": records}, file, separators=(",", ":"))


def floor(files: list[Path], *, kept: bool) -> int:
    """Read all columns of all files by DuckDB alone."""
    import duckdb  # noqa: PLC0415  each side imports its own

    from opslib.tables.cloudtrail import EVENT_STRUCT  # noqa: PLC0415

    connection = duckdb.connect(config={"memory_limit": "600MB"})
    connection.execute("SET preserve_insertion_order = false")
    read = (
        f"SELECT unnest(Records) AS record FROM read_json({[str(file) for file in files]}, "  # noqa: S608
        f"columns = {{Records: '{EVENT_STRUCT}[]'}}, records = true)"
    )
    if kept:
        connection.execute(f"CREATE TABLE events AS SELECT record.* FROM ({read})")  # noqa: S608
        found = connection.execute("SELECT count(*) FROM events").fetchone()
    else:
        found = connection.execute(f"SELECT count(record.eventID) FROM ({read})").fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def gathered(files: list[Path], days: int) -> int:
    """Return the number of events of so many days, normalised and in order."""
    from opslib.tables.cloudtrail_log import gather_events  # noqa: PLC0415
    from opslib.tables.log_engine import LogEngine  # noqa: PLC0415
    from opslib.timewindow import TimeWindow  # noqa: PLC0415

    start = START if days == DAYS else DAY_IN_THE_MIDDLE
    with LogEngine() as engine:
        log = gather_events(
            engine, files, TimeWindow(start=start, end=start + timedelta(days=days))
        )
        return log.rows


def by_pandas(files: list[Path]) -> int:
    """Do what `gathered` does for a day with the standard library and pandas."""
    import pandas as pd  # noqa: PLC0415

    first, last = (
        f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        for moment in (DAY_IN_THE_MIDDLE, DAY_IN_THE_MIDDLE + timedelta(days=1))
    )
    frame = pd.DataFrame(_picked(files, first, last))
    return len(frame.drop_duplicates("eventID").sort_values(["eventTime", "eventID"]))


def _picked(files: list[Path], first: str, last: str) -> Iterator[dict[str, Any]]:
    from opslib.tables.cloudtrail import RECORD_COLUMNS  # noqa: PLC0415

    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            for found in json.load(opened)["Records"]:
                if first <= found["eventTime"] < last:
                    flat = {key: found.get(key) for key in RECORD_COLUMNS}
                    yield flat | {"Principal": found["userIdentity"]["sessionContext"]}


SIDES = {
    "floor": lambda files: floor(files, kept=False),
    "floor, kept": lambda files: floor(files, kept=True),
    "opslib, a day": lambda files: gathered(files, 1),
    "opslib, a week": lambda files: gathered(files, 7),
    "opslib, the month": lambda files: gathered(files, DAYS),
    "json + pandas, a day": by_pandas,
}


def one_side(name: str, folder: Path) -> None:
    """Run a side in this process and print what it took, as JSON."""
    files = sorted(folder.glob("*.gz"))
    started = time.perf_counter()
    events = SIDES[name](files)
    seconds = time.perf_counter() - started
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"events": events, "seconds": seconds, "mib": mib}))


def measure(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return the median seconds, largest memory and number of events of each side."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SIDES}
    for _ in range(rounds):
        for name, runs in found.items():
            command = [sys.executable, "-m", "benchmarks.timeline", "--side", name, str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            runs.append(json.loads(done.stdout))
    return {
        name: {
            "events": runs[0]["events"],
            "seconds": statistics.median(run["seconds"] for run in runs),
            "mib": max(run["mib"] for run in runs),
        }
        for name, runs in found.items()
    }


def main() -> None:
    """Print the table; exit 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", nargs=2, metavar=("NAME", "DIR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        one_side(options.side[0], Path(options.side[1]))
        return
    with tempfile.TemporaryDirectory(prefix="opslib-timeline-") as folder:
        make_files(Path(folder), options.events, options.files)
        found = measure(Path(folder), options.rounds)
    least = found["floor"]["seconds"]
    print(f"{'side':<24}{'events':>10}{'seconds':>9}{'of floor':>9}{'MiB':>7}")
    for name, took in found.items():
        ratio = took["seconds"] / least
        events = f"{took['events']:,}"
        print(f"{name:<24}{events:>10}{took['seconds']:>9.2f}{ratio:>9.2f}{took['mib']:>7.0f}")
    day, month = found["opslib, a day"], found["opslib, the month"]
    passed = (
        day["seconds"] > MOST_RATIO * least
        or month["seconds"] > MOST_RATIO * found["floor, kept"]["seconds"]
        or max(day["mib"], month["mib"]) > MOST_MIB
    )
    raise SystemExit(int(passed))


if __name__ == "__main__":
    main()
