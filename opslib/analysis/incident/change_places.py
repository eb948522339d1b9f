"""Where a change lies in the call graph, seen from what shows the symptom.

Method: a component is called by its own name and by the dimensions of its metrics that no other
component shares. A change is of the component whose name stands, as whole words in a row, in a
name that the request gives; the outermost such name decides, since what lies deeper is about
something else (the address of a service in another's environment). The distance is the number of
calls from the nearest component that shows the symptom down to it.

Assumption: resources are named after what they are of. Failure mode: names that are only ids
(security groups, volumes) tell no place; it is then not known, which speaks neither way. A name
that happens to hold a component's word is taken for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pandas as pd

from opslib.analysis.incident.component_suspects import ComponentRanking
from opslib.parameters.incident import IncidentParameters
from opslib.tables.resource_names import resource_name

__all__ = ["ChangePlace", "ComponentPlaces", "component_places", "place_changes"]

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
ANY_SPACE = re.compile(r"\s")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlace:
    """What a change is of.

    Args:
        component: whose resource was changed.
        hops: calls from the nearest component that shows the symptom down to it, 0 where it shows
            it itself; infinite where none leads there, or it runs in another account.
        suspicion: score of the component among those to suspect, 0 to 1; None where it is not
            measured, or none of them is suspected with confidence.
    """

    component: str
    hops: float
    suspicion: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentPlaces:
    """Where components lie.

    Args:
        named: words of a name to the component that it is of.
        hops: as of `ChangePlace`, by component; none for one whose place is not known.
        suspicion: the same.
        accounts: ids of those that the components run in; empty where that is not known.
    """

    named: Mapping[Words, str] = field(default_factory=dict)
    hops: Mapping[str, float] = field(default_factory=dict)
    suspicion: Mapping[str, float] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()


def component_places(
    parameters: IncidentParameters,
    calls: pd.DataFrame,
    showing: Collection[str],
    ranking: ComponentRanking | None = None,
) -> ComponentPlaces:
    """Say where components lie, seen from those that show the symptom.

    Args:
        parameters: name the metrics of components.
        calls: who calls whom, with columns ``Caller`` and ``Callee``; may be empty.
        showing: components that show the symptom.
        ranking: of components to suspect.
    """
    graph = {*calls["Caller"], *calls["Callee"]}
    measured = {metric.component for metric in parameters.metrics}
    suspects = ranking.suspects if ranking is not None and ranking.confident else ()
    hops = {**dict.fromkeys(graph, inf), **_hops(calls, showing)} if showing else {}
    ids = {account.label: account.id for account in parameters.accounts}
    first = parameters.accounts[0].id if parameters.accounts else ""
    named = [ids.get(m.account, m.account) or first for m in parameters.metrics]
    return ComponentPlaces(
        named={**_dimension_names(parameters), **{_words(name): name for name in measured | graph}},
        hops=hops,
        suspicion={s.component: s.score for s in suspects if s.component in measured},
        accounts=frozenset(named) - {""},
    )


def place_changes(events: pd.DataFrame, places: ComponentPlaces) -> dict[str, ChangePlace]:
    """Return the place of each event of which it is known, by its id.

    Args:
        events: columns of `opslib.tables.cloudtrail.CLOUDTRAIL_EVENTS`.
        places: of components.
    """
    asked = events[["EventId", "AccountId", "RequestParameters", "Resources"]]
    found = {}
    known: dict[tuple[Any, Any], str] = {}
    for event, account, *texts in asked.itertuples(index=False, name=None):
        key = (texts[0], texts[1])
        if key not in known:
            known[key] = _component(texts, places)
        component = known[key]
        if component in places.hops:
            elsewhere = bool(places.accounts) and account not in places.accounts
            found[str(event)] = ChangePlace(
                component=component,
                hops=inf if elsewhere else places.hops[component],
                suspicion=None if elsewhere else places.suspicion.get(component),
            )
    return found


def _dimension_names(parameters: IncidentParameters) -> dict[Words, str]:
    """Return the words of dimensions' values that belong to one component alone."""
    owners: dict[Words, set[str]] = {}
    for metric in parameters.metrics:
        for value in metric.dimensions.values():
            owners.setdefault(_words(value), set()).add(metric.component)
    return {words: min(own) for words, own in owners.items() if words and len(own) == 1}


def _hops(calls: pd.DataFrame, showing: Collection[str]) -> dict[str, float]:
    callees: dict[str, set[str]] = {}
    for caller, callee in zip(calls["Caller"], calls["Callee"], strict=True):
        callees.setdefault(caller, set()).add(callee)
    hops: dict[str, float] = {}
    frontier, steps = set(showing), 0
    while frontier:
        hops |= dict.fromkeys(frontier, float(steps))
        frontier = {to for one in frontier for to in callees.get(one, ())} - hops.keys()
        steps += 1
    return hops


def _component(texts: Iterable[Any], places: ComponentPlaces) -> str:
    """Return the component that the outermost name is of; the nearest of several; '' for none."""
    found = [
        (depth, places.hops.get(component, inf), component)
        for depth, name in _names(texts)
        if (component := _owner(_words(name), places.named))
    ]
    return min(found, default=(0, inf, ""))[2]


def _names(texts: Iterable[Any]) -> Iterator[tuple[int, str]]:
    """Yield what is named in JSON texts, and how deep; text with a space in it is no name."""
    for text in texts:
        if isinstance(text, str):
            try:
                told = json.loads(text)
            except (ValueError, RecursionError):
                continue
            for depth, value in _leaves(told, 0):
                if not ANY_SPACE.search(value):
                    yield depth, resource_name(value)


def _leaves(value: Any, depth: int) -> Iterator[tuple[int, str]]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part, depth + 1)
    elif isinstance(value, str):
        yield depth, value


def _owner(words: Words, named: Mapping[Words, str]) -> str:
    """Return the component by the longest name that stands in ``words``; the last of equals."""
    spans = (
        (last - first, first, words[first:last])
        for first in range(len(words))
        for last in range(first + 1, len(words) + 1)
    )
    found = [span for span in spans if span[2] in named]
    return named[max(found)[2]] if found else ""


def _words(name: str) -> Words:
    return tuple(word.lower() for word in WORD.findall(name))
