"""What a recommendation becomes as a finding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opslib.analysis.savings.counting import count_once
from opslib.analysis.savings.findings import describe_recommendation
from opslib.analysis.savings.owners import Owners
from opslib.analysis.savings.recommendation import Basis, LineSaving, Recommendation
from opslib.present.findings import show_findings
from tests.analysis.savings.estates import thing


@pytest.mark.parametrize(
    ("kind", "basis", "saving", "words"),
    [
        ("smaller_instance", Basis.BILL, "4", "it costs $9.00 a month, of which $4.00 can"),
        ("unattached_volume", Basis.BILL, "9", "it costs $9.00 a month, all of which can"),
        (
            "commitment",
            Basis.ESTIMATE,
            "4",
            "its usage costs about $9.00 a month on demand, of which $4.00 can",
        ),
    ],
)
def test_it_is_told_what_it_costs_and_what_of_that_can_be_saved(
    kind: str, basis: Basis, saving: str, words: str
) -> None:
    line = LineSaving(resource="a", meter="m", account="1", cost=Decimal(9), saving=Decimal(saving))
    one = Recommendation(
        kind=kind,
        thing=thing("volume", "a"),
        lines=(line,),
        basis=basis,
        sentence="why",
        action="Act.",
    )
    (counted,) = count_once([one])
    found = describe_recommendation(counted, Decimal(100), "USD", Owners(rules=()))
    assert f"why; {words} be saved." in found.sentence
    assert f">${saving}.00</span>" in show_findings([found]).markup  # a saving is no increase
