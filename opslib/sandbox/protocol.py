"""AWS requests and answers, each in the protocol of its service, by moto's parsers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.session import Session, get_session
from botocore.utils import parse_timestamp
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol, normalize_request
from moto.core.routing import get_service_router
from moto.core.serialize import JSONSerializer, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

__all__ = ["Answer", "AwsError", "Call", "Environ", "parse_call", "services_signed_as"]

VERSIONED = ("query", "ec2")
"""Protocols whose requests name the version of the API: both of load balancers sign alike."""

Environ = dict[str, Any]


class AwsError(ServiceException):
    """An error as AWS would answer it."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    headers: dict[str, str]
    body: bytes


class _QuickJson(JSONSerializer):
    """Writes lists of numbers and moments at once: one by one, 100,000 take seconds."""

    def _serialize_type_list(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        kind = shape.member.type_name
        if kind == "double":
            self._default_serialize(serialized, list(value), shape, key)
        elif kind == "timestamp":  # whole seconds are as JSON has them
            moments = [one if isinstance(one, int) else _seconds(one) for one in value]
            self._default_serialize(serialized, moments, shape, key)
        else:
            super()._serialize_type_list(serialized, value, shape, key)


def _seconds(moment: datetime) -> int | float:
    """Return a moment as AWS writes it: to the millisecond, whole where it is; naive is UTC."""
    told = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return int(told) if told.is_integer() else round(told, 3)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was understood."""

    service: Any
    operation: Any
    protocol: str
    parameters: dict[str, Any]

    def serialise(self, result: Any) -> Answer:
        """Write a result, or an error, as the service would."""
        is_json = self.protocol == "json"
        known = get_serializer_class(self.service.service_name, self.protocol)
        serialiser = _QuickJson if is_json else known
        out = serialiser(operation_model=self.operation).serialize(result)
        body = out["body"] or b""
        encoded = body if isinstance(body, bytes) else body.encode()
        return Answer(out["status_code"], dict(out["headers"]), encoded)


def parse_call(environ: Environ, body: bytes, service: str) -> Call | None:
    """Return the call of ``service`` that a request makes; None where it is none of it."""
    environ = {**environ, "wsgi.input": io.BytesIO(body)}
    request = normalize_request(Request(environ))
    try:
        operation, url_parameters = get_service_router(service).match(request)
    except (NotFound, NotImplementedError):
        return None
    model = get_service_model(service)
    protocol = determine_request_protocol(model, request.content_type)
    if protocol in VERSIONED and request.values.get("Version") != model.api_version:
        return None
    parser = PROTOCOL_PARSERS[protocol](operation, timestamp_parser=parse_timestamp, map_type=dict)
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
    return Call(model, operation, protocol, dict(parameters))


def services_signed_as(signing_name: str) -> Iterator[str]:
    """Yield the services that sign by a name, the one of the same name first."""
    if signing_name in _session().get_available_services():
        yield signing_name
    yield from _others_signed_as(signing_name)


@cache
def _others_signed_as(signing_name: str) -> tuple[str, ...]:
    """Load every model there is, some seconds: asked for only where the name alone misleads."""
    others = (name for name in _session().get_available_services() if name != signing_name)
    return tuple(
        name for name in others if _session().get_service_model(name).signing_name == signing_name
    )


@cache
def _session() -> Session:
    return get_session()
