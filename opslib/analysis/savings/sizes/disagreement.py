"""Why a service of AWS says something else of a size than we do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from opslib.analysis.capacity.sizes.sizes import find_size
from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.recommendation import Reason, Recommendation
from opslib.analysis.savings.sizes.judging import Sized, doubt_over, fit_over
from opslib.analysis.savings.sizes.prices import factor_of
from opslib.analysis.savings.use import use_span
from opslib.wording import percent

__all__ = ["Advice", "explain", "is_recommended"]

TERMINATE = "TERMINATE"
CLOSE = Decimal("0.05")
"""Share by which two savings may differ and still be called the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a service says of one instance or database; the defaults where it says nothing.

    Args:
        finding: its word.
        proposed: size; empty for none.
        saving: a month.
        currency: of ``saving``.
        look_back_days: days of metrics that it looks at.
        sees_memory: yes or no; empty where it does not tell.
        covered_share: of hours, by commitments, 0 to 1.
    """

    finding: str = ""
    proposed: str = ""
    saving: Decimal | None = None
    currency: str = ""
    look_back_days: float | None = None
    sees_memory: str = ""
    covered_share: float | None = None

    @property
    def is_end(self) -> bool:
        """Say whether it would end the resource."""
        return self.finding == TERMINATE

    def completed(self, origin: Advice) -> Advice:
        """Return it with what the service that it passes on tells, where it does not."""
        return replace(
            self,
            look_back_days=self.look_back_days or origin.look_back_days,
            sees_memory=self.sees_memory or origin.sees_memory,
        )


def is_recommended(sized: Sized, judging: Judging) -> bool:
    """Say whether we recommend another size, and it saves enough."""
    option = sized.option
    is_enough = (option.saving or Decimal(0)) >= judging.parameters.min_saving
    return isinstance(option, Recommendation) and is_enough


def explain(sized: Sized, advice: Advice | None, types: pd.DataFrame, judging: Judging) -> str:
    """Return why a service says something else than we do; empty where it says the same.

    Args:
        sized: what we say.
        advice: what the service says; None where it does not name the resource.
        types: columns of `SIZE_TYPES`.
        judging: what is known.
    """
    ours = is_recommended(sized, judging)
    if advice is None or not advice.proposed:
        if advice is not None and advice.is_end:
            return "it would end it"
        return _silent(advice) if ours else ""
    if ours:
        return _other_size(sized, advice, judging)
    return _not_ours(sized, advice, types, judging)


def _silent(advice: Advice | None) -> str:
    if advice is None:
        return "it does not name it"
    days = f" over {advice.look_back_days:.0f} days" if advice.look_back_days else ""
    return f"it finds it {advice.finding.lower() or 'right'}{days}"


def _other_size(sized: Sized, advice: Advice, judging: Judging) -> str:
    """Return how two proposals differ."""
    if advice.proposed == sized.proposed:
        return _other_saving(sized, advice, judging)
    if advice.proposed.rpartition(".")[0] != sized.proposed.rpartition(".")[0]:
        return f"{advice.proposed} is of another family"
    theirs, ours = factor_of(advice.proposed), factor_of(sized.proposed)
    if theirs and ours and theirs < ours:
        free = f"{judging.parameters.size_headroom_percent:g}% free at the peak"
        return f"{advice.proposed} is smaller than what leaves {free}"
    return f"{sized.proposed} would do too"


def _other_saving(sized: Sized, advice: Advice, judging: Judging) -> str:
    own, is_alike = sized.option.saving, advice.currency == judging.charges.currency
    if own is None or advice.saving is None or not is_alike:
        return ""
    if abs(own - advice.saving) <= CLOSE * own:
        return ""
    if advice.covered_share:
        return f"commitments cover {percent(Decimal(str(advice.covered_share)))} of its hours"
    return "it saves another amount at the prices that it goes by"


def _not_ours(sized: Sized, advice: Advice, types: pd.DataFrame, judging: Judging) -> str:
    """Return why we do not propose what a service does."""
    option = sized.option
    if isinstance(option, Recommendation):
        return "it saves less than min_saving"
    if option.reason is Reason.TOO_YOUNG:
        days = f"{advice.look_back_days:.0f}" if advice.look_back_days else "fewer"
        return f"it judges by {days} days; {option.sentence}"
    if option.reason in {Reason.IN_USE, Reason.VOLATILE}:
        known = _unseen_memory(sized, advice, types, judging)
        return known or _shorter_look_back(sized, advice, types, judging) or option.sentence
    if _is_memory_unknown(sized) and advice.sees_memory == "no":
        return "nobody sees its memory, and it goes by CPU alone"
    return option.sentence


def _is_memory_unknown(sized: Sized) -> bool:
    return any(one.name == "memory" and one.peak is None for one in sized.demands)


def _unseen_memory(sized: Sized, advice: Advice, types: pd.DataFrame, judging: Judging) -> str:
    """Return what memory would come to on the size that a service proposes without seeing it."""
    present, other = find_size(types, sized.present), find_size(types, advice.proposed)
    memory = next((one for one in sized.demands if one.name == "memory" and one.peak), None)
    if advice.sees_memory != "no" or not (present and other and memory and memory.peak):
        return ""
    there = memory.peak.seen * memory.factor(present, other)
    if there <= 100 - judging.parameters.size_headroom_percent:
        return ""
    return f"it does not see memory, which would peak at {there:.0f}% of {other.name}"


def _shorter_look_back(sized: Sized, advice: Advice, types: pd.DataFrame, judging: Judging) -> str:
    """Return what was before the days that a service looks at, if those alone would do."""
    days, present = judging.parameters.use_days, find_size(types, sized.present)
    if not advice.look_back_days or advice.look_back_days >= days or present is None:
        return ""
    looked_at = use_span(judging, int(advice.look_back_days))
    fit = fit_over(sized.thing, judging, types, present, looked_at)
    if fit.proposed is None or doubt_over(judging, sized.thing, present, fit, looked_at):
        return ""
    cpu = next((one.peak for one in sized.demands if one.name == "CPU"), None)
    before = f"CPU peaked at {cpu.seen:.0f}% before" if cpu else "it was busier before"
    return f"it looks back {len(looked_at)} days; {before}"
