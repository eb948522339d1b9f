"""Each line of the bill is saved once, and never more than it costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.savings.counting import count_once
from opslib.analysis.savings.recommendation import Basis, LineSaving, Recommendation
from opslib.money import total
from tests.analysis.savings.estates import ACCOUNT, thing

CENTS = st.integers(min_value=1, max_value=100_000).map(lambda cents: Decimal(cents) / 100)


def line(resource: str, cost: Decimal, saving: Decimal, meter: str = "m") -> LineSaving:
    return LineSaving(resource=resource, meter=meter, account=ACCOUNT, cost=cost, saving=saving)


def recommendation(kind: str, name: str, *lines: LineSaving) -> Recommendation:
    return Recommendation(
        kind=kind,
        thing=thing("volume", name),
        lines=lines,
        basis=Basis.BILL,
        sentence="it is there",
        action="Delete it.",
    )


@st.composite
def recommendations(draw: st.DrawFn) -> list[Recommendation]:
    costs = {(f"r{n}", f"m{m}"): draw(CENTS) for n in range(3) for m in range(2)}
    made = []
    for number in range(draw(st.integers(0, 6))):
        keys = draw(st.lists(st.sampled_from(sorted(costs)), min_size=1, unique=True))
        shares = [Decimal(draw(st.integers(0, 100))) / 100 for _ in keys]
        lines = [
            line(key[0], costs[key], costs[key] * share, key[1])
            for key, share in zip(keys, shares, strict=True)
        ]
        made.append(recommendation("kind", f"thing-{number}", *lines))
    return made


@given(recommendations())
def test_what_is_counted_never_exceeds_the_spend_that_it_acts_on(
    made: list[Recommendation],
) -> None:
    spend = {one.key: one.cost for each in made for one in each.lines}
    counted = count_once(made)
    assert total(one.saving for one in counted) <= total(spend.values())
    assert all(0 <= one.saving <= one.recommendation.saving for one in counted)


@given(recommendations(), st.randoms())
def test_every_recommendation_is_told_once_in_any_order(
    made: list[Recommendation], random: object
) -> None:
    counted = count_once(made)
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(one.recommendation.id for one in counted) == sorted(one.id for one in made)
    assert count_once(shuffled) == counted


@given(recommendations())
def test_no_line_counts_for_two(made: list[Recommendation]) -> None:
    counted = count_once(made)
    largest: dict[tuple[str, str, str], Decimal] = {}
    for one in made:
        for part in one.lines:
            largest[part.key] = max(part.saving, largest.get(part.key, Decimal(0)))
    assert total(one.saving for one in counted) <= total(largest.values())


def test_what_is_deleted_is_not_made_smaller_too() -> None:
    whole = recommendation("stopped_instance", "i-1", line("v", Decimal(10), Decimal(10)))
    smaller = recommendation(
        "gp2_volume", "v", line("v", Decimal(10), Decimal(2)), line("w", Decimal(5), Decimal(1))
    )
    first, second = count_once([smaller, whole])
    assert (first.recommendation.id, first.saving, first.elsewhere) == (whole.id, Decimal(10), ())
    assert (second.saving, second.elsewhere) == (Decimal(1), (whole.id,))


def test_a_saving_beyond_the_cost_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be saved"):
        line("v", Decimal(1), Decimal(2))
