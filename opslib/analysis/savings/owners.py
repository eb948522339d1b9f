"""Who answers for a resource: the most exact rule of the owner map that names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opslib.analysis.savings.estate import Thing
from opslib.findings import Finding, Severity
from opslib.parameters.owners import OwnerRule
from opslib.parameters.problems import nearest
from opslib.wording import count, join, printable

__all__ = ["Owners", "describe_owner_doubts"]

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """The owner map.

    Args:
        rules: as the parameters have them; none where nobody wrote a map.
    """

    rules: tuple[OwnerRule, ...] = ()

    def of(self, thing: Thing) -> str:
        """Return who answers for a resource; empty where nobody does, or two do alike."""
        owners = self.rivals(thing)
        return owners[0] if len(owners) == 1 else ""

    def rivals(self, thing: Thing) -> tuple[str, ...]:
        """Return the owners by the most exact rules that name a resource, each once."""
        named = [rule for rule in self.rules if _names(rule, thing)]
        best = max((rule.rank for rule in named), default=None)
        return tuple(dict.fromkeys(rule.owner for rule in named if rule.rank == best))


def _names(rule: OwnerRule, thing: Thing) -> bool:
    in_account = not rule.accounts or bool({thing.account_id, thing.account} & set(rule.accounts))
    return in_account and rule.tags.items() <= thing.tags.items()


def describe_owner_doubts(owners: Owners, things: Sequence[Thing]) -> Iterator[Finding]:
    """Yield what is wrong with the map: a rule that names nothing read, a resource with two owners.

    Args:
        owners: the map.
        things: everything that was read.
    """
    if not things:
        return
    for rule in owners.rules:
        if not any(_names(rule, thing) for thing in things):
            yield _unmatched(rule, things)
    twice = [(thing, owners.rivals(thing)) for thing in things]
    disputed: dict[tuple[str, ...], list[Thing]] = {}
    for thing, rivals in twice:
        if len(rivals) > 1:
            disputed.setdefault(rivals, []).append(thing)
    for rivals, held in sorted(disputed.items()):
        yield _disputed(rivals, held)


def _unmatched(rule: OwnerRule, things: Sequence[Thing]) -> Finding:
    return Finding(
        kind="savings.owner_rule_unmatched",
        subject={"Owner": rule.owner, "Rule": rule.named},
        severity=Severity.INFO,
        sentence=f"The owner map gives {printable(rule.owner)} what has {printable(rule.named)}, "
        f"and nothing that was read has it{_nearest(rule, things) or '.'}",
        action="Correct the rule in the parameter owners, or delete it.",
    )


def _nearest(rule: OwnerRule, things: Sequence[Thing]) -> str:
    accounts = {name for thing in things for name in (thing.account_id, thing.account) if name}
    for wanted in rule.accounts:
        if wanted not in accounts:
            return nearest(wanted, sorted(accounts))
    keys = {key for thing in things for key in thing.tags}
    for key, value in rule.tags.items():
        if key not in keys:
            return nearest(key, sorted(keys))
        values = {thing.tags[key] for thing in things if key in thing.tags}
        if value not in values:
            return nearest(value, sorted(values))
    return ""


def _disputed(rivals: tuple[str, ...], things: Sequence[Thing]) -> Finding:
    named = [printable(thing.name) for thing in things[:MOST_NAMED]]
    more = [f"{len(things) - MOST_NAMED} more"] if len(things) > MOST_NAMED else []
    return Finding(
        kind="savings.two_owners",
        subject={"Owners": ", ".join(rivals)},
        severity=Severity.INFO,
        sentence=f"Rules of equal rank give {count(len(things), 'resource')} to "
        f"{join([printable(one) for one in rivals])}: {join([*named, *more])}. "
        "Until one is chosen they are shown as nobody's.",
        action="Make one of the rules in the parameter owners more exact, or delete one.",
    )
