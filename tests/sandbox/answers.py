"""Asking a handler in process, and holding its answer against AWS's own shape."""

from __future__ import annotations

from typing import Any

from botocore.session import get_session
from botocore.validate import ParamValidator

from opslib.sandbox import handlers
from opslib.sandbox.estate import PAYER
from opslib.sandbox.overlay import HANDLERS, Caller
from opslib.sandbox.scenario import plan_scenario

__all__ = ["ask", "ask_all", "by_dimension", "by_tag"]

assert handlers  # imported for the handlers that it registers


def ask(
    service: str,
    operation: str,
    *,
    account: str = PAYER,
    region: str = "us-east-1",
    scenario: str = "steady",
    seed: int = 1,
    **asked: Any,
) -> dict[str, Any]:
    """Return a handler's answer, once both sides fit the shapes that AWS publishes.

    The serialiser drops names that a shape does not have, so that they would go unseen.
    """
    model = get_session().get_service_model(service).operation_model(operation)
    check_shape(asked, model.input_shape)
    caller = Caller(account=account, region=region, scenario=plan_scenario(scenario, seed))
    answer = HANDLERS[service, operation](asked, caller)
    assert answer is not None, "left to moto"
    if model.output_shape is None:
        assert answer == {}
    else:
        check_shape(answer, model.output_shape)
    return answer


def ask_all(service: str, operation: str, token: str, **asked: Any) -> list[dict[str, Any]]:
    """Return the answers of every page."""
    pages = [ask(service, operation, **asked)]
    while token in pages[-1]:
        pages.append(ask(service, operation, **asked, **{token: pages[-1][token]}))
    return pages


def check_shape(given: Any, shape: Any) -> None:
    """Hold a value against a shape: required members, types, and no name that it lacks."""
    report = ParamValidator().validate(given, shape)
    assert not report.has_errors(), report.generate_report()


def by_dimension(*keys: str) -> list[dict[str, str]]:
    """Return a GroupBy of dimensions."""
    return [{"Type": "DIMENSION", "Key": key} for key in keys]


def by_tag(key: str) -> list[dict[str, str]]:
    """Return a GroupBy of one tag."""
    return [{"Type": "TAG", "Key": key}]
