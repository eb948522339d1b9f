"""Writes that go on at a table, a bucket or a folder while it is backed up, whatever it holds."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from opslib.sandbox.bucket_injuries import keys_of
from opslib.sandbox.item_injuries import items_of

__all__ = ["write_file", "write_item", "write_object", "writing_to"]

DELETES, CREATES = 0.1, 0.3


@contextmanager
def writing_to(
    write: Callable[[random.Random], None], seed: int, pause_seconds: float
) -> Iterator[list[int]]:
    """Write again and again for the length of the block.

    Args:
        write: writes once.
        seed: moves what is written.
        pause_seconds: between two writes.

    Yields:
        The number of writes so far, in a list of one.
    """
    ended, done = threading.Event(), [0]
    chance = random.Random(seed)  # noqa: S311  a test's own dice

    def work() -> None:
        while not ended.wait(pause_seconds):
            write(chance)
            done[0] += 1

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        ended.set()
        thread.join()


def write_item(client: Any, table: str) -> Callable[[random.Random], None]:
    """Return how to change, delete or create an item of a table once."""
    about = client.describe_table(TableName=table)["Table"]
    key = [part["AttributeName"] for part in about["KeySchema"]]
    taken = {one["AttributeName"] for one in about["AttributeDefinitions"]}
    items = items_of(client, table)

    def write(chance: random.Random) -> None:
        item = chance.choice(items)
        kind = chance.random()
        if kind < DELETES:
            client.delete_item(TableName=table, Key={name: item[name] for name in key})
            return
        name = chance.choice(sorted(item.keys() - taken))
        changed = {**item, name: _other(item[name], chance)}
        client.put_item(TableName=table, Item=changed)

    return write


def _other(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    ((kind, held),) = value.items()
    if kind == "N":
        return {"N": f"{Decimal(held) + chance.randint(1, 9)}"}
    return {"S": f"written {chance.random()}"}


def write_object(client: Any, bucket: str) -> Callable[[random.Random], None]:
    """Return how to change, delete or create an object of a bucket once."""
    keys = keys_of(client, bucket)

    def write(chance: random.Random) -> None:
        kind, key = chance.random(), chance.choice(keys)
        if kind < DELETES:
            client.delete_object(Bucket=bucket, Key=key)
            return
        name = f"new/{chance.random()}" if kind < CREATES else key
        client.put_object(Bucket=bucket, Key=name, Body=chance.randbytes(200))

    return write


def write_file(root: Path, pause: threading.Lock) -> Callable[[random.Random], None]:
    """Return how to change, delete or create a file of a folder once.

    Args:
        root: the folder.
        pause: held while a file is written, so that who takes it sees one moment.
    """
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]

    def write(chance: random.Random) -> None:
        kind, path = chance.random(), chance.choice(files)
        with pause:
            if kind < DELETES:
                path.unlink(missing_ok=True)
            else:
                place = root / f"new-{chance.random()}" if kind < CREATES else path
                place.write_bytes(chance.randbytes(200))

    return write
