"""Who answers for what, and doubts about the map."""

from __future__ import annotations

from dataclasses import replace

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.owners import Owners, describe_owner_doubts
from opslib.parameters.owners import OwnerRule
from tests.analysis.savings.estates import ACCOUNT, thing


def tagged(name: str, **tags: str) -> Thing:
    return replace(thing("volume", name), tags=tags)


BY_ACCOUNT = OwnerRule(owner="platform", accounts=(ACCOUNT,))
BY_TAG = OwnerRule(owner="search", tags={"Team": "search"})
BY_ENVIRONMENT = OwnerRule(owner="lab", tags={"Environment": "lab"})
BY_BOTH = OwnerRule(owner="both", accounts=("lab",), tags={"Team": "search"})


def test_a_tag_beats_an_account_and_both_beat_a_tag() -> None:
    owners = Owners(rules=(BY_ACCOUNT, BY_TAG))
    assert owners.of(tagged("a")) == "platform"
    assert owners.of(tagged("a", Team="search")) == "search"
    assert owners.of(tagged("a", Team="shop")) == "platform"
    assert Owners(rules=(BY_BOTH, BY_TAG)).of(tagged("a", Team="search")) == "both"


def test_an_account_is_named_by_id_or_by_name() -> None:
    rule = OwnerRule(owner="x", accounts=("lab",))
    assert Owners(rules=(rule,)).of(tagged("a")) == "x"
    assert Owners(rules=(rule,)).of(replace(tagged("a"), account="other")) == ""


def test_without_a_rule_nobody_answers() -> None:
    assert Owners().of(tagged("a", Team="search")) == ""
    assert Owners(rules=(BY_TAG,)).of(tagged("a", Team="Search")) == ""


def test_two_alike_leave_it_to_nobody_and_are_told() -> None:
    owners = Owners(rules=(BY_TAG, BY_ENVIRONMENT, BY_ACCOUNT))
    things = [tagged(f"v{n}", Team="search", Environment="lab") for n in range(5)]
    assert owners.of(things[0]) == ""
    (doubt,) = describe_owner_doubts(owners, things)
    assert doubt.kind == "savings.two_owners"
    assert "5 resources to search and lab: v0, v1, v2 and 2 more" in doubt.sentence


def test_a_rule_that_names_nothing_is_told_with_the_nearest() -> None:
    rules = (
        OwnerRule(owner="a", accounts=("lap",)),
        OwnerRule(owner="b", tags={"Taem": "search"}),
        OwnerRule(owner="c", tags={"Team": "serch"}),
        BY_TAG,
    )
    doubts = list(describe_owner_doubts(Owners(rules=rules), [tagged("v", Team="search")]))
    assert [one.kind for one in doubts] == ["savings.owner_rule_unmatched"] * 3
    assert doubts[0].sentence.endswith("did you mean 'lab'?")
    assert "did you mean 'Team'?" in doubts[1].sentence
    assert "did you mean 'search'?" in doubts[2].sentence


def test_where_nothing_was_read_no_rule_is_doubted() -> None:
    assert list(describe_owner_doubts(Owners(rules=(BY_TAG,)), [])) == []
