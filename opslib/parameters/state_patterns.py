"""Where Terraform keeps its state: patterns of S3 objects, by environment and layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from opslib.errors import ParameterError

__all__ = ["StatePattern", "expand_patterns"]

FORM = re.compile(r"s3://(?P<bucket>[^/*?]+)/(?P<key>.+)")
TOKENS = re.compile(r"(\*\*|\*|\?|\{environment\}|\{layer\})")
AS_REGEX = {
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
    "{environment}": "(?P<environment>[^/]+)",
    "{layer}": "(?P<layer>[^/]+)",
}
REMEDY = (
    "Write s3://bucket/key with {environment}, {layer}, * (within a folder) or ** (across them); "
    "the bucket has no wildcard."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePattern:
    """Objects of one bucket that hold Terraform state.

    Args:
        bucket: where they are.
        key: their key; may hold wildcards, and placeholders for names that are not known.
        environment, layer: whose state it is; '' where the key of each object tells it.
    """

    bucket: str
    key: str
    environment: str = ""
    layer: str = ""

    @property
    def is_one(self) -> bool:
        """Say whether it names one object, which then must be there."""
        return TOKENS.search(self.key) is None

    @property
    def prefix(self) -> str:
        """Return what all its keys begin with."""
        return TOKENS.split(self.key, maxsplit=1)[0]

    def match(self, key: str) -> tuple[str, str] | None:
        """Return the environment and layer of an object, '' where not told; None for no match."""
        found = _regex(self.key).fullmatch(key)
        if found is None:
            return None
        told = found.groupdict()
        return self.environment or told.get("environment", ""), self.layer or told.get("layer", "")


def _regex(key: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for part in TOKENS.split(key):
        again = part in seen and part.startswith("{")
        name = part.strip("{}")
        parts.append(f"(?P={name})" if again else AS_REGEX.get(part, re.escape(part)))
        seen.add(part)
    return re.compile("".join(parts))


def expand_patterns(
    patterns: Sequence[str], environments: Sequence[str] = (), layers: Sequence[str] = ()
) -> tuple[StatePattern, ...]:
    """Return what the patterns name: one for each environment and layer that is known.

    Args:
        patterns: such as ``s3://acme-state/{environment}/{layer}/terraform.tfstate``.
        environments: names that ``{environment}`` stands for; none for whatever is there, so that
            a missing one cannot be told.
        layers: the same for ``{layer}``.

    Raises:
        ParameterError: a pattern that is not of this form, or a bucket that is not told.

    >>> [p.key for p in expand_patterns(["s3://state/{layer}.tfstate"], layers=["network", "data"])]
    ['network.tfstate', 'data.tfstate']
    """
    return tuple(
        dict.fromkeys(
            _one(pattern, environment, layer)
            for pattern in patterns
            for environment, layer in product(
                _names(pattern, "{environment}", environments), _names(pattern, "{layer}", layers)
            )
        )
    )


def _names(pattern: str, placeholder: str, names: Sequence[str]) -> Sequence[str]:
    return names if names and placeholder in pattern else ("",)


def _one(pattern: str, environment: str, layer: str) -> StatePattern:
    text = pattern.replace("{environment}", environment or "{environment}")
    text = text.replace("{layer}", layer or "{layer}")
    form = FORM.fullmatch(text)
    if form is None or TOKENS.search(form["bucket"]):
        raise ParameterError(
            f"no pattern of state objects: {pattern!r}", where="terraform_states", remedy=REMEDY
        )
    return StatePattern(
        bucket=form["bucket"], key=form["key"], environment=environment, layer=layer
    )
