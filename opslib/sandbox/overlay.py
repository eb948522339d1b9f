"""Answers to what moto does not simulate, over moto's own routing, parsing and serialising.

A handler is a function under ``@op("ce", "GetCostAndUsage")`` that takes the request's
parameters and the account and returns a plain dictionary. No handler, or one that returns None:
moto answers. Neither:
the caller gets a parseable error, never a page of HTML.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cache
from typing import Any

from botocore import session
from moto.core import utils
from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from

from opslib.sandbox.estate import MEMBERS
from opslib.sandbox.faults import find_fault
from opslib.sandbox.protocol import (
    Answer,
    AwsError,
    Call,
    Environ,
    parse_call,
    services_signed_as,
)
from opslib.sandbox.scenario import Scenario

__all__ = ["Caller", "Overlay", "op"]

# moto walks botocore's folders anew for every service, 20 ms each.
utils.create_loader = cache(utils.create_loader)  # type: ignore[attr-defined]
# It opens a session for every service, and each would read botocore's lists of endpoints anew.
session.create_loader = cache(session.create_loader)

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
EXPIRED_KEY = "ASIAEXPIRED"
EXPIRED_CODES = {"query": "ExpiredToken", "rest-xml": "ExpiredToken", "ec2": "RequestExpired"}
UNKNOWN_KEY_CODES = {"query": "InvalidClientTokenId"}
READ_BEFORE_MOTO = ("dynamodb", "sts")
"""Services without handlers whose calls a scenario may refuse."""
BODY_IS_CONTENT = frozenset({"s3"})
"""Signing names whose bodies are left to moto unread: routing needs none of them."""

READ_OF_CONTENT = re.compile(r"(?:^|&)metrics(?:[&=]|$)")
"""What the query of a request to such a service must ask for, to be read here all the same."""

ONE_AT_A_TIME = frozenset({"dynamodb", "s3"})
"""Signing names of services in which moto walks what other requests change meanwhile."""

Handler = Callable[[dict[str, Any], "Caller"], dict[str, Any] | None]
StartResponse = Callable[..., Any]
HANDLERS: dict[tuple[str, str], Handler] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, where, in which scenario."""

    account: str
    region: str
    scenario: Scenario


def op(service: str, operation: str) -> Callable[[Handler], Handler]:
    """Register a handler; an operation that AWS does not have fails at import."""
    get_service_model(service).operation_model(operation)

    def register(handler: Handler) -> Handler:
        HANDLERS[service, operation] = handler
        return handler

    return register


class Overlay:
    """A WSGI application around moto's.

    Args:
        moto: moto's application.
        scenario: the account that is shown.
    """

    def __init__(self, moto: Callable[..., Iterable[bytes]], scenario: Scenario) -> None:
        self._moto = moto
        self._scenario = scenario
        services = {service for service, _ in HANDLERS} | set(READ_BEFORE_MOTO)
        self._services = {get_service_model(name).signing_name: name for name in services}
        self._locks: dict[str, AbstractContextManager[Any]] = {
            name: threading.RLock() for name in ONE_AT_A_TIME
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        start_response = self._dated(start_response)
        signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is None:
            return self._moto(environ, start_response)
        key, region, signing_name = signed.groups()
        body = b"" if signing_name in BODY_IS_CONTENT else _take_body(environ)
        if key == EXPIRED_KEY:
            return _respond(environ, body, signing_name, _expired, start_response)
        with self._locks.get(signing_name, nullcontext()):
            if signing_name in self._services and _is_read(environ, signing_name):
                answered = self._answer(environ, body, key, region, self._services[signing_name])
                if answered is not None:
                    return _send(answered, start_response)
            return self._ask_moto(environ, body, signing_name, start_response)

    def _dated(self, start_response: StartResponse) -> StartResponse:
        """Return ``start_response`` with the epoch for the answer's date."""
        date = ("Date", format_datetime(self._scenario.epoch, usegmt=True))

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            others = [header for header in headers if header[0].lower() != "date"]
            return start_response(status, [*others, date], *rest)

        return start

    def _answer(
        self, environ: Environ, body: bytes, key: str, region: str, service: str
    ) -> Answer | None:
        call = parse_call(environ, body, service)
        if call is None:
            return None
        account = get_account_id_from(key)
        name = call.operation.name
        fault = find_fault(self._scenario.faults, service, name, account, call.parameters)
        if fault is not None:
            return call.serialise(AwsError(fault.code, f"{name} is refused to {account}"))
        handler = HANDLERS.get((service, name))
        if handler is None:
            return None
        if account not in MEMBERS:
            return call.serialise(_unknown_key(call))
        caller = Caller(account=account, region=region, scenario=self._scenario)
        try:
            result = handler(call.parameters, caller)
            return None if result is None else call.serialise(result)
        except ServiceException as error:
            return call.serialise(error)

    def _ask_moto(
        self, environ: Environ, body: bytes, signing_name: str, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Return moto's answer; its HTML for what it does not have becomes an AWS error."""
        head: list[Any] = []
        try:
            answer = b"".join(self._moto(environ, lambda *arguments: head.extend(arguments[:2])))
        except (NotImplementedError, AttributeError):
            # An operation, or a whole service, that moto does not have: it looks the latter up
            # under the name None.
            return _respond(environ, body, signing_name, _unknown, start_response)
        if head[0][:3] in {"404", "500"} and answer.lstrip()[:9].lower() == b"<!doctype":
            return _respond(environ, body, signing_name, _unknown, start_response)
        start_response(*head)
        return [answer]


def _is_read(environ: Environ, signing_name: str) -> bool:
    if signing_name not in BODY_IS_CONTENT:
        return True
    is_question = environ["REQUEST_METHOD"] == "GET"
    return is_question and bool(READ_OF_CONTENT.search(environ.get("QUERY_STRING", "")))


def _take_body(environ: Environ) -> bytes:
    """Read the request's body and put it back for moto."""
    chunked = environ.get("wsgi.input_terminated", False)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(-1 if chunked else length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _respond(
    environ: Environ,
    body: bytes,
    signing_name: str,
    error: Callable[[Call], AwsError],
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Send an error in the protocol of whichever service was asked."""
    for service in services_signed_as(signing_name):
        call = parse_call(environ, body, service)
        if call is not None:
            return _send(call.serialise(error(call)), start_response)
    start_response("400 Bad Request", [("Content-Type", "text/plain")])
    return [b"the sandbox does not know this request"]


def _expired(call: Call) -> AwsError:
    code = EXPIRED_CODES.get(call.protocol, "ExpiredTokenException")
    return AwsError(code, "The security token included in the request is expired")


def _unknown_key(call: Call) -> AwsError:
    code = UNKNOWN_KEY_CODES.get(call.protocol, "UnrecognizedClientException")
    return AwsError(code, "The security token included in the request is invalid")


def _unknown(call: Call) -> AwsError:
    what = f"{call.service.service_name}:{call.operation.name}"
    return AwsError("SandboxNotImplemented", f"{what} is not simulated")


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    start_response(f"{answer.status} Answered", [(name, str(v)) for name, v in headers.items()])
    return [answer.body]
