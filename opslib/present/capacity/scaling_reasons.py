"""Why each scaling setting is proposed, and why each other one is not, as a Markdown file.

Settings of the same reason stand together, and those that differ by nothing but their maximum or
target in one place, so that the file can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opslib.analysis.capacity.scaling.choice import Excuse
from opslib.analysis.capacity.scaling.proposals import ScalingProposal, setting_words
from opslib.present.markdown import markdown_cell, markdown_table, markdown_text

__all__ = ["format_reasons"]

HEAD = """# Scaling settings: the reasons

`2 to 8/12 at 50/60%` is a minimum of 2 with either maximum and either target. A figure after a
colon belongs before its reason: `2 to 8: $3` is $3 more a month where the reason is more a month.
"""
TOLD = ("Why not", "Settings: figure")


def format_reasons(proposals: Sequence[ScalingProposal]) -> str:
    """Return the reason for each proposal and for each rejected alternative, as Markdown."""
    parts = [HEAD, *map(_section, proposals)]
    if not proposals:
        parts.append("Nothing scales by itself, or none of it was read.\n")
    return "\n".join(parts)


def _section(proposal: ScalingProposal) -> str:
    where = ", ".join(filter(None, [proposal.account, proposal.region]))
    head = f"## {markdown_cell(proposal.name)}: {markdown_text(proposal.unit)}\n"
    place = f"{markdown_text(where)}, {markdown_text(proposal.dimension)}. " if where else ""
    setting = setting_words(proposal.in_force, proposal.unit)
    now = "" if proposal.is_supposed else f"In force: {setting}. "
    told = markdown_text(proposal.reason)
    if proposal.held_out is not None:
        held = proposal.held_out
        told += (
            f" Check: chosen on every other week ({held.chosen_days} days), "
            f"{setting_words(held.setting, proposal.unit)} had {held.under_minutes_a_week:,.1f} "
            "minutes a week under-provisioned in the weeks between."
        )
    reasons: dict[str, list[Excuse]] = {}
    for one in proposal.excuses:
        reasons.setdefault(one.reason, []).append(one)
    rows = [(markdown_text(why), _settings(alike)) for why, alike in reasons.items()]
    others = f"\n{markdown_table(TOLD, rows)}" if rows else ""
    return f"{head}\n{place}{now}{told}\n{others}"


def _settings(alike: Iterable[Excuse]) -> str:
    """Return settings with their figures, what differs by maximum or target alone in one."""
    maxima: dict[tuple[str, float, float | None], list[float]] = {}
    for one in alike:
        at = (one.figure, one.setting.minimum, one.setting.target_percent)
        maxima.setdefault(at, []).append(one.setting.maximum)
    targets: dict[tuple[str, float, tuple[float, ...]], list[float]] = {}
    for (figure, minimum, target), several in maxima.items():
        known = targets.setdefault((figure, minimum, tuple(sorted(several))), [])
        known += [] if target is None else [target]
    return "; ".join(_told(key, some) for key, some in targets.items())


def _told(key: tuple[str, float, tuple[float, ...]], targets: Sequence[float]) -> str:
    figure, minimum, maxima = key
    at = f" at {_either(targets)}%" if targets else ""
    told = f": {markdown_text(figure)}" if figure else ""
    return f"{minimum:g} to {_either(maxima)}{at}{told}"


def _either(values: Iterable[float]) -> str:
    return "/".join(f"{value:g}" for value in sorted(values))
