"""Whether a lost zone, a recovery region and the alerts hold: the answers.

A fail stands whatever else is missing. A pass needs every part to be known: what was not read, not
measured or never tested leaves the answer inconclusive, and is named. Of each resource, quota and
alert that is not measured it is told by itself, so that only reads of resources are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opslib.analysis.capacity.alerts.history import AlertHistory, AlertVerdict
from opslib.analysis.capacity.headroom.recovery_region import RecoveryQuota
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.missing import few, unread
from opslib.analysis.capacity.quota_names import quota_words
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Verdict
from opslib.wording import count, printable

__all__ = [
    "ALERTED",
    "RECOVERED",
    "SURVIVED",
    "conclude_alerts",
    "conclude_recovery",
    "conclude_zone_loss",
]

SURVIVED = "Does what remains after losing one zone carry the peak?"
RECOVERED = "Does the recovery region's quota hold the estate?"
ALERTED = "Would the alerts have told in time?"
IN_ZONES = (
    "capacity ecs",
    "capacity ec2",
    "capacity eks",
    "capacity databases",
    "capacity caches",
    "capacity network",
    "capacity scaling",
)
QUOTAS = ("capacity quotas",)
WATCHED = ("capacity ec2", "capacity ecs", "capacity databases", "capacity caches")


def conclude_zone_loss(
    losses: Sequence[ZoneLoss], alone: int, coverage: Iterable[Coverage]
) -> Conclusion:
    """Return whether every resource that runs in zones survives the loss of one.

    Args:
        losses: what the loss does to each.
        alone: instances that stand by themselves, which are not judged.
        coverage: of what was read.
    """
    failed = [loss for loss in losses if loss.verdict is Verdict.FAIL]
    unknown = [loss for loss in losses if loss.verdict is Verdict.INCONCLUSIVE]
    besides = (
        f"; {count(alone, 'instance')} standing alone {'is' if alone == 1 else 'are'} not judged"
    )
    tail = besides if alone else ""
    if failed:
        later = sum(loss.after_scaling is Verdict.PASS for loss in failed)
        mended = (
            f"; {later} of them {'does' if later == 1 else 'do'} after scaling" if later else ""
        )
        sentence = f"No: {few([loss.name for loss in failed])} would not carry it{mended}{tail}."
        return _answer(SURVIVED, Verdict.FAIL, sentence)
    missing = unread(coverage, *IN_ZONES)
    missing += _whys((loss.name, loss.why) for loss in unknown)
    sentence = f"{count(len(losses) - len(unknown), 'resource')} of {len(losses)} would{tail}."
    if not losses:
        missing = (*missing, "nothing that runs in zones was read")
        sentence = f"Nothing was judged{tail}."
    return _answer(SURVIVED, Verdict.PASS, sentence, missing)


def conclude_recovery(
    quotas: Sequence[RecoveryQuota], region: str, unmeasured: int, coverage: Iterable[Coverage]
) -> Conclusion:
    """Return whether the quotas of the recovery region hold the estate.

    Args:
        quotas: what each would have to hold.
        region: the recovery region; empty where none is named.
        unmeasured: quotas of the home regions that AWS measures no use of.
        coverage: of what was read.
    """
    if not region:
        because = ("name it as recovery_region",)
        return _answer(RECOVERED, Verdict.PASS, "No recovery region is named.", because)
    failed = [quota for quota in quotas if quota.verdict is Verdict.FAIL]
    beside = f"; {count(unmeasured, 'quota')} without a measure of use not judged"
    tail = beside if unmeasured else ""
    if failed:
        names = few([quota_words(quota.service, quota.name) for quota in failed])
        sentence = f"No: {names} in {printable(region)} would not hold it{tail}."
        return _answer(RECOVERED, Verdict.FAIL, sentence)
    unknown = [quota for quota in quotas if quota.verdict is Verdict.INCONCLUSIVE]
    missing = unread(coverage, *QUOTAS)
    missing += _whys((quota_words(quota.service, quota.name), quota.why) for quota in unknown)
    held = len(quotas) - len(unknown)
    sentence = f"{held} of {count(len(quotas), 'quota')} with known use would hold it{tail}."
    if not held:
        sentence = f"None of {count(len(quotas), 'quota')} could be judged{tail}."
    if not quotas:
        missing = (*missing, "no quota whose use is measured was read")
        sentence = f"Nothing was judged{tail}."
    return _answer(RECOVERED, Verdict.PASS, sentence, missing)


def conclude_alerts(histories: Sequence[AlertHistory], coverage: Iterable[Coverage]) -> Conclusion:
    """Return whether the alerts would have told in time, and not for nothing.

    Args:
        histories: what each rule would have done on each resource.
        coverage: of what was read.
    """
    late = [one for one in histories if one.verdict is AlertVerdict.LATE]
    noisy = [one for one in histories if one.verdict is AlertVerdict.NOISY]
    useful = sum(one.verdict is AlertVerdict.USEFUL for one in histories)
    noise = f"{few(_pairs(noisy))} would have told mostly for nothing"
    if late:
        beside = f"; {noise}" if noisy else ""
        sentence = f"No: {few(_pairs(late))} would have come late or not at all{beside}."
        return _answer(ALERTED, Verdict.FAIL, sentence)
    if noisy:
        return _answer(ALERTED, Verdict.FAIL, f"No: {noise}, and such alerts are not believed.")
    missing = unread(coverage, *WATCHED)
    for verdict in (AlertVerdict.TOO_SMALL, AlertVerdict.NEVER_TESTED, AlertVerdict.UNKNOWN):
        some = [one for one in histories if one.verdict is verdict]
        missing += _whys(
            (f"{one.rule} on {one.name}" if one.name else one.rule, one.why) for one in some
        )
    sentence = f"{useful} of {count(len(histories), 'alert')} told of trouble before it began."
    if not histories:
        missing = (*missing, "no alert is named")
    return _answer(ALERTED, Verdict.PASS, sentence, missing)


def _whys(told: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return each reason once, with the names of those that it holds of."""
    named: dict[str, list[str]] = {}
    for name, why in told:
        named.setdefault(why, []).append(name)
    return tuple(f"{few(names)}: {printable(why, 300)}" for why, names in named.items())


def _pairs(histories: Iterable[AlertHistory]) -> list[str]:
    return [f"{one.rule} on {one.name}" for one in histories]


def _answer(
    question: str, verdict: Verdict, sentence: str, missing: tuple[str, ...] = ()
) -> Conclusion:
    """Return an answer; what is missing makes a pass inconclusive."""
    if verdict is Verdict.PASS and missing:
        verdict = Verdict.INCONCLUSIVE
    return Conclusion(question=question, verdict=verdict, sentence=sentence, because=missing)
