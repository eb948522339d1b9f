from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.databases.item_digests import DIGEST_MODULUS, digest_item, hash_key
from opslib.errors import ReadError

Value = dict[str, Any]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"N": "1.0"}),
        ({"N": "100"}, {"N": "1E+2"}),
        ({"N": "0.001"}, {"N": "1E-3"}),
        ({"N": "-0"}, {"N": "0"}),
        ({"N": "007"}, {"N": "7"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "2.50"]}, {"NS": ["2.5", "1"]}),
        ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}),
        ({"M": {"a": {"N": "1"}, "b": {"S": ""}}}, {"M": {"b": {"S": ""}, "a": {"N": "1.0"}}}),
    ],
)
def test_what_dynamodb_holds_equal_has_one_digest(one: Value, other: Value) -> None:
    assert digest_item({"v": one}) == digest_item({"v": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"N": "1"}, {"N": "-1"}),
        ({"N": "1"}, {"N": "10"}),
        (
            {"N": "0.12345678901234567890123456789012345678"},
            {"N": "0.12345678901234567890123456789012345679"},
        ),
        ({"S": ""}, {"NULL": True}),
        ({"S": "é"}, {"S": "e\u0301"}),
        ({"S": "a"}, {"B": b"a"}),
        ({"BOOL": True}, {"BOOL": False}),
        ({"BOOL": True}, {"N": "1"}),
        ({"BOOL": True}, {"NULL": True}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"SS": ["1"]}, {"NS": ["1"]}),
        ({"SS": ["a", "b"]}, {"SS": ["a"]}),
        ({"SS": ["ab"]}, {"SS": ["a", "b"]}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"L": [{"S": "a"}, {"S": "a"}]}, {"L": [{"S": "a"}]}),
        ({"L": [{"L": []}, {"L": []}]}, {"L": [{"L": [{"L": []}]}]}),
        ({"M": {}}, {"L": []}),
        ({"M": {"a": {"S": "b"}}}, {"M": {"b": {"S": "a"}}}),
        ({"B": b"\x00"}, {"B": b"\x00\x00"}),
    ],
)
def test_values_that_are_not_equal_have_other_digests(one: Value, other: Value) -> None:
    assert digest_item({"v": one}) != digest_item({"v": other})


def test_a_missing_attribute_is_another_item_than_a_null_one() -> None:
    assert digest_item({"id": {"S": "1"}}) != digest_item({"id": {"S": "1"}, "v": {"NULL": True}})


@given(st.lists(st.text(min_size=1), min_size=2, unique=True), st.randoms())
def test_the_order_of_attributes_does_not_matter(names: list[str], chance: Any) -> None:
    item = {name: {"S": name} for name in names}
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert digest_item(item) == digest_item({name: item[name] for name in shuffled})
    assert 0 <= digest_item(item) < DIGEST_MODULUS


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_number_has_one_digest_however_it_is_spelt(number: Any) -> None:
    spellings = {f"{number:f}", f"{number:E}", f"{number:f}0"}
    assert len({digest_item({"v": {"N": text}}) for text in spellings}) == 1


def test_a_key_is_hashed_by_its_attributes_alone() -> None:
    item = {"id": {"S": "a"}, "at": {"N": "1.0"}, "v": {"S": "x"}}
    assert hash_key(item, ["id", "at"]) == hash_key({**item, "v": {"S": "y"}}, ["id", "at"])
    assert hash_key(item, ["id", "at"]) == hash_key({**item, "at": {"N": "1"}}, ["id", "at"])
    assert hash_key(item, ["id"]) != hash_key(item, ["id", "at"])


def test_a_type_that_is_not_known_is_an_error_and_no_guess() -> None:
    with pytest.raises(ReadError, match="type VECTOR"):
        digest_item({"v": {"VECTOR": [1.0]}})
    with pytest.raises(ReadError, match="for a number"):
        digest_item({"v": {"N": "many"}})
