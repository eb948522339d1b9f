from __future__ import annotations

import doctest
import importlib
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib import errors, wording
from opslib.coverage import Coverage, CoverageStatus, gaps, status_of_error
from opslib.errors import (
    AccessDenied,
    CapReached,
    NoCredentials,
    OpsError,
    ParameterError,
    ReadError,
    Throttled,
)
from opslib.estimate import Estimate
from opslib.findings import Finding, Severity
from opslib.money import cut, total
from opslib.redaction import redact_frame, redact_text, redact_values
from opslib.timewindow import TimeWindow


def test_a_window_is_half_open() -> None:
    window = TimeWindow.of_days(date(2026, 2, 27), date(2026, 3, 1))
    assert window.days == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))
    assert window.end not in window
    assert window.before().last_day == date(2026, 2, 26)


def test_a_window_needs_a_time_zone() -> None:
    with pytest.raises(ParameterError, match="no time zone"):
        TimeWindow(start=datetime(2026, 1, 1), end=datetime(2026, 1, 2))  # noqa: DTZ001


def test_a_window_must_not_end_before_it_starts() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ParameterError, match="not after its start"):
        TimeWindow(start=now, end=now)


@given(st.datetimes(timezones=st.timezones()), st.integers(1, 400))
def test_days_of_a_window_are_utc_days_even_across_clock_changes(
    start: datetime, hours: int
) -> None:
    window = TimeWindow(start=start, end=start.astimezone(UTC) + timedelta(hours=hours))
    assert window.days[0] == start.astimezone(UTC).date()
    assert len(set(window.days)) == len(window.days)


def test_an_estimate_has_its_ends_in_order() -> None:
    with pytest.raises(ValueError, match="not in order"):
        Estimate(low=Decimal(2), mid=Decimal(1), high=Decimal(3), confidence=0.8)


def test_an_error_says_what_where_and_what_to_do() -> None:
    error = AccessDenied("not allowed", where="acme ce:GetCostAndUsage", remedy="Grant it.")
    assert str(error) == "not allowed [acme ce:GetCostAndUsage]. Grant it."
    assert error.exit_code == 4


def test_every_error_is_drawn_in_the_tree() -> None:
    for name in errors.__all__:
        assert name in (errors.__doc__ or "")
        assert issubclass(getattr(errors, name), OpsError)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AccessDenied("x"), CoverageStatus.DENIED),
        (Throttled("x"), CoverageStatus.THROTTLED),
        (CapReached("x"), CoverageStatus.TRUNCATED),
        (NoCredentials("x"), CoverageStatus.NOT_ASKED),
        (ReadError("x"), CoverageStatus.FAILED),
    ],
)
def test_every_failed_read_leaves_a_gap(error: ReadError, status: CoverageStatus) -> None:
    assert status_of_error(error) is status
    line = Coverage(table="costs", asked="all", status=status)
    assert gaps([line]) == (line,)
    assert gaps([line], "budgets") == ()


def test_the_identity_of_a_finding_is_its_kind_and_subject() -> None:
    def finding(sentence: str, subject: dict[str, str]) -> Finding:
        return Finding(
            kind="cost.new_resource",
            subject=subject,
            severity=Severity.LOW,
            sentence=sentence,
            action="Look.",
        )

    one = finding("a", {"ResourceId": "i-1", "SubAccountId": "1"})
    assert one.id == finding("b", {"SubAccountId": "1", "ResourceId": "i-1"}).id
    assert one.id != finding("a", {"ResourceId": "i-2", "SubAccountId": "1"}).id


@given(st.lists(st.decimals(-(10**18), 10**18, places=18, allow_nan=False), max_size=30))
def test_money_sums_exactly(amounts: list[Decimal]) -> None:
    assert Fraction(total(amounts)) == sum(Fraction(amount) for amount in amounts)


def test_what_is_below_the_twelfth_decimal_is_cut_off_whatever_the_size() -> None:
    assert str(cut(Decimal("38.3356800000509440000"))) == "38.335680000050"
    assert cut(Decimal("-0.0000000000019")) == Decimal("-0.000000000001")
    large = Decimal("9" * 30)
    assert cut(large) == large


SECRETS = [
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "https://user:hunter2secret@example.com",
    "password=correcthorse",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abcdefghijklmnop",
    "xoxb-1234567890-abcdefghij",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "AWS_SECRET_ACCESS_KEY=hunter2/hunter2/hunter2",
    '{"db_password": "correcthorse"}',
    '"secretAccessKey":"hunter2hunter2"',
    "Authorization: Bearer hunter2hunter2",
    "password: correcthorse",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_taken_out(secret: str) -> None:
    shown = redact_text(f"owner {secret} end")
    assert redact_text(shown) == shown
    assert "[redacted " in shown
    for part in ("AKIAABC", "hunter2", "correcthorse", "eyJhbGci", "xoxb-1", "MIIE"):
        assert part not in shown


@pytest.mark.parametrize("secret", SECRETS)
def test_a_json_value_is_redacted_and_stays_json(secret: str) -> None:
    clean = redact_values({"log": [f"said {secret}"], f"tag {secret}": 1, "at": None})
    assert json.loads(json.dumps(clean)) == clean
    assert clean["log"] == [redact_text(f"said {secret}")]
    assert set(clean) == {"log", redact_text(f"tag {secret}"), "at"}


FORMS = [
    *SECRETS,
    "ASIA" + "ABCDEFGHIJKLMNOP",
    "aws_secret_access_key=" + "a1/" * 10,
    "hooks.slack.com/services/T0/B0/x",
    "ghp_" + "a" * 36,
    "PassWd=correcthorse",
    "SECRET=correcthorse",
    "ApiKey=correcthorse",
    "to\u212aen=correcthorse",  # the sign for kelvin is a k where case does not count
    "\u017fecret=correcthorse",
    "-----BEGIN PRIVATE KEY-----",
    "basic aHVudGVyMjpodW50ZXIy",
    '"API_KEY" : "correcthorse"',
    '"refresh_to\u212aen":"correcthorse"',
    "PWD=correcthorse",
    "ftp://a:b\n@host",
    "s3://\u00e9\u00e8:p\u00e4ss@host",
]


@given(st.text(max_size=20), st.sampled_from(FORMS), st.text(max_size=20))
def test_a_frame_is_redacted_as_each_of_its_texts(before: str, secret: str, after: str) -> None:
    texts = [before + secret + after, before + after]
    clean = redact_frame(pd.DataFrame({"Name": pd.Series(texts, dtype=object)}))
    assert clean["Name"].tolist() == [redact_text(text) for text in texts]


def test_two_secrets_stay_two_and_other_columns_stay_as_they_are() -> None:
    frame = pd.DataFrame(
        {"Name": ["token=aaaaaaaa", "token=bbbbbbbb", "plain"], "Cost": [Decimal(1)] * 3}
    )
    clean = redact_frame(frame)
    assert clean["Name"].nunique() == 3
    assert clean["Name"].iloc[2] == "plain"
    assert clean["Cost"].tolist() == [Decimal(1)] * 3


def test_names_from_outside_cannot_move_the_cursor_or_grow_without_end() -> None:
    assert "\x1b" not in wording.printable("\x1b[31mred")
    assert "\u202e" not in wording.printable("a\u202eb")
    assert len(wording.printable("x" * 500)) == wording.LONGEST_NAME


@pytest.mark.parametrize("name", ["opslib.wording"])
def test_the_examples_in_docstrings_hold(name: str) -> None:
    module: ModuleType = importlib.import_module(name)
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
