"""The owner map and the file of declined advice: what they say, and what is wrong with them."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opslib.errors import ParameterError
from opslib.parameters.savings import SavingsParameters
from opslib.parameters.savings_declined import load_declined, parse_declined

ROOT = Path(__file__).parents[2]
ENTRY = """declined:
  - id: "0123456789ab"
    reason: kept for audit
    by: ada
    until: 2026-06-30
"""


def parameters(**values: Any) -> SavingsParameters:
    return SavingsParameters.parse({"as_of": "2026-03-02T06:00:00Z", **values})


def test_an_entry_is_read() -> None:
    (entry,) = parse_declined(ENTRY, "x.yaml").declined
    assert (entry.id, entry.by, entry.until) == ("0123456789ab", "ada", date(2026, 6, 30))


def test_an_empty_file_declines_nothing() -> None:
    assert parse_declined("", "x.yaml").declined == ()
    assert parse_declined("declined: []\n", "x.yaml").declined == ()


def test_the_sandbox_file_can_be_read() -> None:
    assert load_declined(ROOT / "parameters" / "sandbox" / "savings_declined.yaml").declined


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("declined: [\n", "not valid YAML"),
        ("- id: 1\n", "name: value pairs are expected [x.yaml:1]"),
        ("refused: []\n", "unknown name 'refused'"),
        (ENTRY.replace("0123456789ab", "0123456789"), "[x.yaml:2]"),
        (ENTRY.replace('"0123456789ab"', "123456789012"), "write it in quotes"),
        (ENTRY.replace("kept for audit", "' '"), "[x.yaml:3]"),
        (ENTRY.replace("    by: ada\n", ""), "'declined.0.by' is missing"),
        (ENTRY.replace("by: ada", "who: ada"), "'declined.0.by' is missing"),
        (ENTRY.replace("2026-06-30", "soon"), "[x.yaml:5]"),
        (ENTRY.replace("2026-06-30", "2026-02-30"), "day is out of range for month [x.yaml:5]"),
        ("declined:\n", "'declined' is None: input should be a list [x.yaml:1]"),
        (ENTRY + ENTRY.partition("\n")[2], "0123456789ab is declined twice [x.yaml:6]"),
    ],
)
def test_a_malformed_file_is_told_by_its_line(text: str, said: str) -> None:
    with pytest.raises(ParameterError) as refused:
        parse_declined(text, "x.yaml")
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot be read") as refused:
        load_declined(tmp_path / "none.yaml")
    assert "none.yaml" in refused.value.where


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        ([{"owner": "a"}], "a needs accounts or tags"),
        ([{"owner": "nobody", "accounts": ["1"]}], "owner of all the rest"),
        (
            [{"owner": "a", "accounts": ["1", "2"]}, {"owner": "b", "accounts": ["2"]}],
            "two owners, a and b, have account 2",
        ),
        (
            [{"owner": "a", "tags": {"Team": "x"}}, {"owner": "b", "tags": {"Team": "x"}}],
            "two owners, a and b, have Team=x",
        ),
        ([{"owner": "a", "tag": {"Team": "x"}}], "unknown parameter 'owners.0.tag'"),
    ],
)
def test_an_owner_map_that_cannot_be_is_refused(owners: list[Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parameters(owners=owners)


def test_the_same_owner_may_stand_twice() -> None:
    rules = [{"owner": "a", "accounts": ["1"]}, {"owner": "a", "accounts": ["1", "2"]}]
    assert len(parameters(owners=rules).owners) == 2


def test_an_unknown_owner_is_refused_with_the_nearest() -> None:
    rules = [{"owner": "search team", "accounts": ["1"]}, {"owner": "ada", "accounts": ["2"]}]
    assert parameters(owners=rules, owner="ada").owner == "ada"
    with pytest.raises(ParameterError, match=r"search team, ada.*did you mean 'search team'"):
        parameters(owners=rules, owner="serch team")
    with pytest.raises(ParameterError, match="none of owners"):
        parameters(owner="ada")


def test_a_term_that_stands_twice_is_refused() -> None:
    assert parameters(terms=[3, 1]).terms == (3, 1)
    with pytest.raises(ParameterError, match="stands twice"):
        parameters(terms=[1, 1])
    with pytest.raises(ParameterError, match="at least one is needed"):
        parameters(terms=[])


def test_a_figure_without_end_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"'size_volatility' is inf: .* finite number"):
        parameters(size_volatility=math.inf)
