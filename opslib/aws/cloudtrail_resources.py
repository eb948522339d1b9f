"""What a call recorded by CloudTrail was about: the resource that it names, or several.

Method: an operation's name says what it is about (UpdateService: a service), and the parameter or
member of the answer whose name says the same names the resource. What was asked is preferred, for
it is what people call a thing; but who makes one often asks for a label, or for what it is made in,
and the answer alone tells the id that it got, which is the one on the bill.

Source: AWS CloudTrail User Guide, record contents (requestParameters and responseElements); API
references of the services. EC2's records hold lists as ``{"items": [...]}``, and newer operations
of it a request or a response in one of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from opslib.redaction import redact_text
from opslib.tables.resource_names import resource_name

__all__ = ["is_untold", "parsed_mapping", "resource_of", "resources_of"]

Row = Mapping[str, Any]

VERB = re.compile(r"^[A-Z][a-z]+")
API_VERSION = re.compile(r"\d{4}_?\d{2}_?\d{2}(v\d+)?$")
NAME_ENDINGS = re.compile(r"(name|identifier|id|arn)s?$")
UNTOLD = re.compile(
    r"(?i)pass|secret|token|credential|key$|value|body|content|data$|document|environment"
    r"|variables|policy$|string|payload|message"
)
THE_CALLS_OWN = {"requestid", "ownerid", "xmlns"}
"""Members of an answer that name the call, the account or the format."""
ANY_NAME = 1
"""Closeness of a parameter that is a name, of whatever."""
WHOLE = 4
"""Closeness of one that is the operation's whole noun."""
SHORTEST_PART = 3
"""Letters of each end of a noun that a name holds without its middle."""
DEEPEST = 3
"""Steps into an answer: a response, what was made, and the list that it is in."""
SCALED = re.compile(r"^(service|table|cluster|function|fleet-request)[/:](.*/)?")


class _Named(NamedTuple):
    """A member of a record that names something, and how near it is to the operation's noun."""

    closeness: int
    key: str
    name: str


NOTHING = _Named(0, "", "")


def resource_of(row: Row) -> str:
    """Return the name of what a call was about; empty where the record names nothing.

    The parameter whose name the operation's own name holds says it (UpdateService: service), or
    a plain name or id; or what the answer names by the whole of it, where the request names but
    what it is made in (CreateVpcEndpoint: vpcEndpointId before VpcId). Else what the answer so
    names, the first of the record's resources, or the first name of any kind.
    """
    asked, answered = _asked(row), _answered(row)
    is_made = answered.closeness == WHOLE > asked.closeness
    if asked.closeness > ANY_NAME and not (is_made and not _is_plain(asked.key)):
        return asked.name
    if answered.closeness > ANY_NAME:
        return answered.name
    return next(_listed_resources(row), "") or asked.name or answered.name


def resources_of(row: Row) -> tuple[tuple[str, ...], ...]:
    """Return all names of what a call was about, by the member that has them, `resource_of` first.

    A member may name several (RunInstances answers with a list of instances); and a thing to which
    the request gave a plain name has another in the answer, by which a bill knows it (RunJobFlow:
    jobFlowId). Empty where the record names nothing.
    """
    first, answered = resource_of(row), _answered(row)
    if not first:
        return ()
    asked = _names(parsed_mapping(row.get("RequestParameters")), every=True)
    named: dict[str, list[str]] = {}
    for key, value in (*asked, *_answered_names(row, every=True)):
        named.setdefault(key, []).append(_short(value))
    own = [names for names in named.values() if first in names] or [[first]]
    if answered.closeness == WHOLE:
        own.append(named[answered.key])
    return tuple(dict.fromkeys(tuple(dict.fromkeys(names)) for names in own))


def is_untold(key: str) -> bool:
    """Say whether a parameter's name speaks of a secret or of contents, and of no name."""
    return bool(UNTOLD.search(key)) and not NAME_ENDINGS.search(key.lower())


def parsed_mapping(value: Any) -> dict[str, Any]:
    """Return the object that JSON text or a value is; empty for anything else."""
    parsed = _parsed(value)
    return parsed if isinstance(parsed, dict) else {}


def _noun(row: Row) -> str:
    return VERB.sub("", API_VERSION.sub("", str(row.get("EventName") or ""))).lower()


