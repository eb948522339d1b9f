"""A month of ordinary CloudTrail traffic with the events of attack techniques mixed in.

    python -m benchmarks.synthetic_month DETONATIONS OUT --seed 0

DETONATIONS holds JSON files of CloudTrail events, a technique each, such as those of Stratus Red
Team. OUT/logs gets gzipped log files, OUT/ids.txt the event ids of the techniques' changes: what
``python -m benchmarks.changes OUT/logs --truth OUT/ids.txt`` asks for. Each technique falls on a
moment of its own, by a person of the account, a new user, a role that was taken over or whoever
made it really, mostly from a network that is new. The same seed makes the same month.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ordinary_operations import (
    ACCOUNT,
    BY_ADMINS,
    BY_PEOPLE,
    BY_TERRAFORM,
    PIPELINE,
    PROJECT,
    Operation,
)
from benchmarks.synthetic_events import REGIONS, START, Identity, Month, Person, role, user

PER_FILE = 2_000
ERRORS = {"": 90, "AccessDenied": 3, "ValidationException": 4, "ThrottlingException": 2}


def make_people(month: Month) -> list[Person]:
    """Return people, each with a taste for some operations, administrators for theirs too."""
    sso = "aws-reserved/sso.amazonaws.com/AWSReservedSSO"
    named = [(role(f"{sso}_Dev_ab", f"p{n}@example.com"), f"81.2.{n}.10") for n in range(6)]
    named += [(role(f"{sso}_Admin_cd", f"a{n}@example.com"), f"81.9.{n}.4") for n in range(3)]
    named += [(user("legacy"), "81.2.3.9"), (user("finance"), "90.1.1.2")]
    people = []
    for identity, address in named:
        known = month.chance.sample(BY_PEOPLE, month.chance.randrange(15, len(BY_PEOPLE)))
        habits = [(one, one.weight * month.chance.paretovariate(0.8) / 3) for one in known]
        if "Admin" in identity["arn"]:
            habits += [(one, 2 * one.weight) for one in BY_ADMINS]
        people.append(Person(identity, address, habits))
    return people


def people_work(month: Month, people: list[Person], day: int) -> None:
    """Let people do what they like, mostly on weekdays and at their desks."""
    weekday = (START + timedelta(days=day)).weekday() < 5  # noqa: PLR2004  Saturday
    for person in people:
        if month.chance.random() > (0.82 if weekday else 0.08):
            continue
        at_desk = month.chance.random() < 0.85  # noqa: PLR2004
        address = person.address if at_desk else month.address(60, 100)
        month.call(month.moment(day, 7, 10), SIGN_IN, person.identity, address)
        for _ in range(int(month.chance.expovariate(1 / 12))):
            what, at = month.pick(person.habits), month.moment(day, 8, 19)
            times = 1 if month.chance.random() < 0.8 else month.chance.randrange(2, 6)  # noqa: PLR2004
            error = month.chance.choices(list(ERRORS), list(ERRORS.values()))[0]
            for again in range(times):
                late = at + timedelta(seconds=20 * again)
                month.call(late, what, person.identity, address, error)


def deployments_run(month: Month, day: int) -> None:
    """Let pipelines deploy, and Terraform apply every other day."""
    for _ in range(month.chance.randrange(3, 8)):
        build = role("ci-deploy", f"build-{month.chance.randrange(9999)}")
        month.calls(month.moment(day, 8, 19), PIPELINE, build, "18.200.3.4")
    if month.chance.random() < 0.5:  # noqa: PLR2004
        weighed = [(one, one.weight) for one in BY_TERRAFORM]
        made = [month.pick(weighed) for _ in range(month.chance.randrange(3, 25))]
        apply = role("terraform-apply", f"run-{month.chance.randrange(9999)}")
        month.calls(month.moment(day, 9, 18), made, apply, "140.82.1.1")


def machines_work(month: Month, day: int) -> None:
    """Let services and scheduled jobs do what they do every day."""
    scaling = role(
        f"{SERVICE_ROLES}/AWSServiceRoleForAutoScaling", "a", "autoscaling.amazonaws.com"
    )
    for hour in range(24):
        for name in month.chance.sample(SCALED, 2) * month.chance.randrange(4):
            at = month.moment(day, hour, hour + 1)
            month.call(at, Operation("ec2", name), scaling, "autoscaling.amazonaws.com")
        for node in range(6):
            at = month.moment(day, hour, hour + 1)
            month.call(at, REPORTED, role("app-node", f"i-{node}"), f"10.0.1.{node}")
        month.call(
            month.moment(day, hour, hour + 1),
            Operation("glue", "CreateTable"),
            role("etl"),
            "3.251.1.1",
        )
    backup = role("AWSBackupRole", "b", "backup.amazonaws.com")
    month.calls(month.moment(day, 1, 2), BACKED_UP * 5, backup, "backup.amazonaws.com")
    month.call(month.moment(day, 1, 2), SHARED, role("snapshot-share"), "3.249.1.1")
    if day % 7 == 2:  # noqa: PLR2004  Tuesdays
        month.call(month.moment(day, 3, 4), ROTATED, role("rotate"), "3.250.1.1")


SERVICE_ROLES = "aws-service-role/x.amazonaws.com"
SIGN_IN = Operation("signin", "ConsoleLogin")
SCALED = ["RunInstances", "TerminateInstances", "CreateTags", "CreateNetworkInterface"]
REPORTED = Operation("ssm", "UpdateInstanceInformation")
BACKED_UP = [Operation("ec2", "CreateSnapshot"), Operation("ec2", "DeleteSnapshot")]
SHARED = next(one for one in BY_ADMINS if one.name == "ModifySnapshotAttribute")
ROTATED = Operation("secretsmanager", "PutSecretValue")


def set_off(month: Month, people: list[Person], technique: list[dict[str, Any]]) -> None:
    """Mix the events of a technique in, at some moment and by somebody."""
    told = sorted(technique, key=lambda one: str(one["eventTime"]))
    own = str(told[0]["recipientAccountId"])
    began = datetime.fromisoformat(told[0]["eventTime"])
    starts, region = month.moment(month.chance.randrange(month.days)), month.chance.choice(REGIONS)
    who, address = _intruder(month, people)
    for one in json.loads(json.dumps(told).replace(own, ACCOUNT)):
        at = starts + (datetime.fromisoformat(one["eventTime"]) - began)
        one |= {"eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "awsRegion": region}
        one["eventID"] = month.unique()
        if who is not None:
            one["sourceIPAddress"] = address
            one["userIdentity"] = who if one["eventName"] != "ConsoleLogin" else one["userIdentity"]
        month.events.append(one)
        if one["readOnly"] is False:
            month.truth.append(one["eventID"])


def _intruder(month: Month, people: list[Person]) -> tuple[Identity | None, str]:
    """Return who makes a technique's calls, None for whoever made them, and from where."""
    person, new = month.chance.choice(people), month.address(100, 220)
    way = month.chance.choice(["person", "person", "new user", "role", "as it was"])
    if way == "as it was":
        return None, ""
    if way == "role":
        taken = month.chance.choice(["ci-deploy", "app-node", "terraform-apply"])
        return role(taken, "x"), new
    who = user(f"temporary{month.chance.randrange(99)}") if way == "new user" else person.identity
    return who, new if month.chance.random() < 0.6 else person.address  # noqa: PLR2004


