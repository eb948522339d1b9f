"""What a baseline consists of: which states, in which folders of it, and which comes last."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opslib.errors import TableError
from opslib.tables.database_state import DatabaseState
from opslib.tables.store_states import BucketState, TableDescription, TableItems, TreeState

__all__ = [
    "BASELINE_FILE",
    "BUCKET_BASELINE",
    "DATABASE_BASELINE",
    "FOLDER_BASELINE",
    "FORMAT",
    "TABLE_BASELINE",
    "BaselineHead",
    "BaselineLayout",
    "read_head",
]

BASELINE_FILE = "baseline.json"
FORMAT = "1.0"
FILE_NAME = re.compile(r"[a-z_]+\.parquet")
ENDS = ("captured_until", "captured_at")
"""Facts that tell a state's moment: the end of its capture, where that took a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineLayout:
    """Where the states of a baseline lie.

    Args:
        kind: what it is a baseline of, in a word.
        parts: folder within the baseline ('' for itself) and kind of each state, in the order
            in which they are written.
    """

    kind: str
    parts: tuple[tuple[str, type[Any]], ...]

    @property
    def marker(self) -> str:
        """Return the file without which there is no baseline: the one that is written last."""
        return self.heads[-1]

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the JSON file of each part, the marker last."""
        return tuple(f"{part}/{BASELINE_FILE}" if part else BASELINE_FILE for part, _ in self.parts)


DATABASE_BASELINE = BaselineLayout(kind="database", parts=(("", DatabaseState),))
TABLE_BASELINE = BaselineLayout(
    kind="table", parts=(("description", TableDescription), ("items", TableItems))
)
BUCKET_BASELINE = BaselineLayout(kind="bucket", parts=(("", BucketState),))
FOLDER_BASELINE = BaselineLayout(kind="folder", parts=(("", TreeState),))


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineHead:
    """What the JSON of a state says.

    Args:
        format: version of the layout.
        kind: class of the state.
        facts: what it holds beside its frames, as plain values.
        files: name to SHA-256 of the frames beside it.
        of: what was captured, by name; '' where that was not kept.
    """

    format: str
    kind: str
    facts: dict[str, Any]
    files: dict[str, str]
    of: str

    @property
    def moment(self) -> datetime | None:
        """Return when its capture had ended; None where it does not say."""
        told = next((self.facts[name] for name in ENDS if self.facts.get(name)), None)
        moment = datetime.fromisoformat(told) if isinstance(told, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None


def read_head(text: str) -> BaselineHead:
    """Read the JSON of a state.

    Raises:
        TableError: it is none, or names files that are not of a baseline.
    """
    try:
        written = json.loads(text)
        head = BaselineHead(
            format=str(written.get("format")),
            kind=str(written.get("kind", DatabaseState.__name__)),
            facts=dict(written.get("facts", {})),
            files=dict(written.get("files", {})),
            of=str(written.get("of", "")),
        )
        head.moment  # noqa: B018  a moment that cannot be read is found here
    except (ValueError, TypeError, AttributeError):
        raise _broken("it is not the JSON of a baseline") from None
    if not all(FILE_NAME.fullmatch(name) for name in head.files):
        raise _broken("it names files that are not of a baseline")
    return head


def _broken(what: str) -> TableError:
    return TableError(what, where=BASELINE_FILE, remedy="Capture it again.")