def _asked(row: Row) -> _Named:
    return _nearest(_names(parsed_mapping(row.get("RequestParameters"))), _noun(row))


def _answered(row: Row) -> _Named:
    return _nearest(_answered_names(row), _noun(row))


def _nearest(names: Iterable[tuple[str, str]], noun: str) -> _Named:
    """Return the member whose key is nearest to ``noun``, the first of equals."""
    scored = [_Named(_closeness(key.lower(), noun), key, _short(value)) for key, value in names]
    best = max(scored, key=lambda one: one.closeness, default=NOTHING)
    return best if best.closeness else NOTHING


def _is_plain(key: str) -> bool:
    """Say whether a parameter is called name, id or ARN and no more."""
    return not NAME_ENDINGS.sub("", key.lower())


def _short(name: str) -> str:
    """Return a name without ARN, type and revision; what scales is named service/cluster/name."""
    short = resource_name(name)
    if ":task-definition/" in name:
        return short.partition(":")[0]
    return SCALED.sub("", short) if short == name else short


def _closeness(key: str, noun: str) -> int:
    """Return how near a parameter's name is to what the operation is about; 0 for not at all."""
    stem = NAME_ENDINGS.sub("", key)
    if stem and (stem == noun.removesuffix("s") or _holds_ends(stem, noun)):
        return WHOLE
    if stem == "resource" or (stem and noun.startswith(stem)):
        return 3
    if not stem or stem in noun:
        return 2
    return ANY_NAME if stem != key else 0


def _holds_ends(stem: str, noun: str) -> bool:
    """Say whether ``stem`` is ``noun`` without its middle: a transit gateway's VPC attachment."""
    return any(
        noun.startswith(stem[:cut]) and noun.endswith(stem[cut:])
        for cut in range(SHORTEST_PART, len(stem) - SHORTEST_PART + 1)
    )


def _names(asked: Mapping[str, Any], *, every: bool = False) -> Iterator[tuple[str, str]]:
    """Yield parameters that hold one name, and the first of a list of names, in order of key.

    Args:
        asked: parameters by name.
        every: yield all of a list.
    """
    for key, value in sorted(asked.items()):
        if isinstance(value, str) and value and not is_untold(key):
            yield key, value
        elif isinstance(value, list):
            texts = [one for one in value if isinstance(one, str)]
            yield from ((key, one) for one in (texts if every else texts[:1]))
        elif isinstance(value, dict):
            yield from _names_inside(key, value, every=every)


def _names_inside(
    key: str, value: dict[str, Any], *, every: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield names from a set of items, a request in the request, or XML's text with its tag."""
    items = value.get("items")
    if isinstance(items, list):
        held = [one for one in items if isinstance(one, dict)]
        for one in held if every else held[:1]:
            yield from _names(one, every=every)
    elif key.endswith("Request"):
        yield from _names(value, every=every)
    elif "tag" in value and isinstance(value.get("content"), str):
        yield key, value["content"]


def _answered_names(row: Row, *, every: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the names that the answer gives to what was made, the outer before the inner.

    A key's id is no name to show: whose it is says the request.
    """
    parts = [parsed_mapping(row.get("ResponseElements"))]
    for _ in range(DEEPEST):
        for part in parts:
            for key, value in _names(part, every=every):
                if key.lower() not in THE_CALLS_OWN and redact_text(value) == value:
                    yield key, value
        parts = [inner for part in parts for inner in _inside(part, every=every)]


def _inside(part: Mapping[str, Any], *, every: bool) -> Iterator[dict[str, Any]]:
    for value in part.values():
        if isinstance(value, dict) and "items" not in value:
            yield value
        elif isinstance(value, list):
            held = [one for one in value if isinstance(one, dict)]
            yield from held if every else held[:1]


def _listed_resources(row: Row) -> Iterator[str]:
    listed = _parsed(row.get("Resources"))
    for one in listed if isinstance(listed, list) else ():
        named = parsed_mapping(one).get("ARN") or parsed_mapping(one).get("ResourceName")
        if named:
            yield resource_name(str(named))


def _parsed(value: Any) -> Any:
    """Return what JSON text holds, and other values as they are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