def make_month(techniques: list[list[dict[str, Any]]], seed: int, days: int = 30) -> Month:
    """Return a month of events, those of the techniques among them."""
    month = Month(random.Random(seed), days)  # noqa: S311  nothing secret
    people = make_people(month)
    for day in range(days):
        people_work(month, people, day)
        deployments_run(month, day)
        machines_work(month, day)
    founder = month.chance.choice([one for one in people if "Admin" in one.identity["arn"]])
    day = month.chance.randrange(5, days - 3)
    month.calls(month.moment(day, 9, 15), PROJECT, founder.identity, founder.address)
    for technique in techniques:
        set_off(month, people, technique)
    month.chance.shuffle(month.events)
    return month


def main() -> None:
    """Write the month and the list of what is to be found in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("detonations", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    files = sorted(options.detonations.glob("*.json"))
    if not files:
        raise SystemExit(f"{options.detonations} holds no JSON file")
    techniques = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    month = make_month(techniques, options.seed, options.days)
    logs = options.out / "logs"
    logs.mkdir(parents=True)
    for first in range(0, len(month.events), PER_FILE):
        records = json.dumps({"Records": month.events[first : first + PER_FILE]})
        content = gzip.compress(records.encode(), compresslevel=1, mtime=0)
        (logs / f"{first:07d}.json.gz").write_bytes(content)
    (options.out / "ids.txt").write_text("\n".join(month.truth) + "\n", encoding="utf-8")
    print(f"{len(month.events):,} events, {len(month.truth)} to find")


if __name__ == "__main__":
    main()
