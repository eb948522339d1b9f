"""Who answers for what: accounts and tags, mapped to owners.

``parameters/<environment>/owners.yaml``, for every notebook of the environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from opslib.parameters.entries import parse_entries, read_entries

__all__ = ["NOBODY", "OwnerRule", "OwnerRules", "OwnersFile", "load_owners", "owner_names"]

REMEDY = "Each entry has owner, and accounts or tags or both, as docs/comparing_runs.md shows."

NOBODY = "nobody"
"""What reports call the owner of what no rule names."""


class OwnerRule(BaseModel):
    """What one owner answers for: what lies in one of the accounts and has all of the tags."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    owner: Annotated[str, Field(min_length=1, max_length=100, description="person or team")]
    accounts: Annotated[
        tuple[str, ...], Field(description="ids or names of accounts; none: any of them")
    ] = ()
    tags: Annotated[
        dict[str, str], Field(description="tag key to value, all of which a resource must have")
    ] = {}

    @model_validator(mode="after")
    def _name_something(self) -> Self:
        if not self.accounts and not self.tags:
            raise ValueError(f"{self.owner} needs accounts or tags")
        if self.owner == NOBODY:
            raise ValueError(f"{NOBODY!r} is what reports call the owner of all the rest")
        return self

    @property
    def rank(self) -> tuple[int, int]:
        """Return how exact it is: more tags beat fewer, and accounts beside tags beat tags."""
        return (len(self.tags), int(bool(self.accounts)))

    @property
    def named(self) -> str:
        """Return what it asks for, in words."""
        accounts = [f"account {name}" for name in self.accounts]
        return ", ".join([*accounts, *(f"{key}={value}" for key, value in self.tags.items())])


def _no_condition_twice(rules: tuple[OwnerRule, ...]) -> tuple[OwnerRule, ...]:
    held: dict[object, str] = {}
    for rule in rules:
        for account in rule.accounts or ("",):
            condition = (account, frozenset(rule.tags.items()))
            other = held.setdefault(condition, rule.owner)
            if other != rule.owner:
                what = rule.model_copy(update={"accounts": (account,) if account else ()}).named
                raise ValueError(f"two owners, {other} and {rule.owner}, have {what}: keep one")
    return rules


OwnerRules = Annotated[tuple[OwnerRule, ...], AfterValidator(_no_condition_twice)]


def owner_names(rules: Sequence[OwnerRule]) -> tuple[str, ...]:
    """Return the owners, each once, in their order."""
    return tuple(dict.fromkeys(rule.owner for rule in rules))


class OwnersFile(BaseModel):
    """The owner map of one environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owners: Annotated[OwnerRules, Field(description="one entry a rule")] = ()


def load_owners(path: Path) -> OwnersFile:
    """Return the owner map of a file.

    Raises:
        ParameterError: it cannot be read, or says what cannot be; names file and line.
    """
    text = read_entries(path, "owners")
    file, _ = parse_entries(OwnersFile, text, where=str(path), remedy=REMEDY)
    return file
