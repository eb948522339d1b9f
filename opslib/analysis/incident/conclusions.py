"""The answers of an incident's report.

A pass is good news: there was none or it is over, it was answered in time, it was rolled back when
a rule would have asked, and what is to suspect is named or there is nothing to explain. What was
not read, not measured or not judged is never good news: such an answer is inconclusive, and says
what is missing. A fail stands where nothing that is missing could undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from opslib.analysis.incident.change_confidence import Confidence
from opslib.analysis.incident.doubts import began_before, doubt_calm, doubt_end, named_few
from opslib.analysis.incident.durations import Priority, judge_response, measure_intervals
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.rollback import RuleReplay
from opslib.analysis.incident.wording import clock, lasted, moment
from opslib.coverage import Coverage, gaps
from opslib.findings import Conclusion, Verdict
from opslib.wording import count, join, printable

__all__ = ["ANSWERED", "HAPPENED", "ROLLED_BACK", "SUSPECTED", "conclude"]

HAPPENED = "What happened, and is it over?"
ANSWERED = "Was it answered in time?"
ROLLED_BACK = "Was it rolled back when the rules asked?"
SUSPECTED = "Is there something to suspect?"
METRICS = ("incident metrics",)
TO_SUSPECT = ("cloudtrail events", "change history", "service graph")
RESPONSES = ("pagerduty events", "notes events", "csv events")
DETECTIONS = ("alarms events", *RESPONSES)


def conclude(
    analysis: IncidentAnalysis, priority: str, coverage: Sequence[Coverage]
) -> tuple[Conclusion, ...]:
    """Return the answers, in the order of the report.

    Args:
        analysis: what was found.
        priority: of the incident, P0 to P3.
        coverage: of what was read.
    """
    if analysis.times.onset is None:
        doubts = doubt_calm(analysis, _lacking(coverage, METRICS))
        return (
            _no_onset(analysis, doubts),
            _nothing(ANSWERED, doubts),
            _rolled_back(analysis, doubts),
            _nothing(SUSPECTED, doubts),
        )
    return (
        _happened(analysis),
        _answered(analysis, Priority(priority), coverage),
        _rolled_back(analysis, ()),
        _suspected(analysis, _lacking(coverage, TO_SUSPECT)),
    )


def _lacking(coverage: Sequence[Coverage], tables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"{line.table}: {line.status.words}, {line.detail}" for line in gaps(coverage, *tables)
    )


def _no_onset(analysis: IncidentAnalysis, doubts: tuple[str, ...]) -> Conclusion:
    before = began_before(analysis)
    sentence = f"None of {count(len(analysis.shown), 'metric')} left the usual."
    if before:
        sentence = f"{named_few(before)} left the usual before the window began; begin it earlier."
    elif not analysis.shown:
        sentence = "No metric of latency, errors or availability was read."
    elif doubts:
        sentence = "Nothing that was judged left the usual where the symptom was looked for."
    return _answer(HAPPENED, Verdict.INCONCLUSIVE if doubts else Verdict.PASS, sentence, doubts)


def _nothing(question: str, doubts: tuple[str, ...]) -> Conclusion:
    if doubts:
        sentence = "When the symptom began is not known, nor whether there was one."
        return _answer(question, Verdict.INCONCLUSIVE, sentence, doubts)
    sentence = "No metric left the usual: there is nothing to explain."
    return _answer(question, Verdict.PASS, sentence)


def _happened(analysis: IncidentAnalysis) -> Conclusion:
    shown = analysis.symptom
    name = printable(shown.name) if shown else "The symptom"
    since = f"{name} left the usual {moment(analysis.times.onset)}"
    if analysis.times.recovery is None:
        return _answer(HAPPENED, Verdict.FAIL, f"{since}, and goes on.")
    span = measure_intervals(analysis.times)[3].span
    took = f" after {lasted(span)}" if span else ""
    sentence = f"{since} and was back {moment(analysis.times.recovery)}{took}."
    doubts = doubt_end(analysis)
    return _answer(HAPPENED, Verdict.INCONCLUSIVE if doubts else Verdict.PASS, sentence, doubts)


def _answered(
    analysis: IncidentAnalysis, priority: Priority, coverage: Sequence[Coverage]
) -> Conclusion:
    """Judge the response; a detection or response that was not read could turn it round."""
    verdict, why = judge_response(priority, analysis.times)
    file = analysis.file
    missing: tuple[str, ...] = ()
    if verdict is Verdict.PASS and not (file and file.detected):
        missing = _lacking(coverage, DETECTIONS)
    if verdict is Verdict.FAIL and not (file and file.acknowledged):
        missing = _lacking(coverage, RESPONSES)
    said = {Verdict.PASS: "Yes", Verdict.FAIL: "No"}.get(verdict, "It cannot be told")
    told = "As far as was read, yes" if verdict is Verdict.PASS else "As far as was read, no"
    span = measure_intervals(analysis.times)[1].span
    took = f": somebody responded {lasted(span)} after it was detected" if span else ""
    return _answer(
        ANSWERED,
        Verdict.INCONCLUSIVE if missing else verdict,
        f"{told if missing else said}{took}, for {priority.value}.",
        (*missing, *([why] if why else [])),
    )


def _rolled_back(analysis: IncidentAnalysis, doubts: tuple[str, ...]) -> Conclusion:
    """Hold the rollback against the first rule that fired; an earlier one may be hidden."""
    fired = sorted((r.fired_at, r.rule.name) for r in analysis.replays if r.fired_at)
    hidden = (*doubts, *_hidden(analysis.replays))
    if not fired:
        others = [analysis.unreplayed] if analysis.unreplayed and analysis.symptom else []
        return _none_fired(analysis.replays, (*hidden, *others))
    at, name = fired[0]
    asked = f"{printable(name)} would have fired at {clock(at)}"
    if analysis.rollback is None:
        because = ("name its moment as rolled_back in the incident's file", *hidden)
        sentence = f"{asked}; no rollback was recorded."
        return _answer(ROLLED_BACK, Verdict.INCONCLUSIVE, sentence, because)
    sentence = f"{asked}; the rollback was made {moment(analysis.rollback)}."
    if analysis.rollback.earliest > at:
        return _answer(ROLLED_BACK, Verdict.FAIL, sentence)
    unclear = (*hidden, *_coarse(analysis.rollback.latest, at))
    verdict = Verdict.INCONCLUSIVE if unclear else Verdict.PASS
    return _answer(ROLLED_BACK, verdict, sentence, unclear)


def _none_fired(replays: Sequence[RuleReplay], hidden: tuple[str, ...]) -> Conclusion:
    if not replays:
        because = (*hidden, "no metric fits a rule")
        return _answer(ROLLED_BACK, Verdict.INCONCLUSIVE, "No rule could be replayed.", because)
    names = join([printable(replay.rule.name) for replay in replays])
    if hidden:
        sentence = f"No rule is known to have fired: {names}."
        return _answer(ROLLED_BACK, Verdict.INCONCLUSIVE, sentence, hidden)
    return _answer(ROLLED_BACK, Verdict.PASS, f"No rule would have fired: {names}.")


def _hidden(replays: Sequence[RuleReplay]) -> tuple[str, ...]:
    """Return why a rule may have fired, or fired earlier, than its replay says."""
    told = []
    for replay in replays:
        why = replay.problem
        if not why and not replay.judged:
            why = "no period could be judged"
        elif not why and replay.missing:
            why = f"{count(replay.missing, 'period')} without a datapoint"
        told += [f"{printable(replay.rule.name)}: {printable(why)}"] if why else []
    return tuple(told)


def _coarse(until: datetime, fired: datetime) -> tuple[str, ...]:
    return ("the moment of the rollback is known too coarsely",) if until > fired else ()


def _suspected(analysis: IncidentAnalysis, lacking: tuple[str, ...]) -> Conclusion:
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
    if ranking is None:
        because.append(analysis.unranked)
    elif ranking.suspects:
        told.append(f"the first component is {printable(ranking.suspects[0].component)}")
        because.extend(ranking.reservations)
    verdict = Verdict.PASS if told and not because else Verdict.INCONCLUSIVE
    sentence = f"{join(told)}." if told else "Nothing that was read is to suspect."
    return _answer(SUSPECTED, verdict, sentence[0].upper() + sentence[1:], tuple(because))


def _answer(
    question: str, verdict: Verdict, sentence: str, because: tuple[str, ...] = ()
) -> Conclusion:
    return Conclusion(question=question, verdict=verdict, sentence=sentence, because=because)
