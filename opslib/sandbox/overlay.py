"""Answers to what moto does not simulate, over moto's own routing, parsing and serialising.

A handler is a function under ``@op("ce", "GetCostAndUsage")`` that takes the request's
parameters and the account and returns a plain dictionary. No handler: moto answers. Neither:
the caller gets a parseable error, never a page of HTML.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol, normalize_request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from
from werkzeug.exceptions import NotFound

from opslib.sandbox.faults import find_fault
from opslib.sandbox.scenario import Scenario

__all__ = ["AwsError", "Caller", "Overlay", "op"]

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
EXPIRED_KEY = "ASIAEXPIRED"
EXPIRED_CODES = {"query": "ExpiredToken", "rest-xml": "ExpiredToken", "ec2": "RequestExpired"}
READ_BEFORE_MOTO = ("sts",)
"""Services without handlers whose calls a scenario may refuse."""

Handler = Callable[[dict[str, Any], "Caller"], dict[str, Any]]
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
HANDLERS: dict[tuple[str, str], Handler] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, where, in which scenario."""

    account: str
    region: str
    scenario: Scenario


class AwsError(ServiceException):
    """An error as AWS would answer it."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


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

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is None:
            return self._moto(environ, start_response)
        key, region, signing_name = signed.groups()
        body = _take_body(environ)
        if key == EXPIRED_KEY:
            return _respond(environ, body, signing_name, _expired, start_response)
        if signing_name in self._services:
            answered = self._answer(environ, body, key, region, self._services[signing_name])
            if answered is not None:
                return _send(answered, start_response)
        environ["wsgi.input"] = io.BytesIO(body)
        return self._ask_moto(environ, body, signing_name, start_response)

    def _answer(
        self, environ: Environ, body: bytes, key: str, region: str, service: str
    ) -> _Answer | None:
        call = _parse(environ, body, service)
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
        caller = Caller(account=account, region=region, scenario=self._scenario)
        try:
            return call.serialise(handler(call.parameters, caller))
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


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Call:
    service: Any
    operation: Any
    protocol: str
    parameters: dict[str, Any]

    def serialise(self, result: Any) -> _Answer:
        serialiser = get_serializer_class(self.service.service_name, self.protocol)
        out = serialiser(operation_model=self.operation).serialize(result)
        body = out["body"] or b""
        encoded = body if isinstance(body, bytes) else body.encode()
        return _Answer(out["status_code"], dict(out["headers"]), encoded)


def _take_body(environ: Environ) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ["wsgi.input"].read(length) if length else b""


def _parse(environ: Environ, body: bytes, service: str) -> _Call | None:
    environ = {**environ, "wsgi.input": io.BytesIO(body)}
    request = normalize_request(Request(environ))
    try:
        operation, url_parameters = get_service_router(service).match(request)
    except (NotFound, NotImplementedError):
        return None
    model = get_service_model(service)
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    parameters = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(cache=True),
            "url_path": request.path,
            "url_params": url_parameters,
        }
    )
    return _Call(model, operation, protocol, dict(parameters))


def _respond(
    environ: Environ,
    body: bytes,
    signing_name: str,
    error: Callable[[_Call], AwsError],
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Send an error in the protocol of whichever service was asked."""
    for service in _services_signed_as(signing_name):
        call = _parse(environ, body, service)
        if call is not None:
            return _send(call.serialise(error(call)), start_response)
    start_response("400 Bad Request", [("Content-Type", "text/plain")])
    return [b"the sandbox does not know this request"]


def _expired(call: _Call) -> AwsError:
    code = EXPIRED_CODES.get(call.protocol, "ExpiredTokenException")
    return AwsError(code, "The security token included in the request is expired")


def _unknown(call: _Call) -> AwsError:
    what = f"{call.service.service_name}:{call.operation.name}"
    return AwsError("SandboxNotImplemented", f"{what} is not simulated")


def _send(answer: _Answer, start_response: StartResponse) -> Iterable[bytes]:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    start_response(f"{answer.status} Answered", [(name, str(v)) for name, v in headers.items()])
    return [answer.body]


@cache
def _services_signed_as(signing_name: str) -> tuple[str, ...]:
    """Return the services of a signing name; loads every model, so only errors ask for it."""
    return tuple(_named(signing_name))


def _named(signing_name: str) -> Iterator[str]:
    from botocore.session import get_session  # noqa: PLC0415

    session = get_session()
    names = session.get_available_services()
    yield from (name for name in names if name == signing_name)
    for name in names:
        if name != signing_name and session.get_service_model(name).signing_name == signing_name:
            yield name
