"""A Slack export: what people and bots said in the channels.

Source: Slack Help Center, How to read Slack data exports: a folder (or its zip) with a folder for
each channel, in it a file ``yyyy-mm-dd.json`` for each day of the workspace's time zone, and
``users.json``. A message's ``ts`` is its time in seconds and, behind the point, a number that tells
messages apart.

Kind: a message is context, of whom or of what it may be; people mark what it was in their notes.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd

from opslib.aws.event_reads import Told
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.errors import ReadError
from opslib.people.recorded_files import RecordedFile, read_people_events
from opslib.people.slack_text import plain_text, said_in
from opslib.personal_data import mask_text
from opslib.redaction import redact_text
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import count, printable

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["read_slack_events"]

DAY_FILE = re.compile(r"^\d{4}-\d{2}-\d{2}\.json$")
ONE_DAY = timedelta(days=1)
MOST_BYTES = 100 * 1024**2
"""Of one file of a zip; more is no day of a channel."""
Named = dict[str, str]
Mask = Callable[[str], str]


def read_slack_events(
    reads: Reads, path: str, window: TimeWindow, *, account: Account | None = None
) -> pd.DataFrame:
    """Read the messages of an export, a folder or a zip; columns of `EVENTS`.

    What cannot be read of it is passed over and counted in coverage. Personal data in what was
    said is masked, unless ``mask_personal_data`` is off; who said it is not.
    """
    mask = mask_text if reads.masks_personal_data else str

    def tell(files: list[RecordedFile]) -> Told:
        told = Told()
        parts = dict(_parts(files, window))
        names = _names(told, parts)
        days = {name: text for name, text in parts.items() if DAY_FILE.match(_last(name))}
        if not days and not _any_day(files):
            told.lacks(CoverageStatus.NOT_FOUND, "no channel with a file yyyy-mm-dd.json is in it")
        for name, text in sorted(days.items()):
            _tell_day(told, name, text, names, mask)
        return told

    return read_people_events(
        reads,
        "slack",
        path,
        window,
        tell,
        account=account,
        suffixes=(".json", ".zip"),
        masked=reads.masks_personal_data,
    )


def _parts(files: list[RecordedFile], window: TimeWindow) -> Iterator[tuple[str, bytes]]:
    """Yield the files that matter, by name; of days, those that may touch the window."""
    for file in files:
        if not file.name.endswith(".zip"):
            if _matters(file.name, window):
                yield file.name, file.content
            continue
        with _opened(file) as archive:
            for member in archive.infolist():
                if _matters(member.filename, window) and member.file_size <= MOST_BYTES:
                    yield member.filename, _member(archive, member)


def _opened(file: RecordedFile) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(file.content))
    except zipfile.BadZipFile as error:
        raise ReadError(
            f"not a zip that can be read: {error}",
            where=file.uri,
            remedy="Export the workspace again, or name the unpacked folder.",
        ) from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        return b""  # counted as a broken day where it is one


def _matters(name: str, window: TimeWindow) -> bool:
    last = _last(name)
    if not DAY_FILE.match(last):
        return last in {"users.json", "channels.json"}
    try:
        day = date.fromisoformat(last.removesuffix(".json"))
    except ValueError:
        return False
    return (window.start - ONE_DAY).date() <= day <= (window.end + ONE_DAY).date()


def _any_day(files: list[RecordedFile]) -> bool:
    return any(
        DAY_FILE.match(_last(name))
        for file in files
        for name in (_opened(file).namelist() if file.name.endswith(".zip") else [file.name])
    )


def _last(name: str) -> str:
    return PurePosixPath(name).name


def _names(told: Told, parts: dict[str, bytes]) -> Named:
    """Return what users and channels are called, by id."""
    names: Named = {}
    for name, content in parts.items():
        if _last(name) not in {"users.json", "channels.json"}:
            continue
        for one in _listed(content) or []:
            if isinstance(one, dict) and one.get("id"):
                names[str(one["id"])] = _called(one)
    if not any(_last(name) == "users.json" for name in parts):
        told.lacks(CoverageStatus.PARTIAL, "users.json is absent: people are told by id")
    return names


def _called(one: dict[str, Any]) -> str:
    profile = one.get("profile") if isinstance(one.get("profile"), dict) else {}
    assert isinstance(profile, dict)
    found = (profile.get("display_name"), one.get("real_name"), profile.get("real_name"))
    return str(next((name for name in found if name), one.get("name") or one["id"]))


def _listed(content: bytes) -> list[Any] | None:
    try:
        told = json.loads(content)
    except ValueError:
        return None
    return told if isinstance(told, list) else None


def _tell_day(told: Told, name: str, content: bytes, names: Named, mask: Mask) -> None:
    messages = _listed(content)
    if messages is None:
        told.lacks(CoverageStatus.PARTIAL, f"{printable(name)} cannot be read")
        return
    channel = PurePosixPath(name).parent.name
    events = [_event(channel, message, names, mask) for message in messages]
    broken = sum(event is None for event in events)
    if broken:
        told.lacks(
            CoverageStatus.PARTIAL, f"{printable(name)}: {count(broken, 'message')} without a time"
        )
    told.events.extend(event for event in events if event is not None)


def _event(channel: str, message: Any, names: Named, mask: Mask) -> Event | None:
    """Return the event of a message; None where nobody can say when it was."""
    try:
        stamp = str(message["ts"])
        at = datetime.fromtimestamp(int(stamp.partition(".")[0]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    is_bot = bool(message.get("bot_id")) or message.get("subtype") == "bot_message"
    who = _who(message, names)
    said = (
        mask(redact_text(plain_text(said_in(message), names)))
        or f"({message.get('subtype') or 'no text'})"
    )
    return Event(
        at=at,
        source="slack",
        kind=EventKind.CONTEXT,
        actor=f"{who} (bot)" if is_bot else who,
        action=str(message.get("subtype") or "message"),
        summary=f"#{channel} {who}: {said}",
        reference=f"{channel}:{stamp}",
    )


def _who(message: dict[str, Any], names: Named) -> str:
    profile = message.get("bot_profile") or message.get("user_profile") or {}
    user = str(message.get("user") or "")
    told = profile.get("name") or profile.get("real_name") if isinstance(profile, dict) else ""
    found = (names.get(user), message.get("username"), told, user, message.get("bot_id"))
    return str(next((name for name in found if name), "?"))
