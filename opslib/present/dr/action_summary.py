"""The section of a drill's report that tells what was made and deleted again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from opslib.analysis.dr.action_summary import ActionSummary, ThingMade
from opslib.wording import count, money, printable

__all__ = ["describe_actions", "warn_of_leftovers"]

HEAD = "| Made | By | In | Made at (UTC) | Seen to be gone | Cost |\n|---|---|---|---|---|---|"


def describe_actions(summary: ActionSummary) -> str:
    """Return the section, as Markdown."""
    return "\n".join(["## What was made, and deleted again", "", *_lines(summary)])


def _lines(summary: ActionSummary) -> Iterator[str]:
    if not summary.things:
        yield "Nothing was made in AWS."
    else:
        yield HEAD
        yield from map(_row, summary.things)
        yield ""
        yield _total(summary)
    for action in summary.refused:
        yield f"\n- {_text(action.operation)} of {_text(action.identifier)} was refused: " + _text(
            action.detail
        )


def _row(thing: ThingMade) -> str:
    cost = "unknown" if thing.usd is None else money(thing.usd, "USD")
    cells = (
        f"{thing.kind} {_text(thing.identifier)}",
        _text(thing.operation),
        f"{_text(thing.account)} {_text(thing.region)}".strip(),
        _moment(thing.made_at),
        _moment(thing.gone_at) if thing.gone_at else "**still there**",
        cost if thing.is_billed else "with its instance",
    )
    return f"| {' | '.join(cells)} |"


def _total(summary: ActionSummary) -> str:
    cost = "Its cost is not known." if summary.usd is None else f"It cost {_usd(summary)}."
    return (
        f"{cost} Instance hours on demand, ten minutes at the least; storage and transfer are not "
        "counted. The ledger of every call is `actions.jsonl`."
    )


def _usd(summary: ActionSummary) -> str:
    assert summary.usd is not None
    return money(summary.usd, "USD")


def warn_of_leftovers(summary: ActionSummary, run: str) -> str:
    """Return what the top of the report says where something is left; '' where nothing is."""
    if not summary.left:
        return ""
    return (
        f"> **{count(len(summary.left), 'thing')} of this drill could not be deleted and "
        f"{'costs' if len(summary.left) == 1 else 'cost'} money:** "
        f"{', '.join(_text(thing.identifier) for thing in summary.left)}. "
        f"Run `opslib drill sweep --run {run} --delete`."
    )


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"


def _text(text: str) -> str:
    """Return a name from outside as Markdown that shows it and does nothing else."""
    shown = printable(text)
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+!|~$" else c for c in shown)
