"""A part of the query language of CloudWatch Logs Insights.

    fields @timestamp, @message | filter @message like /(?i)error/ and @log = "..." |
    stats count(*) as n by bin(1m), @log | sort n desc | limit 20

Anything else is refused as malformed rather than answered wrongly.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights query syntax".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from opslib.sandbox.protocol import AwsError

__all__ = ["Query", "parse_query"]

Row = dict[str, str]
COMMAND = re.compile(r"""(?:/(?:\\.|[^/\\])*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^|])+""")
CONDITION = re.compile(
    r"""\s*(?P<field>[@\w.]+)\s*(?P<sign>not\s+like|like|=~|!=|=)\s*
    (?:/(?P<pattern>(?:\\.|[^/\\])*)/|"(?P<text>(?:\\.|[^"\\])*)"|'(?P<quoted>(?:\\.|[^'\\])*)')\s*
    (?P<then>and\b|or\b|$)""",
    re.VERBOSE | re.IGNORECASE,
)
STATS = re.compile(
    r"count\(\s*\*?\s*\)(?:\s+as\s+(?P<name>\w+))?(?:\s+by\s+(?P<keys>.+))?$", re.IGNORECASE
)
BIN = re.compile(r"bin\((?P<count>\d+)(?P<unit>s|m|h)\)(?:\s+as\s+(?P<name>\w+))?$")
SORT = re.compile(r"(?P<field>[@\w.()*]+)(?:\s+(?P<way>asc|desc))?$", re.IGNORECASE)
FIELD = re.compile(r"@?[\w.]+$")
SECONDS = {"s": 1, "m": 60, "h": 3600}
MOST_ROWS = 10_000
KNOWN = {"@timestamp", "@message", "@log", "@logStream", "@ingestionTime", "@ptr"}


@dataclass(slots=True)
class Query:
    """A query that was understood.

    Args:
        fields: that are shown.
        conditions: each with how it is joined to the next one; all of them, command by command.
        counted_as: name of the count; empty where nothing is counted.
        keys: fields and bins that are counted by.
        sort: field and whether falling; None for newest first.
        limit: most rows.
    """

    fields: tuple[str, ...] = ("@timestamp", "@message")
    conditions: tuple[Callable[[Row], bool], ...] = ()
    counted_as: str = ""
    keys: tuple[tuple[str, int, str], ...] = ()
    sort: tuple[str, bool] | None = None
    limit: int = MOST_ROWS

    def matches(self, row: Row) -> bool:
        """Say whether a line passes every filter."""
        return all(holds(row) for holds in self.conditions)

    def answer(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows of the answer, of lines that match."""
        kept = [row for row in rows if self.matches(row)]
        made = self._counted(kept) if self.counted_as else kept
        field, falls = self.sort or ("" if self.counted_as else "@timestamp", True)
        if field:
            made.sort(key=lambda row: _order(row.get(field, "")), reverse=falls)
        chosen = made[: self.limit]
        if self.counted_as:
            return chosen
        shown = (*self.fields, "@ptr")
        return [{name: row[name] for name in shown if name in row} for row in chosen]

    def _counted(self, rows: Sequence[Row]) -> list[Row]:
        counts = Counter(tuple(_key(row, key) for key in self.keys) for row in rows)
        names = [name for _, _, name in self.keys]
        return [
            {**dict(zip(names, values, strict=True)), self.counted_as: str(number)}
            for values, number in counts.items()
        ]


def parse_query(text: str) -> Query:
    """Return the query that a text asks.

    Raises:
        AwsError: MalformedQueryException for what is not understood.
    """
    query = Query()
    for command in (part.strip() for part in COMMAND.findall(text)):
        word, _, rest = command.partition(" ")
        parser = PARSERS.get(word.lower())
        if parser is None or not rest.strip():
            raise _malformed(command)
        parser(query, rest.strip())
    return query


def _malformed(command: str) -> AwsError:
    return AwsError("MalformedQueryException", f"unexpected symbol found in {command[:80]!r}")


def _parse_fields(query: Query, text: str) -> None:
    names = tuple(name.strip() for name in text.split(","))
    if not all(FIELD.match(name) for name in names):
        raise _malformed(text)
    query.fields = names


def _parse_filter(query: Query, text: str) -> None:
    """Add conditions; ``and`` binds before ``or``."""
    groups: list[list[Callable[[Row], bool]]] = [[]]
    place, joined = 0, "start"
    while joined:
        found = CONDITION.match(text, place)
        if found is None:
            raise _malformed(text)
        groups[-1].append(_condition(found))
        place, joined = found.end(), found["then"].lower()
        if joined == "or":
            groups.append([])
    either = tuple(tuple(group) for group in groups)
    query.conditions += (lambda row: any(all(holds(row) for holds in g) for g in either),)


def _condition(found: re.Match[str]) -> Callable[[Row], bool]:
    field, sign = found["field"], " ".join(found["sign"].lower().split())
    pattern = found["pattern"]
    if pattern is not None:
        if sign in {"=", "!="}:
            raise _malformed(found.group())
        try:
            search = re.compile(pattern.replace("\\/", "/")).search
        except re.error:
            raise _malformed(found.group()) from None
        return lambda row: bool(search(row.get(field, ""))) != (sign == "not like")
    text = found["text"] if found["text"] is not None else found["quoted"]
    wanted = text.replace('\\"', '"').replace("\\\\", "\\")
    if sign in {"like", "=~", "not like"}:
        return lambda row: (wanted in row.get(field, "")) != (sign == "not like")
    return lambda row: (row.get(field) == wanted) == (sign == "=")


def _parse_stats(query: Query, text: str) -> None:
    found = STATS.match(text)
    if found is None:
        raise _malformed(text)
    query.counted_as = found["name"] or "count(*)"
    query.keys = tuple(
        _parse_key(part.strip()) for part in (found["keys"] or "").split(",") if part
    )


def _parse_key(text: str) -> tuple[str, int, str]:
    """Return field, seconds of a bin or 0, and what the answer calls it."""
    found = BIN.match(text)
    if found:
        name = found["name"] or text
        return "@timestamp", int(found["count"]) * SECONDS[found["unit"]], name
    if text not in KNOWN:
        raise _malformed(text)
    return text, 0, text


def _key(row: Row, key: tuple[str, int, str]) -> str:
    field, seconds, _ = key
    if not seconds:
        return row.get(field, "")
    at = datetime.fromisoformat(row[field]).replace(tzinfo=UTC).timestamp()
    return f"{datetime.fromtimestamp(at // seconds * seconds, UTC):%Y-%m-%d %H:%M:%S}.000"


def _parse_sort(query: Query, text: str) -> None:
    found = SORT.match(text)
    if found is None:
        raise _malformed(text)
    query.sort = (found["field"], (found["way"] or "desc").lower() == "desc")


def _parse_limit(query: Query, text: str) -> None:
    if not text.isdecimal() or not 0 < int(text) <= MOST_ROWS:
        raise _malformed(text)
    query.limit = int(text)


def _order(value: str) -> tuple[int, float, str]:
    return (0, float(value), "") if value.isdecimal() else (1, 0.0, value)


PARSERS: dict[str, Callable[[Query, str], None]] = {
    "fields": _parse_fields,
    "filter": _parse_filter,
    "stats": _parse_stats,
    "sort": _parse_sort,
    "limit": _parse_limit,
}
