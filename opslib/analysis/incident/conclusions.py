"""The answers of an incident's report.

A pass is good news: there was none or it is over, it was answered in time, it was rolled back when
a rule would have asked, and what is to suspect is named or there is nothing to explain.
"""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.incident.change_confidence import Confidence
from opslib.analysis.incident.durations import Priority, judge_response, measure_intervals
from opslib.analysis.incident.onset import SymptomState
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.wording import clock, lasted, moment
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.wording import join, printable

__all__ = ["ANSWERED", "HAPPENED", "ROLLED_BACK", "SUSPECTED", "conclude"]

HAPPENED = "What happened, and is it over?"
ANSWERED = "Was it answered in time?"
ROLLED_BACK = "Was it rolled back when the rules asked?"
SUSPECTED = "Is there something to suspect?"
METRICS, CHANGES = ("incident metrics",), ("cloudtrail events", "change history")


def conclude(
    analysis: IncidentAnalysis, priority: str, coverage: Sequence[Coverage]
) -> tuple[Conclusion, ...]:
    """Return the answers, in the order of the report.

    Args:
        analysis: what was found.
        priority: of the incident, P0 to P3.
        coverage: of what was read.
    """
    return (
        _happened(analysis, _lacking(coverage, METRICS)),
        _answered(analysis, Priority(priority)),
        _rolled_back(analysis),
        _suspected(analysis, _lacking(coverage, CHANGES)),
    )


def _lacking(coverage: Sequence[Coverage], tables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"{line.table}: {line.status.value.replace('_', ' ')}, {line.detail}"
        for line in gaps(coverage)
        if line.table in tables
    )


def _happened(analysis: IncidentAnalysis, lacking: tuple[str, ...]) -> Conclusion:
    shown = analysis.symptom
    if not analysis.shown:
        sentence = "No metric of latency, errors or availability was read."
        return Conclusion(question=HAPPENED, verdict=Verdict.INCONCLUSIVE, sentence=sentence)
    if shown is None or shown.symptom.onset is None:
        blind = [one for one in analysis.shown if one.symptom.state is SymptomState.INCONCLUSIVE]
        verdict = Verdict.INCONCLUSIVE if blind or lacking else Verdict.PASS
        because = tuple(f"{printable(one.name)}: {one.symptom.why}" for one in blind[:3])
        sentence = f"None of {len(analysis.shown)} metrics left the usual."
        return Conclusion(
            question=HAPPENED, verdict=verdict, sentence=sentence, because=(*because, *lacking)
        )
    since = f"{printable(shown.name)} left the usual {moment(analysis.times.onset)}"
    if analysis.times.recovery is None:
        return Conclusion(
            question=HAPPENED, verdict=Verdict.FAIL, sentence=f"{since}, and goes on."
        )
    span = measure_intervals(analysis.times)[3].span
    took = f" after {lasted(span)}" if span else ""
    sentence = f"{since} and was back {moment(analysis.times.recovery)}{took}."
    return Conclusion(question=HAPPENED, verdict=Verdict.PASS, sentence=sentence)


def _answered(analysis: IncidentAnalysis, priority: Priority) -> Conclusion:
    if analysis.times.onset is None:
        return _nothing(ANSWERED)
    verdict, because = judge_response(priority, analysis.times)
    span = measure_intervals(analysis.times)[1].span
    said = {Verdict.PASS: "Yes", Verdict.FAIL: "No"}.get(verdict, "It cannot be told")
    took = f": somebody responded {lasted(span)} after it was detected" if span else ""
    return Conclusion(
        question=ANSWERED,
        verdict=verdict,
        sentence=f"{said}{took}, for {priority.value}.",
        because=(because,) if because else (),
    )


def _rolled_back(analysis: IncidentAnalysis) -> Conclusion:
    problems = tuple(f"{r.rule.name}: {r.problem}" for r in analysis.replays if r.problem)
    fired = sorted(
        (replay.fired_at, replay.rule.name) for replay in analysis.replays if replay.fired_at
    )
    if not analysis.replays or problems:
        sentence = "No rule could be replayed." if not analysis.replays else "Not every rule could."
        return Conclusion(
            question=ROLLED_BACK,
            verdict=Verdict.INCONCLUSIVE,
            sentence=sentence,
            because=problems,
        )
    if not fired:
        names = join([printable(replay.rule.name) for replay in analysis.replays])
        sentence = f"No rule would have fired: {names}."
        return Conclusion(question=ROLLED_BACK, verdict=Verdict.PASS, sentence=sentence)
    at, name = fired[0]
    asked = f"{printable(name)} would have fired at {clock(at)}"
    if analysis.rollback is None:
        return Conclusion(
            question=ROLLED_BACK,
            verdict=Verdict.INCONCLUSIVE,
            sentence=f"{asked}; no rollback was recorded.",
            because=("name its moment as rolled_back in the incident's file",),
        )
    late = analysis.rollback.earliest > at
    verdict = Verdict.FAIL if late else Verdict.PASS
    done = f"the rollback was made {moment(analysis.rollback)}"
    return Conclusion(question=ROLLED_BACK, verdict=verdict, sentence=f"{asked}; {done}.")


def _suspected(analysis: IncidentAnalysis, lacking: tuple[str, ...]) -> Conclusion:
    if analysis.times.onset is None:
        return _nothing(SUSPECTED)
    told, because = [], list(lacking)
    if analysis.changes:
        first = analysis.changes[0]
        told.append(
            f"the first change to suspect is {printable(first.operation)}, with "
            f"{first.confidence.value} confidence"
        )
        if first.confidence is Confidence.LOW:
            because.extend(first.reservations)
    elif analysis.changes is None:
        because.append("the changes of the account were not read")
    ranking = analysis.components
    if ranking is not None and ranking.suspects:
        told.append(f"the first component is {printable(ranking.suspects[0].component)}")
        because.extend(ranking.reservations)
    verdict = Verdict.PASS if told and not because else Verdict.INCONCLUSIVE
    sentence = f"{join(told)}." if told else "Nothing that was read is to suspect."
    return Conclusion(
        question=SUSPECTED,
        verdict=verdict,
        sentence=sentence[0].upper() + sentence[1:],
        because=tuple(because),
    )


def _nothing(question: str) -> Conclusion:
    sentence = "No metric left the usual: there is nothing to explain."
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=sentence)
