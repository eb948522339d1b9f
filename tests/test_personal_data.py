"""Personal data is masked, and what an engineer needs stays."""

from __future__ import annotations

import doctest
import ipaddress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opslib import personal_data
from opslib.personal_data import MASKED, mask_text

KEPT = [
    "arn:aws:sts::222222222222:assumed-role/Operator/grace@acme.example did it",
    "upgraded to version 16.4.1.2, was version 8.0.36.1 and release: 2.3.4.5",
    "Chrome/120.0.6099.109 Mozilla/5.0 nginx/1.25.3.1 lib-9.8.7.6.jar",
    "from 10.0.3.7:5432 to 192.168.1.1, 172.16.0.9, 127.0.0.1, 169.254.169.254 and fd00::1",
    "opened 52.95.110.0/24 and 0.0.0.0/0 and 2600:1f00::/24",
    "+1234.56 USD, +1,234,567.89, -5 %, +12345678 bytes, 2026-03-01T12:00:00+00:00 +0100",
    "account 222222222222 request 7f9c0b2e-4c3d-4f6b-9a51-0d6d6ad3f1c2 i-0b00fc585647abc4",
    "password=[redacted 3f2a91bc] at db.example.com, git checkout v2 user@localhost",
    "order 2026-03-01-0001 of 1234567890 took 12:34:56.789, std::vector, 3.14.15",
]


@pytest.mark.parametrize("line", KEPT)
def test_what_is_no_personal_data_stays(line: str) -> None:
    assert mask_text(line) == line


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('{"user":"Ada.Lovelace+test@mail.example.co.uk"}', '{"user":"[email *]"}'),
        ("mail to <ada@example.org>.", "mail to <[email *]>."),
        ("81.2.69.142 - - [01/Mar/2026] GET /", "[address *] - - [01/Mar/2026] GET /"),
        (
            "client=81.2.69.142:443, http://81.2.69.142/x",
            "client=[address *]:443, http://[address *]/x",
        ),
        ("from 2a02:908:4b5::17 port 22", "from [address *] port 22"),
        ("called +49 30 901820, +14155552671", "called [phone *], [phone *]"),
        ("call (415) 555-2671 or 415-555-2671", "call [phone *] or [phone *]"),
    ],
)
def test_personal_data_is_masked(line: str, masked: str) -> None:
    assert MASKED.sub(lambda found: f"[{found[1]} *]", mask_text(line)) == masked


LOCAL = st.from_regex(r"[a-z0-9_][a-z0-9_.+-]{0,20}", fullmatch=True)
DOMAIN = st.from_regex(r"([a-z0-9]{1,8}\.){1,3}[a-z]{2,6}", fullmatch=True)
AROUND = st.text(st.characters(whitelist_categories=["Zs", "Ps", "Pe"]), max_size=4)


@given(LOCAL, DOMAIN, AROUND, AROUND)
def test_no_address_of_mail_is_left(local: str, domain: str, before: str, after: str) -> None:
    said = f"{local}@{domain}"
    masked = mask_text(f"{before}{said}{after}")
    assert said not in masked
    assert mask_text(masked) == masked


@given(st.ip_addresses(), AROUND)
def test_an_ip_address_is_masked_where_it_is_somebodys(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, before: str
) -> None:
    assume(address.version == 4 or address in ipaddress.ip_network("2000::/3"))
    masked = mask_text(f"client {before}{address} failed")
    assert (str(address) in masked) is not address.is_global


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_two_stay_two_and_one_stays_one(
    one: ipaddress.IPv4Address, other: ipaddress.IPv4Address
) -> None:
    assume(one != other)
    assert mask_text(f"{one}") != mask_text(f"{other}")
    first, second = mask_text(f"{one} {one}").replace("address ", "address_").split(" ")
    assert first == second


@given(
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.integers(10**11, 10**12 - 1),
)
def test_ids_times_amounts_and_accounts_stay(
    request: UUID, at: datetime, amount: object, account: int
) -> None:
    line = f"{at.isoformat()} {request} {account} {amount:+} arn:aws:iam::{account}:role/x {amount}"
    assert mask_text(line) == line


def test_the_example_holds() -> None:
    outcome = doctest.testmod(personal_data)
    assert (outcome.attempted, outcome.failed) == (1, 0)
